"""On an executor the join is the same, also over midnight."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

import albconn as ac
from worlds.lines import line
from worlds.request_lines import request_line
from worlds.trees import ACCESS_LOG, key, packed, plant

MIDNIGHT = datetime(2026, 9, 23, tzinfo=UTC)
FAILED = "Failed:ClientCertExpired"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three days of connections, each with requests until an hour later; some of them alone."""
    folder = tmp_path_factory.mktemp("dated")
    connections, requests = [], []
    for n in range(240):
        moment = MIDNIGHT + timedelta(minutes=18 * (n - 80))
        failed = n % 11 == 0
        connections.append(
            line(
                moment,
                conn_trace_id=f"TID_{n}" if n % 13 else "-",
                client_ip=f"203.0.{n % 3}.7",
                tls_protocol="TLSv1.2" if n % 4 else "TLSv1.3",
                tls_verify_status=FAILED if failed else "Success",
            )
        )
        requests += [
            request_line(
                moment + timedelta(minutes=19 * m),
                conn_trace_id=f"TID_{n - 7}" if n % 17 == 0 else f"TID_{n}",
                elb_status_code=200 + 100 * (n % 4),
                url=f"https://h{n % 2}.example.com:443/",
            )
            for m in range(0 if failed else n % 4)
        ]
    # One long after its connection: of the next day still, and of no day.
    requests.append(request_line(MIDNIGHT + timedelta(hours=47), conn_trace_id="TID_999"))
    end = MIDNIGHT + timedelta(days=3)
    logs = plant(
        folder / "logs",
        {key(end): packed(connections), key(end, begins=ACCESS_LOG): packed(requests)},
    )
    for table in ("connections", "requests"):
        ac.convert(logs, folder / "dataset", table=table)
    return folder / "dataset"


@pytest.mark.parametrize("by", [(), "tls_protocol", ["client_network", "request_host"], "date"])
def test_the_same_as_in_one_piece(dataset: Path, by: object) -> None:
    whole = ac.requests_per_connection(dataset, dataset, by=by)  # type: ignore[arg-type]
    with ThreadPoolExecutor(2) as executor:
        dated = ac.requests_per_connection(
            dataset, dataset, by=by, executor=executor  # type: ignore[arg-type]
        )  # fmt: skip
    pd.testing.assert_frame_equal(dated, whole)
    assert dated.attrs == whole.attrs
    assert whole.attrs["requests_alone"] > 0
    assert whole.attrs["awaiting_requests"] > 0


def test_a_range_of_time(dataset: Path) -> None:
    start = (MIDNIGHT - timedelta(hours=3)).isoformat()
    end = (MIDNIGHT + timedelta(hours=5)).isoformat()
    with (
        ac.open_connections(dataset, start=start, end=end) as connections,
        ac.open_requests(dataset, start=start) as requests,
        ThreadPoolExecutor(2) as executor,
    ):
        whole = ac.requests_per_connection(connections, requests, by="request_host")
        dated = ac.requests_per_connection(
            connections, requests, by="request_host", executor=executor
        )
    pd.testing.assert_frame_equal(dated, whole)


def test_what_workers_cannot_see_is_refused(dataset: Path) -> None:
    rows = ac.read_dataset(dataset)
    with ThreadPoolExecutor(1) as executor:
        with pytest.raises(ac.TableError, match="executor: workers cannot see a DataFrame"):
            ac.requests_per_connection(rows, dataset, executor=executor)
        with (
            ac.open_requests(dataset, load_balancer="web") as some,
            pytest.raises(ac.TableError, match="executor: workers cannot see a Opened"),
        ):
            ac.requests_per_connection(dataset, some, executor=executor)
    with pytest.raises(ac.TableError, match=r"executor: .* is not a concurrent.futures.Executor"):
        ac.requests_per_connection(dataset, dataset, executor=1)  # type: ignore[arg-type]
