"""The one layer that tries again: S3's HTTP, with bounds on time and proof of what came.

botocore and s3fs each try again several times, and what one gives up the other begins anew. Both
are told not to (see ``open_store``); here each request has its attempts, a pause between them,
and about a minute in all. The whole answer is read here too, so that one that hangs, drips or
breaks off half way is tried again like one that never came, and one that is not S3's is not
taken for one that is.
"""

from __future__ import annotations

import asyncio
import ssl
from itertools import count
from typing import Any

import aiohttp
from aiobotocore.awsrequest import AioAWSResponse
from aiobotocore.httpsession import AIOHTTPSession
from botocore.exceptions import (
    BotoCoreError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ProxyConnectionError,
    ReadTimeoutError,
)

from albconn.storage.answers import fault_of_answer
from albconn.storage.patience import Patience, patience
from albconn.storage.received import AnswerError

_LITTLE_HOPE = (AnswerError, EndpointConnectionError, ConnectTimeoutError, ProxyConnectionError)
_BUSY = {429, 500, 502, 503, 504}
# Of status 400: a request that broke off, or was changed, on its way.
_PASSING = (b"<Code>RequestTimeout<", b"<Code>BadDigest<", b"<Code>IncompleteBody<",
            b"<Code>XAmzContentSHA256Mismatch<")  # fmt: skip


class PatientSession(AIOHTTPSession):
    """What aiobotocore sends its requests through (``http_session_cls``)."""

    tries_again = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given: Any = self._timeout
        self._waits = (given.sock_connect or 0.0) + (given.sock_read or 0.0)
        # Who waits for a connection does not yet wait for the store.
        self._free = asyncio.Semaphore(self._max_pool_connections)

    async def send(self, request: Any) -> AioAWSResponse:
        """Send a request and return its whole answer."""
        async with self._free:
            limits = patience()
            total = max(limits.total_seconds, self._allowance(request, limits))
            deadline = _now() + total
            for attempt in count(1):
                pause = limits.pause(attempt)
                try:
                    answer = await self._attempt(request, limits, deadline)
                    if not await _is_passing(answer) or self._is_last(attempt, pause, deadline):
                        return answer
                except (BotoCoreError, AnswerError) as error:
                    hopeless = attempt >= limits.few and isinstance(error, _LITTLE_HOPE)
                    if hopeless or _is_final(error) or self._is_last(attempt, pause, deadline):
                        raise
                await asyncio.sleep(pause)
                request.reset_stream()
            raise AssertionError("unreachable")

    def _allowance(self, request: Any, limits: Patience) -> float:
        """Return how long one attempt may take until its answer is there [s]."""
        size = int(request.headers.get("Content-Length") or 0)
        return self._waits + size / limits.upload_rate

    def _is_last(self, attempt: int, pause: float, deadline: float) -> bool:
        most = patience().attempts if self.tries_again else 1
        return attempt >= most or _now() + pause >= deadline

    async def _attempt(self, request: Any, limits: Patience, deadline: float) -> AioAWSResponse:
        allowed = min(self._allowance(request, limits), deadline - _now())
        try:
            async with asyncio.timeout(allowed):
                answer = await super().send(request)
        except TimeoutError as error:
            raise ReadTimeoutError(endpoint_url=request.url, error=error) from error
        if request.stream_output:
            body = await _whole(answer.raw, limits, request)
            answer = AioAWSResponse(answer.url, answer.status_code, answer.headers, _Held(body))
        else:
            body = await answer.content
        asked = {name: _text(value) for name, value in request.headers.items()}
        fault = fault_of_answer(
            request.method, request.url, asked, answer.status_code, answer.headers, body
        )
        if fault:
            raise AnswerError(fault)
        return answer


class OneAttempt(PatientSession):
    """For who has ordered botocore's own retries: the same bounds, no second attempt."""

    tries_again = False


class _Held:
    """A body that is there already, as the stream that botocore reads it from."""

    url = ""

    def __init__(self, body: bytes) -> None:
        self._body, self._at = body, 0
        self.content = self

    async def read(self, amount: int = -1) -> bytes:
        """Return the next bytes, all that are left by default."""
        end = len(self._body) if amount < 0 else self._at + amount
        piece = self._body[self._at : end]
        self._at += len(piece)
        return piece

    def at_eof(self) -> bool:
        return self._at >= len(self._body)

    def close(self) -> None:
        """Nothing to do: its connection is free already."""


async def _whole(stream: Any, limits: Patience, request: Any) -> bytes:
    """Read a body to its end; give up where a window brings less than the least rate."""
    try:
        return await _read(stream, limits)
    except TimeoutError as error:
        raise ReadTimeoutError(endpoint_url=request.url, error=error) from error
    except aiohttp.ClientError as error:
        raise ConnectionClosedError(
            error=error, request=request, endpoint_url=request.url
        ) from error


async def _read(stream: Any, limits: Patience) -> bytes:
    pieces: list[bytes] = []
    try:
        while True:
            before = sum(map(len, pieces))
            try:
                async with asyncio.timeout(limits.window_seconds):
                    while piece := await stream.content.readany():
                        pieces.append(piece)
                return pieces[0] if len(pieces) == 1 else b"".join(pieces)
            except TimeoutError:
                brought = sum(map(len, pieces)) - before
                if brought < limits.least_rate * limits.window_seconds:
                    raise
    except BaseException:  # whoever is cancelled gives the connection up, too
        stream.close()
        raise


async def _is_passing(answer: AioAWSResponse) -> bool:
    """Say whether another attempt may get another answer."""
    if answer.status_code in _BUSY:
        return True
    if answer.status_code != 400:
        return False
    body = await answer.content
    return any(sign in body for sign in _PASSING)


def _is_final(error: Exception) -> bool:
    """Say whether another attempt cannot help: the certificate is not to be trusted."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, aiohttp.ClientConnectorCertificateError | ssl.CertificateError):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _now() -> float:
    return asyncio.get_running_loop().time()
