"""How many words stand before the record in a line."""

from __future__ import annotations

import pytest

from albconn.logs.formats import events, known_layout
from albconn.schema.connections import CONNECTIONS
from worlds.lines import line

TIME = b"2026-09-23T07:15:00.123Z"
JSON = b'{"time":"2026-09-23T07:11:27Z","client_ip":"192.0.2.1"}'
LEGACY = line("2026-09-23T07:11:27.691358Z").encode()


@pytest.mark.parametrize(
    ("head", "lead"),
    [
        (TIME + b" " + JSON, 1),
        (TIME + b" stream " + JSON, 2),
        (b"2026-09-23T07:15:00+00:00 a/b [c] " + JSON, 3),
        (TIME + b" " + LEGACY, 1),
        (TIME + b" stream " + LEGACY, 2),
        (TIME + b" stream " + LEGACY.replace(b" ", b","), 2),
        (LEGACY, 0),
        (LEGACY.replace(b" ", b","), 0),
        (JSON, 0),
        (b"", 0),
        (b"x y {", 0),
    ],
)
def test_words_before_the_record(head: bytes, lead: int) -> None:
    assert events.lead_of(head + b"\n") == lead


def test_what_carried_it_is_told() -> None:
    told = []
    for head in (TIME + b" " + JSON, TIME + b" stream " + LEGACY):
        layout = known_layout(head + b"\n", CONNECTIONS)
        assert layout is not None
        told.append((layout.format, layout.lead))
    assert told == [("json in CloudWatch export", 1), ("legacy in aws logs tail", 2)]
    assert events.without_lead(TIME + b" s " + JSON + b"\n", 2) == JSON + b"\n"
