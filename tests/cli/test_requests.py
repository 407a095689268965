"""Commands of connections and requests print what the functions return."""

from __future__ import annotations

from datetime import timedelta

import pytest

import albconn as ac
from tests.cli.running import albconn, printed
from worlds.lines import line
from worlds.request_lines import request_line
from worlds.rows import BEGIN
from worlds.trees import ACCESS_LOG, key, packed, plant

POLICY = "ELBSecurityPolicy-TLS13-1-3-2021-06"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A dataset of both: three connections, the first of which failed, and three requests."""
    folder, end = tmp_path_factory.mktemp("both"), BEGIN + timedelta(minutes=5)
    status = ["Failed:ClientCertExpired", "Success", "Success"]
    connections = [
        line(BEGIN + timedelta(seconds=n), conn_trace_id=f"TID_{n}", tls_verify_status=status[n])
        for n in range(3)
    ]
    requests = [
        request_line(BEGIN + timedelta(seconds=4 + n), conn_trace_id=f"TID_{n}") for n in (1, 1, 9)
    ]
    logs = plant(
        folder / "logs",
        {key(end): packed(connections), key(end, begins=ACCESS_LOG): packed(requests)},
    )
    for table in ("connections", "requests"):
        ac.convert(logs, folder / "dataset", table=table)
    return str(folder / "dataset")


def test_requests(dataset: str) -> None:
    rows = printed("requests", dataset, "--requests", dataset, "--by", "tls_protocol")
    assert [(row["half"], row["connections"], row["requests"]) for row in rows] == [
        ("connections", "3", "2"), ("requests alone", "0", "1"),
    ]  # fmt: skip
    done = albconn("requests", dataset, "--requests", dataset)
    assert "1 request without a connection; 1 of them in the first hour" in done.stderr
    assert "1 connection without a request; 1 of them in the last hour" in done.stderr


def test_felt(dataset: str) -> None:
    (row,) = printed("felt", dataset, "--requests", dataset, "--within", "1h")
    assert (row["agent"], row["failures"], row["requests"]) == ("user", "1", "2")
    assert "1 of 1 address that failed came back" in albconn(
        "felt", dataset, "--requests", dataset
    ).stderr.replace("\n", " ")


def test_exceptions_and_agreement(dataset: str) -> None:
    (row,) = printed("exceptions", dataset, POLICY, "--requests", dataset)
    assert (row["request_host"], row["requests"], row["requests_breaking"]) == (
        "www.example.com", "2", "0",
    )  # fmt: skip
    (row,) = printed("agreement", dataset, "--requests", dataset)
    assert (row["agrees"], row["requests"]) == ("True", "2")


def test_policies_take_requests(dataset: str) -> None:
    (row,) = printed("policy-impact", dataset, POLICY, "--requests", dataset)
    assert (row["clients"], row["users"], row["crawlers"]) == ("1", "1", "0")
    (row,) = printed("policy-clients", dataset, POLICY, "--requests", dataset)
    assert row["agent"] == "user"
