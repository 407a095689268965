"""Charts are drawn elsewhere and come back the same; what cannot be is drawn here."""

from __future__ import annotations

from pathlib import Path

import pytest

import albconn as ac
from albconn.report.drawing import Chart, draw
from albconn.report.studio import Studio
from worlds.rows import connection, frame_of

RATES = ac.failure_rate(frame_of([connection(30 * n) for n in range(60)]), every="5min")
CHARTS = [Chart(f"chart_{n}", "plot_failure_rate", RATES) for n in range(4)]


@pytest.mark.parametrize("processes", [0, 2])
def test_wherever_it_is_drawn_it_is_the_same_picture(processes: int, tmp_path: Path) -> None:
    seen: list[int] = []
    with Studio(processes) as studio:
        for chart in CHARTS:
            studio.draw(chart, tmp_path)
        pictures = studio.finish(seen.append)
    assert set(pictures) == {chart.name for chart in CHARTS}
    assert pictures["chart_1"] == draw(CHARTS[1], tmp_path)
    assert len(list(tmp_path.glob("*.png"))) == len(list(tmp_path.glob("*.svg"))) == len(CHARTS)
    assert seen
    assert seen[-1] == len(CHARTS)


def test_a_process_that_dies_costs_nothing(tmp_path: Path) -> None:
    with Studio(1) as studio:
        studio._processes[0].kill()
        for chart in CHARTS:
            studio.draw(chart, tmp_path)
        assert len(studio.finish()) == len(CHARTS)


def test_an_error_is_raised_where_it_is_seen(tmp_path: Path) -> None:
    with Studio(1) as studio:
        studio.draw(Chart("wrong", "plot_failure_rate", RATES, {"timezone": "Nowhere"}), tmp_path)
        with pytest.raises(ac.TableError, match="timezone: 'Nowhere' is not known"):
            studio.finish()


def test_its_processes_end_with_it() -> None:
    with Studio(2) as studio:
        processes = list(studio._processes)
    assert all(process.poll() is not None for process in processes)
