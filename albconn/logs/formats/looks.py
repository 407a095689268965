"""What a file looks like that is no connection log, in a word or two, by its first bytes.

People point this at whatever lies beside the logs: access logs, exports, error pages, archives.
A name says more than ten thousand rejected lines, so each kind has one, told by its content.
What these files hold stays unread; a kind that is to be read becomes a format.

References
----------
AWS, "Access logs for your Application Load Balancer", "VPC Flow Logs", "Amazon S3 server access
logging"; the magic numbers of file(1).
"""

from __future__ import annotations

import re

_TIME = rb"\d{4}-\d\d-\d\dT[0-9:.]+Z?"
_COLUMN = rb"client_ip|tls_protocol|tls_verify_status|listener_port|conn_trace_id|@message"

# Each is matched at the start of the text, without a byte-order mark and blanks; the first counts.
_TEXTS: tuple[tuple[str, re.Pattern[bytes]], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE | re.DOTALL))
    for name, pattern in (
        ("test marker", rb"Enable (?:Connection|Access|HealthCheck)Log for ELB"),
        ("HTML page", rb"<(?:!doctype html|html|head|body)\b"),
        ("XML", rb"<(?:\?xml|Error>)"),
        ("access log", rb"(?:https?|h2|grpcs?|wss?) " + _TIME + rb" [^ ]*/"),
        ("health check log", rb"https? " + _TIME + rb" [-0-9.]+ "),
        ("Network Load Balancer's log", rb"tls [0-9.]+ " + _TIME + rb" "),
        ("Classic Load Balancer's log", _TIME + rb" [^ ]+ [0-9a-f.:]+:\d+ (?:[0-9a-f.:]+:\d+|-) "),
        ("W3C log", rb"#(?:Fields|Version|Software|Date):"),
        ("VPC flow log", rb"(?:version account-id |\d \d{12} eni-)"),
        ("S3 access log", rb"[0-9a-f]{64} [^ ]+ \["),
        ("web server's log", rb"[^ ]+ [^ ]+ [^ ]+ \[\d\d/[a-z]{3}/\d{4}:"),
        ("CloudTrail JSON", rb'\{\s*"Records"\s*:'),
        ("CloudWatch JSON", rb'[\[{][^\n]*"(?:time|timestamp|@?message|logGroup|client_ip)"\s*:'),
        ("CloudWatch JSON", rb'[\[{]\s*"(?:events|results|logEvents|searchedLogStreams)"\s*:'),
        ("JSON", rb'(?:\{\s*"|\[\s*[\[{"])'),
        ("Athena's CSV", rb'"[^"\r\n]*"(?:,"[^"\r\n]*"){2,}\s'),
        ("CSV", rb"[^\r\n]*[,;\t](?:" + _COLUMN + rb")\b"),
        ("CSV", rb'"?' + _TIME + rb'"?[,;\t]'),
    )
)
# By the bytes with which a file begins; those that can be read are read before this is asked.
_MAGIC: tuple[tuple[str, bytes], ...] = (
    ("gzip", b"\x1f\x8b"),
    ("zip archive", b"PK\x03\x04"),
    ("zip archive", b"PK\x05\x06"),
    ("zip archive", b"PK\x07\x08"),
    ("bzip2", b"BZh91AY&SY"),
    ("xz", b"\xfd7zXZ\0"),
    ("Zstandard", b"\x28\xb5\x2f\xfd"),
    ("LZ4", b"\x04\x22\x4d\x18"),
    ("Snappy", b"\xff\x06\0\0sNaPpY"),
    ("compress (.Z)", b"\x1f\x9d"),
    ("7-Zip archive", b"7z\xbc\xaf\x27\x1c"),
    ("RAR archive", b"Rar!\x1a\x07"),
    ("Parquet", b"PAR1"),
    ("ORC", b"ORC\n"),
    ("Avro", b"Obj\x01"),
    ("Arrow", b"ARROW1"),
    ("SQLite database", b"SQLite format 3\0"),
    ("spreadsheet or document", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    ("PDF", b"%PDF-"),
    ("packet capture", b"\xd4\xc3\xb2\xa1"),
    ("packet capture", b"\xa1\xb2\xc3\xd4"),
    ("packet capture", b"\x0a\x0d\x0d\x0a"),
)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_CONTROLS = bytes({*range(32), 127} - set(b"\t\n\v\f\r\x1b"))
_BINARY_SHARE = 0.1  # of bytes that no text has; a text in another code page has fewer
_GAP = bytes(4)
_LOOKED_AT = 4096  # [bytes]
_WITH_AN = {"access log", "HTML page", "S3 access log"}
_COUNTED = ("archive", "capture", "database", "document", "file", "log", "marker", "page")


def what_it_looks_like(head: bytes) -> str | None:
    """Return what a file is that is no connection log, None where its first bytes do not tell.

    Parameters
    ----------
    head : bytes
        The first bytes of the file's content, or of the stored file; a few hundred are enough.

    Returns
    -------
    str or None
        A name without its article: ``access log``, ``CloudWatch JSON``, ``Athena's CSV``,
        ``HTML page``, ``Parquet``, …; ``binary file`` for bytes that are no text.

    Examples
    --------
    >>> what_it_looks_like(b"<!DOCTYPE html>"), what_it_looks_like(b"2026-09-23T07:11:27Z 1.2.3.4 ")
    ('HTML page', None)
    """
    if stored_as := what_its_magic_says(head):
        return stored_as
    text = head[:_LOOKED_AT].removeprefix(_BYTE_ORDER_MARK).lstrip()
    for name, pattern in _TEXTS:
        if pattern.match(text):
            return name
    return "binary file" if is_binary(head) else None


def what_its_magic_says(head: bytes) -> str | None:
    """Return what kind of binary file begins with these bytes, None where none is known to.

    Examples
    --------
    >>> what_its_magic_says(b"PAR1\\x15\\x04")
    'Parquet'
    """
    return next((name for name, magic in _MAGIC if head.startswith(magic)), None)


def is_binary(head: bytes) -> bool:
    """Say whether bytes are no text of any encoding that keeps ASCII as it is.

    Examples
    --------
    >>> is_binary(bytes(range(256))), is_binary("CN=Männik".encode("latin-1"))
    (True, False)
    """
    looked_at = head[:_LOOKED_AT]
    if not looked_at:
        return False
    controls = len(looked_at) - len(looked_at.translate(None, _CONTROLS))
    broken = looked_at.decode("utf-8", "replace").count("\N{REPLACEMENT CHARACTER}")
    many = controls + broken > _BINARY_SHARE * len(looked_at)
    return (controls > 0 and many) or _GAP in looked_at


def with_article(name: str) -> str:
    """Return a name as it stands in a sentence.

    Examples
    --------
    >>> [with_article(name) for name in ("access log", "JSON", "zip archive", "HTML page")]
    ['an access log', 'JSON', 'a zip archive', 'an HTML page']
    """
    if name in _WITH_AN:
        return f"an {name}"
    return f"a {name}" if name.endswith(_COUNTED) and not name.startswith("Athena") else name
