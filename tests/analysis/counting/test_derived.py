"""What follows from a column splits as well: a client's network, the UTC date.

The truth is computed by pandas and the standard library, from rows written by hand.
"""

from __future__ import annotations

import ipaddress
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import albconn as ac
from worlds.rows import connection, frame_of

ANALYSES = [
    ac.failure_rate,
    ac.failure_reasons,
    ac.handshake_latency,
    ac.slow_handshakes,
    ac.key_exchange_share,
]
CLIENTS = (
    "203.0.113.7", "203.0.113.9", "198.51.100.1", "2001:db8:0:1::7", "2001:DB8:0:1:0:0:0:8",
    "2001:db8:0:2::7", "::ffff:203.0.113.1", "54.92.36.xxx",
)  # fmt: skip
BEGIN = datetime(2026, 9, 22, 21, 30, tzinfo=UTC)
SAMPLE = Path(__file__).parents[3] / "data/sample"


def rows() -> list[dict[str, Any]]:
    """Two days on either side of midnight UTC, one row at the last microsecond of a day."""
    moments = [BEGIN + timedelta(minutes=11 * n) for n in range(40)]
    moments.append(datetime(2026, 9, 22, 23, 59, 59, 999_999, tzinfo=UTC))
    return [
        connection(
            timestamp=moment,
            client_ip=CLIENTS[n % len(CLIENTS)],
            reason="ClientCertExpired" if n % 3 == 0 else None,
            tls_keyexchange=("x25519", "X25519MLKEM768")[n % 2],
            tls_handshake_latency=None if n % 3 == 0 else 0.01 * (n % 7 + 1),
        )
        for n, moment in enumerate(moments)
    ]


def network(text: str) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    address = getattr(address, "ipv4_mapped", None) or address
    return str(
        ipaddress.ip_network(f"{address}/{24 if address.version == 4 else 64}", strict=False)
    )


TRUE = {
    "client_network": lambda frame: frame["client_ip"].astype(str).map(network),
    "date": lambda frame: frame["timestamp"].dt.date,
}


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return frame_of(rows())


def counts(table: pd.DataFrame, by: str, column: str) -> dict[Any, int]:
    return table.groupby(by, observed=True)[column].sum().to_dict()


@pytest.mark.parametrize("by", ["client_network", "date"])
def test_every_analysis_counts_what_pandas_counts(frame: pd.DataFrame, by: str) -> None:
    of = TRUE[by](frame)
    failed = frame["outcome"] == "failed"
    known, failures, successes = (
        of.groupby(of).size().to_dict(),
        of[failed].groupby(of[failed]).size().to_dict(),
        of[~failed].groupby(of[~failed]).size().to_dict(),
    )
    rates = ac.failure_rate(frame, every=None, by=by).set_index(by)
    assert rates["connections"].to_dict() == known
    assert rates["failures"].to_dict() == {key: failures.get(key, 0) for key in known}
    assert counts(ac.failure_reasons(frame, by=by), by, "failures") == failures
    for analysis in (ac.handshake_latency, ac.slow_handshakes, ac.key_exchange_share):
        assert counts(analysis(frame, every=None, by=by), by, "connections") == successes


@pytest.mark.parametrize("analysis", ANALYSES)
def test_both_with_bins_and_a_column(analysis: Any, frame: pd.DataFrame) -> None:
    by = ["date", "elb", "client_network"]
    table = analysis(frame, every="6h", by=by)
    assert list(table.columns[:4]) == ["bin_start", *by]
    assert (table["bin_start"].dt.date == table["date"].astype(object)).all()
    assert table[["bin_start", *by]].equals(
        table[["bin_start", *by]].sort_values(["bin_start", *by], kind="stable")
    )


def test_a_date_is_a_date_as_in_read_dataset(frame: pd.DataFrame, tmp_path: Path) -> None:
    days = ac.failure_rate(frame, every=None, by="date")["date"]
    assert days.cat.categories.tolist() == [date(2026, 9, 22), date(2026, 9, 23)]
    with pytest.warns(ac.AlbconnWarning, match="more fields"):
        ac.convert(SAMPLE, tmp_path / "d")
    held = ac.read_dataset(tmp_path / "d", columns=["date"])["date"]
    counted = ac.failure_rate(tmp_path / "d", every=None, by="date")["date"]
    assert set(counted) == set(held)
    assert isinstance(held.dtype, pd.CategoricalDtype)
    assert isinstance(counted.dtype, pd.CategoricalDtype)
    for analysis in (ac.failure_rate, ac.failure_reasons):
        for by in ("date", "client_network"):
            with ThreadPoolExecutor(2) as executor:
                spread = analysis(tmp_path / "d", every=None, by=by, executor=executor)
            whole = analysis(tmp_path / "d", every=None, by=by)
            pd.testing.assert_frame_equal(spread, whole)


def test_a_date_before_1970_and_a_missing_moment() -> None:
    early = frame_of([connection(timestamp=datetime(1969, 12, 31, 23, 59, tzinfo=UTC))])
    assert ac.failure_rate(early, every=None, by="date")["date"].tolist() == [date(1969, 12, 31)]
    none = frame_of([connection(timestamp=None)])
    assert ac.failure_rate(none, every=None, by="date")["date"].isna().tolist() == [True]


@pytest.mark.parametrize("analysis", ANALYSES)
@pytest.mark.parametrize("by", ["client_network", "date"])
def test_empty_in_empty_out(analysis: Any, by: str) -> None:
    empty, full = analysis(frame_of([]), by=by), analysis(frame_of(rows()), by=by)
    assert len(empty) == 0
    assert list(empty.columns) == list(full.columns)
    assert isinstance(empty[by].dtype, pd.CategoricalDtype)


def test_two_windows_are_not_compared_by_date(frame: pd.DataFrame) -> None:
    """Each date lies in one of them: there is nothing to compare."""
    windows: dict[str, Any] = {
        "baseline": (BEGIN, BEGIN + timedelta(hours=1)),
        "incident": (BEGIN + timedelta(hours=1), BEGIN + timedelta(hours=2)),
    }
    with pytest.raises(ac.TableError, match=r"^by: 'date' is not a dimension; "):
        ac.compare_windows(frame, **windows, by="date")
    assert set(ac.compare_windows(frame, **windows, by="client_network")["dimension"]) == {
        "client_network"
    }
