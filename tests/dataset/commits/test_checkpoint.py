"""A checkpoint comes back from JSON as it was, and names pages only."""

from __future__ import annotations

import pytest

from albconn import DatasetError
from albconn.dataset.commits.checkpoint import Checkpoint, Page, TableIndex, parse_commit
from albconn.dataset.commits.record import Totals
from tests.dataset.commits.records import PRIVACY

PATH = "ledger/connections/sources-2026-09-23-00000007-0a1b2c3d.parquet"


def checkpoint(path: str = PATH, retired: str = PATH) -> Checkpoint:
    index = TableIndex(
        PRIVACY,
        1,
        Totals(1, 2, 3, 4, 5, 6),
        sources={"2026-09-23": Page(path, "0" * 64, 5)},
        parts={},
        rejected={"00000": Page(PATH.replace("sources-2026-09-23", "rejected-00000"), "", 1)},
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


@pytest.mark.parametrize(
    "path",
    [
        "../ledger/connections/sources-2026-09-23-00000007-0a1b2c3d.parquet",
        "ledger/notes/sources-2026-09-23-00000007-0a1b2c3d.parquet",
        "connections/date=2026-09-23/part-00000007-a.parquet",
        "/etc/passwd",
    ],
)
def test_a_page_that_lies_elsewhere_is_told(path: str) -> None:
    assert checkpoint(path).misplaced() == [path]
    if "notes" not in path:  # a table that is gone may have left pages
        assert checkpoint(retired=path).misplaced() == [path]


def test_it_stays_small_for_ten_years() -> None:
    pages = {f"{n:010d}": Page(PATH, "0" * 64, 28_800) for n in range(3653)}
    whole = Checkpoint("00000007", {"connections": TableIndex(PRIVACY, 1, sources=pages)})
    assert len(whole.to_json()) < 1 << 20
