"""What to do about what a store or a disk answers, by its code.

S3 says what is wrong by an error code, botocore by the class of its exception, a disk by its
``errno``. s3fs dresses the first two anew, and what it dressed hangs below as the cause; so the
whole chain is looked at, and no text is searched for what it might mean.

References
----------
AWS, "Error responses", Amazon S3 API Reference.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

Doing = Literal["read", "write"]


# Whose matter an error is: of one file, perhaps of the whole store, or of all for certain.
Scope = Literal["file", "perhaps all", "all"]


class Advice(NamedTuple):
    """What to do when reading and when writing, and whose matter it is."""

    reading: str
    writing: str = ""
    scope: Scope = "file"

    def of(self, doing: Doing) -> str:
        """Return what to do."""
        return self.writing if doing == "write" and self.writing else self.reading


_CREDENTIALS = Advice("give credentials (AWS_PROFILE, a role, or storage_options)", scope="all")
_EXPIRED = Advice("renew the credentials (for example `aws sso login`) and run again", scope="all")
_WRONG_KEY = Advice(
    "check the access key and its secret; they may be of another account, or gone",
    scope="all",
)
_PROFILE = Advice(
    "`aws configure list-profiles` names those there are; check --profile and AWS_PROFILE",
    scope="all",
)
_CLOCK = Advice("the clock of this machine is wrong: set it (NTP) and run again", scope="all")
_REGION = Advice("give the bucket's region (AWS_REGION)", scope="all")
_UNREACHABLE = Advice("check the endpoint, the region and the network", scope="all")
_CERTIFICATE = Advice(
    "the endpoint's certificate is not trusted; check the endpoint, and AWS_CA_BUNDLE where a "
    "proxy has its own",
    scope="all",
)
_BUCKET = Advice("check the bucket and the prefix", "create the bucket first", scope="all")
_KEY = Advice("check the bucket and the prefix")
_RIGHTS = Advice(
    "grant s3:ListBucket on the bucket and s3:GetObject on its log files; if the requester pays, "
    "give --storage-option requester_pays=true",
    "grant list, read, write and delete on the dataset (s3:ListBucket, s3:GetObject, "
    "s3:PutObject, s3:DeleteObject)",
)
_RIGHTS_UNTOLD = Advice(
    "grant s3:ListBucket on the bucket and s3:GetObject on its log files",
    "grant list, read, write and delete on the dataset",
)
_RIGHTS_HERE = Advice(
    "check the path and its rights", "grant list, read, write and delete on the dataset"
)
_KMS = Advice(
    "grant kms:Decrypt on the key", "grant kms:GenerateDataKey and kms:Decrypt on the key"
)
_BUSY = Advice("the store is busy or ill; run again later", scope="perhaps all")
_SLOW = Advice(
    "the store gave no answer in time; run again, or check the network", scope="perhaps all"
)
_ARCHIVED = Advice("it is archived (Glacier); restore it first, then run again")
_CHANGED = Advice("run again")
_ON_THE_WAY = Advice("check what stands between (a proxy, a gateway), and run again")

_BY_CODE = {
    **dict.fromkeys(("ExpiredToken", "RequestExpired", "TokenRefreshRequired",
                     "ExpiredTokenException", "InvalidToken"), _EXPIRED),
    **dict.fromkeys(("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidClientTokenId",
                     "UnrecognizedClientException", "AuthFailure"), _WRONG_KEY),
    **dict.fromkeys(("CredentialsNotSupported", "MissingSecurityHeader",
                     "MissingAuthenticationToken"), _CREDENTIALS),
    "RequestTimeTooSkewed": _CLOCK,
    **dict.fromkeys(("PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed",
                     "IllegalLocationConstraintException", "301", "307"), _REGION),
    "NoSuchBucket": _BUCKET,
    **dict.fromkeys(("NoSuchKey", "NoSuchVersion", "404"), _KEY),
    **dict.fromkeys(("AccessDenied", "AllAccessDisabled", "AccountProblem", "InvalidPayer",
                     "403"), _RIGHTS),
    **dict.fromkeys(("SlowDown", "ServiceUnavailable", "InternalError", "Throttling",
                     "ThrottlingException", "RequestLimitExceeded", "BandwidthLimitExceeded",
                     "429", "500", "502", "503", "504"), _BUSY),
    "RequestTimeout": _SLOW,
    **dict.fromkeys(("InvalidObjectState",), _ARCHIVED),
    **dict.fromkeys(("PreconditionFailed", "412"), _CHANGED),
    **dict.fromkeys(("KMS.DisabledException", "KMS.NotFoundException",
                     "KMS.KMSInvalidStateException"), Advice("the key of its encryption is "
                     "disabled or gone; enable it")),
    "400": Advice("check the credentials, which may have expired, and the region"),
}  # fmt: skip

_BY_CLASS = {
    **dict.fromkeys(("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError",
                     "NoAuthTokenError"), _CREDENTIALS),
    **dict.fromkeys(("SSOError", "TokenRetrievalError", "RefreshWithMFAUnsupportedError"),
                    _EXPIRED),
    "ProfileNotFound": _PROFILE,
    "NoRegionError": _REGION,
    "ParamValidationError": _BUCKET,
    **dict.fromkeys(("AnswerError", "FlexibleChecksumError", "ResponseParserError"), _ON_THE_WAY),
    **dict.fromkeys(("SSLError",), _CERTIFICATE),
    **dict.fromkeys(("ReadTimeoutError", "ConnectionClosedError", "FSTimeoutError"), _SLOW),
    **dict.fromkeys(("EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError",
                     "InvalidEndpointConfigurationError", "ConnectionError", "TimeoutError",
                     "gaierror"), _UNREACHABLE),
}  # fmt: skip

_BY_ERRNO = {
    **dict.fromkeys((errno.EACCES, errno.EPERM), _RIGHTS_HERE),
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), Advice("make room there")),
    errno.EROFS: Advice("the disk is mounted read-only; give another destination"),
    errno.ELOOP: Advice("the link leads to itself; remove it or name the file"),
    errno.EISDIR: Advice("it is a folder; name the file, or the folder that holds it"),
    errno.ENOTDIR: Advice("a part of the path is a file; check the path"),
    errno.ENAMETOOLONG: Advice("the name is too long for the disk; give a shorter path"),
    errno.EIO: Advice("the disk cannot read or write there; check it, then run again"),
    errno.ESTALE: Advice("the network disk has lost it; run again"),
    errno.EMFILE: Advice("too many files are open; raise the limit (ulimit -n)"),
}


def chain_of(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it was raised from, each once."""
    seen: set[int] = set()
    inner: BaseException | None = error
    while inner is not None and id(inner) not in seen:
        seen.add(id(inner))
        yield inner
        inner = inner.__cause__ or inner.__context__


