"""Worlds drawn by chance: lines right by construction or wrong on purpose, and connections."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from worlds.lines import API, LINE_FIELDS, SHOP, UNMAPPED, Record, line, write_line
from worlds.rows import BEGIN, Row

WIDTHS = (11, 12, 13, 14, 15, 16, 17)

# Raw subjects: what may stand between the quotes, as pieces that are whole in themselves.
_PIECES = st.sampled_from(
    ["CN=", "O=", "a", "Z", " ", ",", "=", r"\,", r"\C3\84", r"\"", r"\x22", r"\x5C", "\\\\",
     "é", "☃", "𝄞", "\x85", "\u2028", "\u00a0", "'", "#", "\t", "\x00", ";", "NULL", "nan"]
)  # fmt: skip
subjects = st.lists(_PIECES, min_size=1, max_size=12).map("".join).filter(lambda s: s != "-")
_words = st.text(
    st.characters(codec="utf-8", exclude_characters=' "\n\r'), min_size=1, max_size=12
).filter(lambda s: s != "-")
_serials = st.text("0123456789ABCDEF", min_size=2, max_size=40)
_statuses = st.one_of(st.just("Success"), _words.map("Failed:{}".format))
_instants = st.datetimes(
    min_value=datetime(1970, 1, 1),  # noqa: DTZ001  (hypothesis adds the zone)
    max_value=datetime(2199, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)
_ports = st.integers(0, 65535)
_addresses = st.one_of(
    st.ip_addresses().map(str), st.sampled_from(["54.92.36.xxx", "2001:db8::1", "::ffff:1.2.3.4"])
)
_TAIL_PIECES = st.sampled_from(["-", '"-"', '"a b"', "x", "", r'"q \" q"', '"open', "é"])


def _optional(values: st.SearchStrategy) -> st.SearchStrategy:
    return st.one_of(st.none(), values)


@st.composite
def records(draw: st.DrawFn) -> Record:
    """Return one record with all fields; ``extra_fields`` is what an overlong line ends in."""
    record = {name: draw(_optional(_words)) for name in LINE_FIELDS}
    record |= {
        "timestamp": draw(_instants),
        "client_ip": draw(_addresses),
        "client_port": draw(_ports),
        "listener_port": draw(_ports),
        "tls_handshake_latency": draw(_optional(st.integers(0, 99_999).map(lambda n: n / 1000))),
        "leaf_client_cert_subject": draw(_optional(subjects)),
        "leaf_client_cert_validity": "NotBefore=" + draw(_words),
        "leaf_client_cert_serial_number": draw(_optional(_serials)),
        "tls_verify_status": draw(_optional(_statuses)),
        "conn_trace_id": draw(_optional(_words.map("TID_{}".format))),
    }
    if record["leaf_client_cert_subject"] is None:
        record["leaf_client_cert_validity"] = None
    return record


@st.composite
def written(draw: st.DrawFn, width: int) -> tuple[Record, str]:
    """Return a record as a line of ``width`` fields has it, and that line."""
    record = draw(records())
    count = width - len(LINE_FIELDS)
    tail = " ".join(draw(st.lists(_words, min_size=count, max_size=count))) if count > 0 else None
    record["extra_fields"] = tail
    return record | dict.fromkeys(LINE_FIELDS[width:]), write_line(record, width)


_LINE = line(
    "2026-09-23T07:11:27.691358Z", client_ip="198.18.71.40", client_port=64326,
    tls_protocol="TLSv1.2", tls_cipher="ECDHE", tls_handshake_latency=0.337,
    conn_trace_id="TID_1", ip_address="192.0.2.57",
)  # fmt: skip
_GOOD = _LINE.split(" ")
_ODD_TEXTS = st.sampled_from(
    ["", "-", '"-"', '""', '"a b"', '"a', 'a"', 'a"b', '"a"b', r'"a\"b"', r'"a\\"', r'"a \\" b"',
     '"', "\\", "abc", "65536", "-1", '"443"', '" 443"', "443.5", "1e3", "nan", "inf", "-0.5",
     "2026-09-23T07:11:27Z", "2026-09-23T09:11:27.5+02:00", "2026-02-30T00:00:00Z",
     "0000-01-01T00:00:00Z",
     "0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00", "2026-09-23",
     "é", "\x00", "\t", "\x85", "\ufeff", '"x\x00 y"', ",", "#", "null", "a\rb", '"\r"',
     "+43", "0x1F", "4_3", "NotBefore=", "NotBefore", "Success", "Failed", "Denied", "TID_",
     "CID_1", "0A", "zz"]
)  # fmt: skip


@st.composite
def odd_lines(draw: st.DrawFn) -> bytes:
    """Return a line that is good but for up to three fields, of any width."""
    width = draw(st.sampled_from([1, 10, 11, 12, 13, 15, 15, 15, 16, 18]))
    texts = [*_GOOD, "x", "-", '"t u"'][:width]
    for _ in range(draw(st.integers(0, 3))):
        texts[draw(st.integers(0, width - 1))] = draw(_ODD_TEXTS)
    return " ".join(texts).encode()


_WHOLE = st.sampled_from(
    [b"", b" ", b"   ", b"\t", b"\xff\xfe", b"\x1f\x8b", b'"', b" ".join([b"-"] * 15),
     _LINE.encode() + b" \xff tail", _LINE.encode() + b" ",
     _LINE.encode() + b"\r", _LINE.replace(" ", "\t", 1).encode(),
     _LINE.encode().replace(b'"-"', b'"CN=M\xc4NNIK x"')]
)  # fmt: skip


@st.composite
def without_quotes(draw: st.DrawFn) -> bytes:
    """Return a good line of a client with a certificate, whose quotes got lost on the way."""
    names = draw(st.lists(st.sampled_from(["CN=a", "b", "-", "Success", "AB", ","]), min_size=1))
    quoted = line(
        "2026-09-23T07:11:27.691358Z", leaf_client_cert_subject=" ".join(names),
        leaf_client_cert_validity="NotBefore=2023-09-21T22:43:21Z;NotAfter=2026-06-17T22:43:21Z",
        leaf_client_cert_serial_number="03A5B1", width=draw(st.sampled_from(WIDTHS)),
    )  # fmt: skip
    return quoted.replace('"', draw(st.sampled_from(["", "", "'", '""']))).encode()


lines = st.one_of(
    st.sampled_from(WIDTHS).flatmap(written).map(lambda pair: pair[1].encode()),
    odd_lines(),
    without_quotes(),
    _WHOLE,
    st.binary(max_size=40).map(lambda raw: raw.replace(b"\n", b"")),
)


@st.composite
def texts(draw: st.DrawFn) -> bytes:
    """Return whole lines: mostly alike, as in a log, with odd ones strewn in."""
    usual = " ".join(_GOOD[: draw(st.sampled_from([11, 12, 13, 15]))]).encode()
    many = draw(st.lists(st.integers(0, 70), max_size=4))
    content = b""
    for count in many:
        content += (usual + b"\n") * count
        for odd in draw(st.lists(lines, max_size=4)):
            content += odd + draw(st.sampled_from([b"\n", b"\n", b"\r\n"]))
    return content


_REASONS = [None, UNMAPPED, "ClientCertExpired", "ClientCertUntrusted", "SomethingNew"]
_OUTCOMES = st.sampled_from(["success", "success", "failed", "failed", None])


@st.composite
def rows_of(draw: st.DrawFn) -> Row:
    outcome = draw(_OUTCOMES)
    reason = draw(st.sampled_from(_REASONS)) if outcome == "failed" else None
    status = {"success": "Success", "failed": f"Failed:{reason}", None: None}[outcome]
    return {
        "timestamp": BEGIN + timedelta(microseconds=draw(st.integers(-(10**9), 10**9))),
        "client_ip": draw(
            st.sampled_from(
                [
                    "203.0.113.7",
                    "203.0.113.9",
                    "198.51.100.1",
                    "54.92.36.xxx",
                    "2001:db8::1",
                    "2001:db8::2",
                    "::ffff:203.0.113.7",
                    None,
                ]
            )
        ),
        "listener_port": draw(st.sampled_from([80, 443, 8443])),
        "elb": draw(st.sampled_from([SHOP, API, None])),
        "tls_protocol": draw(st.sampled_from(["TLSv1.2", "TLSv1.3", None])),
        "tls_handshake_latency": draw(
            st.one_of(st.none(), st.integers(0, 40).map(lambda n: n / 1000))
        ),
        "tls_verify_status": status,
        "outcome": outcome,
        "failure_reason": reason,
    }


many_rows = st.lists(rows_of(), max_size=40)
