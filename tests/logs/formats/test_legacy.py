"""AWS's own text files are known by their first line or their name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from albconn.logs.formats import legacy
from albconn.schema.connections import CONNECTIONS
from worlds.lines import line
from worlds.trees import log_path


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (line("2026-09-23T07:11:27.691358Z").encode(), True),
        (b"2026-09-23T07:11:27Z 203.0.113.7", True),
        (b"2026-09-23T07:11:27.691358 203.0.113.7", True),
        (b"2026-09-23T07:11:27.691358Z\t203.0.113.7", False),
        (b"2026-09-23 07:11:27Z 203.0.113.7", False),
        (b" 2026-09-23T07:11:27.691358Z 203.0.113.7", False),
        (b"2026-09-23T07:11:27", False),  # too short to say
        (b'{"timestamp": "2026-09-23T07:11:27Z"}', False),
        (b"PAR1", False),
        (b"", False),
    ],
)
def test_content(head: bytes, expected: bool) -> None:
    assert legacy.recognises(head) is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("conn_log.log.gz", True),
        ("conn_log_x.log", True),
        ("conn_log_x.parquet", False),
        ("copy of conn_log_x.log.gz", False),
        ("", False),
    ],
)
def test_name(name: str, expected: bool) -> None:
    assert legacy.names(name) is expected


def test_the_name_that_aws_gives(tmp_path) -> None:
    assert legacy.names(log_path(tmp_path, "20260923T0710Z").name)


def test_the_layout_is_the_tables_lines() -> None:
    layout = legacy.layout(CONNECTIONS)
    assert layout.names == CONNECTIONS.columns[:15]
    assert (layout.names[0], layout.names[14]) == ("timestamp", "ip_address")
    assert (layout.fewest_fields, layout.delimiter, layout.null) == (11, b" ", b"-")
    assert legacy.layout(CONNECTIONS) is layout
    assert legacy.layout(replace(CONNECTIONS, name="others", fewest_fields=5)).fewest_fields == 5