def answer_of(error: BaseException) -> dict[str, Any]:
    """Return what S3 answered: ``Error`` and ``ResponseMetadata``; empty where it did not."""
    for each in chain_of(error):
        answer = getattr(each, "response", None)
        if isinstance(answer, dict) and isinstance(answer.get("Error"), dict):
            return answer
    return {}


def code_of(error: BaseException) -> str | None:
    """Return the error code of S3's answer, None where there was none."""
    code = answer_of(error).get("Error", {}).get("Code")
    return str(code) if code else None


def advice_about(error: BaseException) -> Advice | None:
    """Return what to do about an error, None where nothing is known of it."""
    answer = answer_of(error)
    if answer:
        told = answer["Error"]
        known = _BY_CODE.get(str(told.get("Code"))) or _by_status(answer)
        if known is None:
            return None
        if known is _RIGHTS and "kms:" in str(told.get("Message", "")).lower():
            return _KMS  # the code does not tell whose refusal it is
        if known is _REGION and (region := _right_region(answer)):
            return known._replace(reading=f"the bucket is in {region}: set AWS_REGION={region}")
        return known
    for each in chain_of(error):
        by_class = next((_BY_CLASS[c.__name__] for c in type(each).__mro__
                         if c.__name__ in _BY_CLASS), None)  # fmt: skip
        by_number = _BY_ERRNO.get(each.errno or 0) if isinstance(each, OSError) else None
        if found := by_number or by_class:
            return found
    if isinstance(error, PermissionError):
        return _RIGHTS_UNTOLD
    return _KEY if isinstance(error, FileNotFoundError) else None


def _by_status(answer: dict[str, Any]) -> Advice | None:
    """Return what to do where the code is none that is known; 400 alone says nothing then."""
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return None if status == 400 else _BY_CODE.get(str(status))


def _right_region(answer: dict[str, Any]) -> str | None:
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return answer["Error"].get("Region") or headers.get("x-amz-bucket-region")
