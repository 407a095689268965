"""What a run did, added up from its deliveries."""

from __future__ import annotations

from datetime import date

import pytest

from albconn import AlbconnWarning, SourceError
from albconn.dataset.commits.record import Part, SourceEntry
from albconn.dataset.converting.conversion import Conversion, Tally
from albconn.dataset.converting.plan import Plan
from albconn.dataset.converting.work import Delivery
from albconn.errors import IncompleteWarning
from albconn.logs.books import FileBooks
from albconn.schema.connections import CONNECTIONS

CUT = "the gzip stream is truncated"


def part(day: str) -> Part:
    return Part(f"connections/date={day}/part-00000001-aa-0001.parquet", 4, 10, "", 0, 9)


def source(url: str, rows: int, damage: str | None = None) -> SourceEntry:
    return SourceEntry(url, 100, "etag", rows + 1, rows, 1, rows, damage)


def tally() -> Tally:
    first = Delivery((source("a", 4), source("b", 2, CUT)), (part("2026-09-23"),), (), written=5,
                     notable=(FileBooks("b", 100, "e", rows=2, damage=CUT),),
                     wide_lines=1)  # fmt: skip
    replaced = "connections/date=2026-09-21/part-00000000-aa-0001.parquet"
    unread = FileBooks("d", 100, "e", unread="Access Denied")
    second = Delivery((source("c", 1),), (part("2026-09-24"),), (),
                      removes=(replaced, "rejected/00000000.jsonl"), written=1,
                      notable=(unread,))  # fmt: skip
    plan = Plan((), ("changed.gz",), 3)
    return Tally(CONNECTIONS, foreign=2, plan=plan, deliveries=[first, second], batches=2)


def test_deliveries_add_up() -> None:
    done = tally().conversion(1.23456)
    assert (done.files, done.foreign, done.skipped, done.parts, done.batches) == (3, 2, 3, 2, 2)
    assert (done.lines, done.rows, done.rejected) == (10, 7, 3)
    assert (done.filtered, done.written, done.seconds) == (1, 6, 1.235)
    assert (done.changed, done.damaged, done.failed) == (("changed.gz",), ("b",), ("d",))
    assert done.dates == tuple(date(2026, 9, day) for day in (21, 23, 24))


def test_the_numbers_are_json() -> None:
    told = tally().conversion(0).to_dict()
    assert told["dates"] == ["2026-09-21", "2026-09-23", "2026-09-24"]
    assert (told["changed"], told["damaged"], told["failed"]) == (["changed.gz"], ["b"], ["d"])
    assert Conversion().to_dict()["written"] == 0


def test_each_kind_of_thing_is_warned_of_once() -> None:
    with pytest.warns(AlbconnWarning) as caught:
        tally().warn()
    said = [str(warning.message) for warning in caught]
    assert [text.split(",")[0] for text in said] == [
        "1 line has more fields than the 15 known; the rest is kept in extra_fields",
        "1 damaged log file",
        "1 log file could not be read",
        "1 log file changed since it was converted",
    ]
    assert said[3].endswith(
        'first changed.gz; the earlier rows stay; replace them with refresh="replace" (--refresh)'
    )


@pytest.mark.parametrize("skipped", [0, 3])
def test_where_nothing_could_be_read_that_is_an_error(skipped: int) -> None:
    denied = FileBooks("d", 100, "e", unread="Access Denied", advice="ask")
    done = Tally(CONNECTIONS, plan=Plan((), (), skipped),
                 deliveries=[Delivery((), (), (), notable=(denied,))])  # fmt: skip
    # Where others are in the dataset already, it is one of several that could not be read.
    expected = pytest.warns(IncompleteWarning) if skipped else pytest.raises(SourceError)
    with expected as caught:
        done.warn()
    said = str(caught[0].message) if skipped else str(caught.value)  # type: ignore
    assert said.endswith("d: Access Denied; ask")
