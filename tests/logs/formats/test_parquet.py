"""Parquet is known by its first bytes and its columns."""

from __future__ import annotations

from albconn.logs.formats import parquet
from albconn.schema.connections import CONNECTIONS


def test_first_bytes_and_columns() -> None:
    assert parquet.recognises(b"PAR1\x15\x04")
    assert not parquet.recognises(b"PAR")
    layout = parquet.describe(["time", "client_ip", "x"], CONNECTIONS)
    assert layout is not None
    assert (layout.names, layout.format) == (("timestamp", "client_ip", "+x"), "parquet")
    assert parquet.describe(["a", "b"], CONNECTIONS) is None
