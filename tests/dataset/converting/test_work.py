"""An order carried out: written, counted, and not yet committed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from albconn.dataset.commits.layout import batch_name
from albconn.dataset.commits.ledger import load_state
from albconn.dataset.converting.work import Delivery, Order, run_order
from albconn.logs.find.selection import EVERYTHING, make_selection
from albconn.logs.find.sources import list_log_files
from albconn.schema.connections import CONNECTIONS
from albconn.storage.store import open_dest
from tests.dataset.on_disk import part_files

MIDNIGHT = datetime(2026, 9, 24, tzinfo=UTC)


def delivered(logs: Path, dest: Path, **order: object) -> Delivery:
    files = list_log_files(logs, selection=EVERYTHING).log_files
    given = {"wanted": (EVERYTHING,)} | order
    return run_order(Order(str(dest), CONNECTIONS, batch_name(1), tuple(files), **given))  # type: ignore[arg-type]


def test_it_is_written_and_not_committed(logs: Path, tmp_path: Path) -> None:
    dest = tmp_path / "out"
    delivery = delivered(logs, dest)
    assert [(s.lines, s.rows, s.rejected, s.written) for s in delivery.sources] == [
        (10, 10, 0, 10), (3, 2, 1, 2), (4, 4, 0, 4),
    ]  # fmt: skip
    assert delivery.written == sum(part.rows for part in delivery.parts) == 16
    assert [kept.lines for kept in delivery.rejected] == [1]
    assert (part_files(dest), load_state(open_dest(dest))) == ([], None)
    staged = {f"staging/{part.path}" for part in delivery.parts}
    assert staged < set(open_dest(dest).staged())


def test_what_was_there_from_earlier_is_not_written_again(logs: Path, tmp_path: Path) -> None:
    early, late = make_selection(end=MIDNIGHT), make_selection(start=MIDNIGHT)
    assert delivered(logs, tmp_path / "a", wanted=(early,)).written == 12
    rest = delivered(logs, tmp_path / "b", earlier=(early,))
    assert rest.written == 4
    assert rest.rejected == ()  # the first reading has recorded them
    assert delivered(logs, tmp_path / "c", wanted=(early, late)).written == 16


def test_an_order_knows_its_size(logs: Path, tmp_path: Path) -> None:
    files = tuple(list_log_files(logs, selection=EVERYTHING).log_files)
    order = Order(str(tmp_path), CONNECTIONS, batch_name(1), files, (EVERYTHING,))
    assert order.size == sum(path.stat().st_size for path in logs.rglob("*.gz"))
