"""``benchmarks.soak`` in small: an honest day passes, and a dishonest dataset does not."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.soak import TICKS_AN_HOUR, soak
from worlds.deliveries import COPIES, make_deliveries


def test_half_an_hour(tmp_path: Path) -> None:
    done = soak(tmp_path, ticks=6, kill=0.2, seed=3)
    assert done.faults == []
    assert done.runs > 6
    assert done.looks > 6


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [1, 2])
def test_hours_across_midnight_with_kills(seed: int, tmp_path: Path) -> None:
    done = soak(tmp_path, ticks=4 * TICKS_AN_HOUR, kill=0.5, seed=seed)
    assert done.faults == []
    made = done.deliveries
    assert min(made.late, made.doubled, made.changed, made.cut) > 0
    assert done.killed_at_work > 3  # else nobody was killed at work


def test_a_lost_part_and_a_doubled_one_are_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from benchmarks import soak as module

    honest = module._untrue

    def tampered(made: object, logs: Path, dest: Path) -> list[str]:
        parts = sorted(dest.glob("connections/*/*.parquet"))
        shutil.copy(parts[0], parts[0].with_name("part-99999999-copy-0001.parquet"))
        return honest(made, logs, dest)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "_untrue", tampered)
    faults = soak(tmp_path, ticks=2, kill=0, seed=5).faults
    assert any("rows; delivered" in fault for fault in faults)


def test_what_is_delivered_is_kept_apart_by_key() -> None:
    made = make_deliveries(200, nodes=2, seed=4)
    assert min(made.late, made.doubled, made.changed, made.cut) > 0
    paths = Counter(put.path for put in made.puts)
    assert len(made.rows) == 400
    assert sum(COPIES in path for path in paths) == made.doubled
    assert sum(paths.values()) == 400 + made.doubled + made.changed + made.cut
    assert [put.tick for put in made.puts] == sorted(put.tick for put in made.puts)
