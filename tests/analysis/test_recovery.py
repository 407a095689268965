"""Did they come back? And are failures few clients' or everyone's?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from albconn.analysis.recovery import recoveries
from worlds.rows import Row, connection, frame_of
from worlds.strategies import many_rows


def tries(client: str, *outcomes: tuple[float, str | None]) -> list[Row]:
    return [connection(at, reason, client_ip=client) for at, reason in outcomes]


def test_by_hand() -> None:
    rows = [
        *tries("10.0.0.1", (0, None), (5, "A"), (6, "B"), (7, "B"), (9.5, None), (20, "A")),
        *tries("10.0.0.2", (1, "A"), (2, "A")),
        *tries("10.0.0.3", (1, None), (2, None)),
        *tries("10.0.0.4", (1, "A"), (61, None)),
    ]
    table = recoveries(frame_of(rows))
    assert list(table["client_ip"]) == ["10.0.0.2", "10.0.0.4", "10.0.0.1"]
    columns = ["failures", "attempts", "recovered", "still_failing", "top_reason"]
    assert table[columns].values.tolist() == [
        [2, 2, False, True, "A"],
        [1, 2, True, False, "A"],
        [4, 4, True, True, "A"],
    ]
    assert np.isnan(table["seconds_to_success"][0])
    assert table["seconds_to_success"].tolist()[1:] == [60.0, 4.5]


@settings(max_examples=30, deadline=None)
@given(many_rows)
def test_against_plain_python(rows: list[Row]) -> None:
    table = recoveries(frame_of(rows))
    known = [row for row in rows if row["outcome"]]
    failing = {row["client_ip"] for row in known if row["outcome"] == "failed"}
    assert len(table) == len(failing)
    told: dict[Any, Any] = {
        row["client_ip"] if isinstance(row["client_ip"], str) else None: row
        for row in table.to_dict("records")
    }
    for client in failing:
        mine = [row for row in known if row["client_ip"] == client]
        failed: list[datetime] = [r["timestamp"] for r in mine if r["outcome"] == "failed"]
        ok = [r["timestamp"] for r in mine if r["outcome"] == "success"]
        later = [at for at in ok if at > min(failed)]
        row = told[client]
        assert row["failures"] == len(failed)
        assert row["recovered"] == bool(later)
        assert row["still_failing"] == (not any(at > max(failed) for at in ok))
        until = min(later) if later else max(r["timestamp"] for r in mine)
        assert row["attempts"] == sum(min(failed) <= r["timestamp"] <= until for r in mine)
        if later:
            waited = (min(later) - min(failed)).total_seconds()
            assert row["seconds_to_success"] == pytest.approx(waited)


def test_recoveries_of_nothing() -> None:
    full = recoveries(frame_of([connection(0, "A")]))
    empty = recoveries(frame_of([connection(0)]))
    assert len(empty) == 0
    assert [str(kind) for kind in empty.dtypes] == [str(kind) for kind in full.dtypes]
