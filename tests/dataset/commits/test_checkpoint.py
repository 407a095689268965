"""A checkpoint comes back from JSON as it was, and names pages only."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from albconn import DatasetError
from albconn.dataset.commits.checkpoint import Checkpoint, Page, Pages, TableIndex, parse_commit
from albconn.dataset.commits.record import Totals
from tests.dataset.commits.records import PRIVACY

PATH = "ledger/connections/sources-2026-09-23-00000007-0a1b2c3d.pq"


def checkpoint(retired: str = PATH) -> Checkpoint:
    index = TableIndex(
        PRIVACY,
        1,
        Totals(1, 2, 3, 4, 5, 6),
        sources={"2026-09-23": Page(PATH, "0" * 64, 5)},
        parts={},
        rejected={"00000": Page(PATH.replace("sources-2026-09-23", "rejected-00000"), "f" * 64, 1)},
    )
    tables = {"connections": index}
    return Checkpoint("00000007", tables, previous="1" * 64, retired=(retired,))


def test_json_there_and_back() -> None:
    whole = checkpoint()
    assert parse_commit(whole.to_json(), "here") == whole
    assert whole.misplaced() == []


def test_a_damaged_one_is_named() -> None:
    for wrong in (b'"totals"', b'"retired"', b'"previous"'):
        with pytest.raises(DatasetError, match="here: not a commit record"):
            parse_commit(checkpoint().to_json().replace(wrong, b'"else"'), "here")
    with pytest.raises(DatasetError, match="here: not a commit record"):
        parse_commit(
            b'{"format":3,"batch":"1","previous":null,"checkpoint":[],"retired":[]}', "here"
        )


@pytest.mark.parametrize("name", ["../outside", "rejected", "manifest", "staging", "a/b", "", "Ä"])
def test_a_table_that_lies_elsewhere_is_told(name: str) -> None:
    whole = checkpoint()
    moved = Checkpoint(whole.batch, {name: whole.tables["connections"]})
    assert moved.misplaced() == [name]
    assert parse_commit(moved.to_json(), "here").misplaced() == [name]


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "connections/date=2026-09-23/part-00000007-a.parquet"]
)
def test_what_is_retired_and_no_page_is_told(path: str) -> None:
    assert checkpoint(retired=path).misplaced() == [path]


def test_a_page_cannot_lie_elsewhere() -> None:
    """Its path is made of the table, the kind, and a line that names nothing else."""
    told = f"2026-09-23 00000007-0a1b2c3d {'0' * 64} 5"
    assert Pages("connections", "sources", told)["2026-09-23"].path == PATH
    for line in (told.replace("-0a", "-../0a"), "../2026" + told, told[:-1], "x", told + " 7"):
        with pytest.raises(DatasetError, match="names no page"):
            len(Pages("connections", "sources", line))


def test_pages_are_parsed_when_they_are_asked_for() -> None:
    whole = parse_commit(checkpoint().to_json(), "here")
    assert isinstance(whole, Checkpoint)
    pages = whole.tables["connections"].sources
    assert "_pages" not in vars(pages)
    assert list(pages) == ["2026-09-23"]
    assert dict(Pages("t", "parts")) == {}


def test_it_stays_small_for_ten_years() -> None:
    start = date(2026, 1, 1)
    days = [f"{start + timedelta(n)}" for n in range(3653)]
    pages = {day: Page(PATH.replace("2026-09-23", day), "0" * 64, 28_800) for day in days}
    whole = Checkpoint("00000007", {"connections": TableIndex(PRIVACY, 1, sources=pages)})
    assert len(whole.to_json()) < 400_000
