"""W3C logs say their fields; the delimiter is seen."""

from __future__ import annotations

import pytest

from albconn.logs.formats import w3c
from albconn.schema.connections import CONNECTIONS


@pytest.mark.parametrize("between_names", [" ", "\t", ", "])
@pytest.mark.parametrize("between_values", ["\t", " ", ",", "|", ";"])
def test_names_and_delimiter(between_names: str, between_values: str) -> None:
    names = between_names.join(["time", "client-ip", "new"])
    values = between_values.join(["2026-09-23T07:11:27Z", "192.0.2.1", '"a b"'])
    layout = w3c.describe(f"#Version: 1.0\r\n#Fields: {names}\r\n{values}\n".encode(), CONNECTIONS)
    assert layout is not None
    assert layout.names == ("timestamp", "client_ip", "+new")
    assert (layout.delimiter, layout.format) == (between_values.encode(), "w3c")


def test_a_delimiter_of_several_characters() -> None:
    layout = w3c.describe(b"#Fields: time, elb\n2026-09-23T07:11:27Z, a\n", CONNECTIONS)
    assert layout is not None
    assert layout.delimiter in (b",", b", ")


@pytest.mark.parametrize("head", [b"", b"#", b"# a note\n", b"#Fields: a b\n", b"time elb\n"])
def test_what_is_none(head: bytes) -> None:
    assert w3c.describe(head, CONNECTIONS) is None


def test_where_sections_begin() -> None:
    text = b"#Fields: a\nx #Fields: b\n#fields: c\n#Version: 1\n"
    assert [at for at in range(len(text)) if w3c.names_fields(text, at)] == [0, 24]
