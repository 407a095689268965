"""Access logs drawn by chance: lines right by construction, or wrong on purpose."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from worlds.lines import Record
from worlds.request_lines import QUOTED, REQUEST_FIELDS, TAIL, request_line, write_request

WIDTHS = (29, 30, 33, 34, 35, 36, 39)

anything = st.text(max_size=40)

# What may stand between quotes, as pieces that are whole in themselves; a quote and a backslash are
# escaped, by AWS as \x22 and \x5C.
_PIECES = st.sampled_from(
    ["Mozilla/5.0", " ", "  ", "(X11; Linux x86_64)", r"\x22", r"\x5C", r"\"", "\\\\", ",", ":",
     "é", "☃", "𝄞", "\u00a0", "'", "#", "\t", "-", "NULL", "?", "/", "=", "\x85"]
)  # fmt: skip
_quoted = st.lists(_PIECES, min_size=1, max_size=8).map("".join).filter(lambda s: s != "-")
_words = st.text(
    st.characters(codec="utf-8", exclude_characters=' "\n\r'), min_size=1, max_size=12
).filter(lambda s: s != "-")
_instants = st.datetimes(
    min_value=datetime(1970, 1, 1),  # noqa: DTZ001  (hypothesis adds the zone)
    max_value=datetime(2199, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)
_ports = st.integers(0, 65535)
_addresses = st.one_of(
    st.ip_addresses().map(str), st.sampled_from(["54.92.36.xxx", "2001:db8::1", "::ffff:1.2.3.4"])
)
_milliseconds = st.integers(0, 99_999).map(lambda n: n / 1000)
_requests = st.one_of(
    _quoted,
    st.sampled_from(
        ["GET https://www.example.com:443/a?b=c HTTP/1.1", "- http://h:80- -", "- http://h:80-/ ",
         "POST https://[2001:db8::1]:443/ HTTP/2.0", "GET wss://h:443/ws HTTP/1.1", "- - - ",
         r"GET http://h:80/\x22?\x5C HTTP/1.1", "GET http://h:80/a b HTTP/1.1", "GET /x HTTP/1.0"]
    ),
)  # fmt: skip


def _optional(values: st.SearchStrategy) -> st.SearchStrategy:
    return st.one_of(st.none(), values)


@st.composite
def records(draw: st.DrawFn) -> Record:
    """Return one record with all fields."""
    record: Record = {
        name: draw(_optional(_quoted if name in QUOTED else _words)) for name in REQUEST_FIELDS
    }
    numbers = (
        "elb_status_code", "target_status_code", "received_bytes", "sent_bytes",
        "matched_rule_priority",
    )  # fmt: skip
    record |= {name: draw(_optional(st.integers(-1, 10**12))) for name in numbers}
    for name in ("request_processing_time", "target_processing_time", "response_processing_time"):
        record[name] = draw(_optional(_milliseconds))
    record |= {
        "time": draw(_instants),
        "request_creation_time": draw(_optional(_instants)),
        "client_ip": draw(_addresses),
        "client_port": draw(_ports),
        "target_ip": draw(_optional(_addresses)),
        "request_line": draw(_optional(_requests)),
        "conn_trace_id": draw(_optional(_words.map("TID_{}".format))),
    }
    record["target_port"] = None if record["target_ip"] is None else draw(_ports)
    return record


@st.composite
def written(draw: st.DrawFn, width: int) -> tuple[Record, str]:
    """Return a record as a line of ``width`` fields has it, and that line."""
    record = draw(records())
    more = width - len(REQUEST_FIELDS)
    tail = " ".join(draw(st.lists(_words, min_size=more, max_size=more))) if more > 0 else None
    record["extra_fields"] = TAIL if more == 2 else tail
    return record | dict.fromkeys(REQUEST_FIELDS[width:]), write_request(record, width)


_GOOD = request_line("2026-09-23T07:11:27.691358Z", extra_fields=TAIL)
_FIELDS = request_line("2026-09-23T07:11:27.691358Z").split(" ")
_ODD_TEXTS = st.sampled_from(
    ["", "-", '"-"', '""', '"a b"', '"a', 'a"', 'a"b', '"a"b', r'"a\"b"', r'"a\\"', r'"a \\" b"',
     '"', "\\", "abc", "65536", "-1", "-1.0", "-1.000", "-2", '"-1"', "1e3", "nan", "0x1F", "1.5",
     "a:b", "a:", ":1", "1.2.3.4", "[::1]:80", "[::1]", "::1:65536", "a:-", "-:1", "a: 1", '"a :1"',
     "2026-09-23T07:11:27Z", "2026-02-30T00:00:00Z", "é", "\x00", "\t", "TID_", "CID_1",
     '"GET http://h:65536/ x"', '"GET http://[::1/ x"', '"G://h x"', '"GET h2c://h:1/ x"',
     '"- http://h:80- -"', '" "', '"GET  "', '"GET http://h:0x1F/ x"', '"GET http://h?:1/ x"',
     '"GET http://- -"', '"GET http://h:1/- -"', '"x http://h/?- -"', '"a://b: c"']
)  # fmt: skip


@st.composite
def odd_lines(draw: st.DrawFn) -> bytes:
    """Return a line that is good but for up to three fields, of any width."""
    width = draw(st.sampled_from([1, 28, 29, 30, 34, 34, 34, 35, 40]))
    texts = [*_FIELDS, *(["-"] * 6)][:width]
    for _ in range(draw(st.integers(0, 3))):
        texts[draw(st.integers(0, width - 1))] = draw(_ODD_TEXTS)
    return " ".join(texts).encode()


_WHOLE = st.sampled_from(
    [b"", b" ", b"\t", b"\xff\xfe", b'"', b" ".join([b"-"] * 34), _GOOD.encode() + b" \xff tail",
     _GOOD.encode() + b"\r", _GOOD.replace('"', "").encode(), _GOOD.replace('"', "'").encode(),
     _GOOD.encode().replace(b"curl", b"c\xc4rl"), _GOOD.encode().replace(b"curl", b"c\xc3\xa4rl")]
)  # fmt: skip

lines = st.one_of(
    st.sampled_from(WIDTHS).flatmap(written).map(lambda pair: pair[1].encode()),
    odd_lines(),
    _WHOLE,
    st.binary(max_size=40).map(lambda raw: raw.replace(b"\n", b"")),
)


@st.composite
def texts(draw: st.DrawFn) -> bytes:
    """Return whole lines: mostly alike, as in a log, with odd ones strewn in."""
    content = b""
    for count in draw(st.lists(st.integers(0, 70), max_size=4)):
        content += (_GOOD.encode() + b"\n") * count
        for odd in draw(st.lists(lines, max_size=4)):
            content += odd + draw(st.sampled_from([b"\n", b"\n", b"\r\n"]))
    return content
