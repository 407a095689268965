"""CSV is known by a first line of names."""

from __future__ import annotations

import pytest

from albconn.logs.formats import header
from albconn.schema.connections import CONNECTIONS


@pytest.mark.parametrize(
    ("line", "names", "delimiter"),
    [
        (b'"time","client_ip"', ("timestamp", "client_ip"), b","),
        (b"time\tclient_ip\telb", ("timestamp", "client_ip", "elb"), b"\t"),
        (b"client_ip;timestamp", ("client_ip", "timestamp"), b";"),
        (b",timestamp,client_ip", ("-@0", "timestamp", "client_ip"), b","),
        (b"@timestamp,tls_protocol,@ptr", ("timestamp", "tls_protocol", "-@ptr"), b","),
    ],
)
def test_names(line: bytes, names: tuple[str, ...], delimiter: bytes) -> None:
    layout = header.describe(line + b"\r\nx\n", CONNECTIONS)
    assert layout is not None
    assert (layout.names, layout.delimiter, layout.header) == (names, delimiter, line)


@pytest.mark.parametrize(
    "line",
    [b"", b"time", b"a,b", b"time,time,elb", b'"time,elb', b"\xff,time,elb", b"time,elb," * 9000,
     b",".join(b"c%d" % n for n in range(70)) + b",time,elb"],
)  # fmt: skip
def test_what_is_none(line: bytes) -> None:
    assert header.describe(line + b"\n", CONNECTIONS) is None
