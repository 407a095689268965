"""One line, by hand: what it means, and what is said of a line that means nothing."""

from __future__ import annotations

import pytest

from albconn import LineError
from albconn.logs.lines.exact import decode
from tests.logs.lines.legacy import LINE_NAMES, parse_line, split_line

GOOD = (
    "2026-09-23T07:11:27.691358Z 198.18.71.40 64326 443 TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256 "
    '0.337 "-" - - Success TID_1 secp256r1 app/web/0123456789abcdef 192.0.2.57'
)


def changed(field: str, text: str) -> str:
    texts: list[str] = list(GOOD.split(" "))
    texts[LINE_NAMES.index(field)] = text
    return " ".join(texts)


def value(line: str, field: str) -> object:
    return parse_line(line).values[LINE_NAMES.index(field)]


@pytest.mark.parametrize(
    ("logged", "raw"),
    [
        ('"CN=a,O=b"', "CN=a,O=b"),
        ('"CN=my client, Inc."', "CN=my client, Inc."),
        (r'"CN=M\C3\84NNIK\,X"', r"CN=M\C3\84NNIK\,X"),
        (r'"CN=say \"hi\" now"', r"CN=say \"hi\" now"),
        (r'"CN=say \x22hi\x22"', r"CN=say \x22hi\x22"),
        (r'"CN=ends in \\"', r"CN=ends in \\"),
        (r'"CN=\\\" x"', r"CN=\\\" x"),
        ('"CN=Škoda ☃"', "CN=Škoda ☃"),
        ("CN=bare", "CN=bare"),
        ('"-"', None),
        ('""', None),
        ("-", None),
    ],
)
def test_subject_is_kept_raw(logged: str, raw: str | None) -> None:
    line = changed("leaf_client_cert_subject", logged)
    assert value(line, "leaf_client_cert_subject") == raw
    assert value(line, "ip_address") == "192.0.2.57"


def test_quoted_verify_status_reads_like_a_plain_one() -> None:
    line = changed("tls_verify_status", '"Failed:ClientCertExpired"')
    assert value(line, "tls_verify_status") == "Failed:ClientCertExpired"


@pytest.mark.parametrize("tail", ["x", "-", '"-"', '"a b" c', "a  b ", '"open', "\\ \t"])
def test_tail_is_kept_verbatim(tail: str) -> None:
    assert parse_line(f"{GOOD} {tail}").extra_fields == tail
    assert parse_line(GOOD).extra_fields is None


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        ("client_port", "abc", "client_port: 'abc' is not a port; expected 0–65535"),
        ("client_port", "65536", "client_port: '65536' is not a port; expected 0–65535"),
        ("client_port", "0x1F", "client_port: '0x1F' is not a port; expected 0–65535"),
        ("client_port", "+443", "client_port: '+443' is not a port; expected 0–65535"),
        ("listener_port", "-1", "listener_port: '-1' is not a port; expected 0–65535"),
        (
            "timestamp",
            "2026-09-23T07:11:27.691358",
            "timestamp: '2026-09-23T07:11:27.691358' is not a time; "
            "expected 2026-09-23T07:11:27.691358Z",
        ),
        ("timestamp", "-", "timestamp: '-' is not a time; expected 2026-09-23T07:11:27.691358Z"),
        (
            "tls_handshake_latency",
            "fast",
            "tls_handshake_latency: 'fast' is not a duration; expected seconds such as 0.337",
        ),
        (
            "tls_handshake_latency",
            "nan",
            "tls_handshake_latency: 'nan' is not a duration; expected seconds such as 0.337",
        ),
        (
            "tls_protocol",
            "",
            "tls_protocol: field 5 is empty; fields are separated by one space",
        ),
        (
            "leaf_client_cert_subject",
            '"CN=a"b',
            "leaf_client_cert_subject: the quoted text "
            "'\"CN=a\"b - - Success TID_1 secp256r1 app/web/0123456789abcdef 192.0.2.57' "
            "does not end at a quote and a space",
        ),
    ],
)
def test_message_names_field_value_and_expectation(field: str, text: str, message: str) -> None:
    with pytest.raises(LineError) as caught:
        parse_line(changed(field, text))
    assert str(caught.value) == message


def test_foreign_value_is_cut_in_the_message() -> None:
    with pytest.raises(LineError) as caught:
        parse_line(changed("client_port", "9" * 500))
    shown = str(caught.value).removeprefix("client_port: ").partition(" is not a port")[0]
    assert shown == "'" + "9" * 78 + "…"


def test_too_few_fields() -> None:
    with pytest.raises(LineError, match=r"^fields: 10 found; expected at least 11$"):
        parse_line(" ".join(GOOD.split(" ")[:10]))
    assert parse_line(" ".join(GOOD.split(" ")[:11])).width == 11


def test_width_counts_the_tail() -> None:
    assert [parse_line(GOOD + tail).width for tail in ("", " a", " a b")] == [15, 16, 17]


def test_split_line_stops_at_fifteen() -> None:
    texts, tail = split_line(" ".join("abcdefghijklmnopq"))
    assert texts == list("abcdefghijklmno")
    assert tail == "p q"


def test_bytes_that_are_not_utf8_stay_visible() -> None:
    assert decode(b"CN=M\xc4NNIK \xe2\x98\x83") == "CN=M\\xc4NNIK ☃"
