"""Commands that count failures print the sample's truth."""

from __future__ import annotations

import pytest

from tests.cli.running import FIRST_CASE, TRUTH, albconn, printed


def test_rates_sum_to_the_truth(dataset: str) -> None:
    rows = printed("rates", dataset, "--every", "1D")
    assert sum(int(row["connections"]) for row in rows) == TRUTH["tls_connections"]
    assert sum(int(row["failures"]) for row in rows) == TRUTH["failures"]
    assert [row["bin_start"] for row in rows] == [
        f"{day} 00:00:00+00:00" for day in TRUTH["by_date"]
    ]


def test_first_case_through_the_command_line() -> None:
    rows = {
        row["tls_protocol"]: row
        for row in printed("rates", FIRST_CASE, "--every", "all", "--by", "tls_protocol")
    }
    assert (rows["TLSv1.2"]["failures"], rows["TLSv1.2"]["unmapped_failures"]) == ("0", "7")
    assert rows["TLSv1.3"]["connections"] == "1"


def test_reasons_are_the_truth(dataset: str) -> None:
    done = albconn("reasons", dataset, "--format", "csv")
    assert done.returncode == 0, done.stderr
    assert "ClientCertExpired,380,28179" in done.stdout
    rows = printed("reasons", dataset)
    counted = {row["failure_reason"]: int(row["failures"]) for row in rows}
    assert counted == TRUTH["failures_by_reason"]


def test_totals_are_the_truth(dataset: str) -> None:
    (totals,) = printed("totals", dataset)
    for column, told in {
        "rows": "rows", "connections": "tls_connections", "failures": "failures",
        "unmapped_failures": "unmapped_failures", "not_tls": "not_tls",
        "unclassified": "unclassified",
    }.items():  # fmt: skip
        assert int(totals[column]) == TRUTH[told], column


def test_clients_names_the_fleet(dataset: str) -> None:
    rows = printed("clients", dataset, "--top", "1", "--ipv4-prefix", "24")
    assert [row["client_ip"] for row in rows] == ["203.0.113.0/24", "other"]
    assert sum(int(row["failures"]) for row in rows) == TRUTH["failures"]


@pytest.mark.parametrize(("least", "shown"), [("1", True), ("1000000", False)])
def test_clients_with_few_connections_are_others(dataset: str, least: str, shown: bool) -> None:
    rows = printed("clients", dataset, "--min-connections", least)
    assert (len(rows) > 1) is shown
    assert rows[-1]["client_ip"] == "other"


def test_concentration_counts_every_failure(dataset: str) -> None:
    (whole,) = printed("concentration", dataset)
    (networks,) = printed("concentration", dataset, "--ipv4-prefix", "24")
    assert int(whole["failures"]) == int(networks["failures"]) == TRUTH["failures"]
    assert int(networks["clients"]) < int(whole["clients"]) == TRUTH["clients"]


def test_recoveries_names_who_failed(dataset: str) -> None:
    rows = printed("recoveries", dataset)
    assert "198.51.100.253" in {row["client_ip"] for row in rows}
    assert sum(int(row["failures"]) for row in rows) == TRUTH["failures"]
