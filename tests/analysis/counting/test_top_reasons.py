"""The most frequent reason of a group: the first by name where several are, a missing one last."""

from __future__ import annotations

import duckdb
import pandas as pd
import pytest

from albconn.analysis.counting.counts import MAPPED
from albconn.analysis.counting.top_reasons import top_reasons
from worlds.lines import UNMAPPED


def rows(client: str, *reasons: str | None, port: int = 443, outcome: str = "failed") -> list[dict]:
    return [
        {"client_ip": client, "listener_port": port, "outcome": outcome, "failure_reason": reason}
        for reason in reasons
    ]


WORLD = pd.DataFrame([
    *rows("most", "B", "A", "B", "C"),
    *rows("tie", "B", "A", "A", "B"),
    *rows("tie with none", None, "Z"),
    *rows("none", None, None, "A"),
    *rows("two ports", "A", "A"),
    *rows("two ports", "B", port=8443),
    *rows("unmapped", UNMAPPED, UNMAPPED, "A"),
    *rows("came through", None, None, outcome="success"),
    *rows("once", "D"),
    *rows("once", None, None, outcome="success"),
])  # fmt: skip


def asked(query: str) -> list[tuple]:
    with duckdb.connect() as database:
        database.register("world", WORLD)
        return sorted(database.execute(query).fetchall())


def test_of_each_group_that_failed() -> None:
    found = asked(top_reasons("world", ["client_ip"]))
    assert found == [
        ("most", "B"), ("none", None), ("once", "D"), ("tie", "A"), ("tie with none", "Z"),
        ("two ports", "A"), ("unmapped", UNMAPPED),
    ]  # fmt: skip


def test_of_several_keys_as_pandas_says() -> None:
    keys = ["client_ip", "listener_port"]
    failed = WORLD[WORLD["outcome"] == "failed"].fillna({"failure_reason": "~ missing, so last"})
    counted = failed.groupby([*keys, "failure_reason"]).size().reset_index(name="n")
    first = counted.sort_values(["n", "failure_reason"], ascending=[False, True]).groupby(keys)
    expected = first["failure_reason"].first().to_dict()
    found = {(client, port): reason for client, port, reason in asked(top_reasons("world", keys))}
    assert {key: reason or "~ missing, so last" for key, reason in found.items()} == expected
    assert (found["two ports", 443], found["two ports", 8443]) == ("A", "B")


@pytest.mark.parametrize(("weight", "expected"), [(1, "B"), (5, "A")])
def test_rows_that_stand_for_several_failures(weight: int, expected: str) -> None:
    weighed = f"(SELECT *, if(failure_reason = 'A', {weight}, 1) AS n FROM world)"
    query = top_reasons(weighed, ["client_ip"], failures="sum(n)")
    assert dict(asked(query))["most"] == expected


def test_another_condition_leaves_rows_out() -> None:
    condition = f"outcome = 'failed' AND {MAPPED}"
    assert dict(asked(top_reasons("world", ["client_ip"], condition=condition)))["unmapped"] == "A"
