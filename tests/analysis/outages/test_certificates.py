"""Whose certificates failed: one subject, one organization of many, or no one's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from albconn.analysis.outages.certificates import Presented, presented
from tests.analysis.outages.prepared import minutes, prepared
from worlds.lines import API, SHOP
from worlds.rows import Row, connection

NOON, NIGHT = (datetime(2026, 9, 23, hour, tzinfo=UTC) for hour in (12, 23))


def failures(
    count: int, subject: str | None, ends: datetime | None = NOON, **given: Any
) -> list[Row]:
    return [
        connection(
            n, "ClientCertExpired", leaf_client_cert_subject=subject, cert_not_after=ends, **given
        )
        for n in range(count)
    ]


def found(rows: list[Row], cause: dict[str, str] | None = None, *missing: str) -> Presented:
    proof = [
        row | {"timestamp": row["timestamp"].replace(hour=8), "outcome": "success"} for row in rows
    ]
    with prepared([*proof, *rows], *missing) as counting:
        return presented(counting, cause or {}, minutes(0, 30))


def test_one_subject() -> None:
    rows = failures(20, "CN=a,O=Acme")
    assert found(rows) == Presented(1, "CN=a,O=Acme", "Acme", NOON)
    assert found([*rows, *failures(2, "CN=b,O=Other", NIGHT)]) == Presented(
        2, "CN=a,O=Acme", "Acme", NOON
    )
    assert found([*rows, *failures(3, "CN=b,O=Other", NIGHT)]) == Presented(2)


def test_many_subjects_of_one_organization() -> None:
    rows = [row for n in range(12) for row in failures(1, f"CN=device-{n},O=Acme")]
    assert found(rows) == Presented(12, None, "Acme", NOON)
    without = [row for n in range(12) for row in failures(1, f"CN=device-{n}")]
    assert found(without) == Presented(12, None, None, NOON)


def test_ends_that_differ_or_are_not_known() -> None:
    rows = [*failures(5, "CN=a", NOON), *failures(5, "CN=a", NIGHT)]
    assert found(rows) == Presented(1, "CN=a", None, None)
    assert found(failures(9, "CN=a", None)) == Presented(1, "CN=a", None, None)
    assert found(failures(9, "CN=a"), None, "cert_not_after") == Presented(1, "CN=a", None, None)


def test_only_failures_of_the_cause_in_the_window() -> None:
    rows = [
        *failures(9, "CN=a,O=Acme", elb=SHOP), *failures(9, "CN=b,O=Other", NIGHT, elb=API),
        *[row | {"timestamp": row["timestamp"].replace(hour=11)} for row in failures(50, "CN=c")],
    ]  # fmt: skip
    assert found(rows, {"elb": SHOP}) == Presented(1, "CN=a,O=Acme", "Acme", NOON)
    assert found(rows, {"elb": API}) == Presented(1, "CN=b,O=Other", "Other", NIGHT)
    assert found(rows) == Presented(2)
    assert found(rows, {"listener_port": "8443"}) == Presented()


@pytest.mark.parametrize("missing", [(), ("leaf_client_cert_subject",)])
def test_nothing_presented(missing: tuple[str, ...]) -> None:
    assert found(failures(9, None), None, *missing) == Presented()
