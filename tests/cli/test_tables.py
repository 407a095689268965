"""The command line: what it prints where, and its exit codes."""

import csv
import io

import pytest

from tests.cli.running import ROOT, SAMPLE, TRUTH, albconn

FIRST_CASE = str(ROOT / "data/sample/first_case.log")


def test_rates_as_csv_sum_to_the_truth(dataset: str) -> None:
    done = albconn("rates", dataset, "--every", "1D", "--format", "csv")
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert sum(int(row["connections"]) for row in rows) == TRUTH["tls_connections"]
    assert sum(int(row["failures"]) for row in rows) == TRUTH["failures"]


def test_logs_and_their_dataset_print_the_same(dataset: str) -> None:
    arguments = ("--every", "all", "--by", "elb", "--format", "json")
    of_logs, of_dataset = (
        albconn("rates", SAMPLE, *arguments),
        albconn("rates", dataset, *arguments),
    )
    assert of_logs.stdout == of_dataset.stdout != ""
    assert "3 of 30,716 lines rejected" in of_logs.stderr


def test_time_range_and_filter_apply_to_a_dataset(dataset: str) -> None:
    done = albconn(
        "rates", dataset, "--every", "all", "--format", "csv", "--load-balancer", "shop",
        "--start", TRUTH["incident"]["start"], "--end", TRUTH["incident"]["end"],
    )  # fmt: skip
    row = next(csv.DictReader(io.StringIO(done.stdout)))
    assert int(row["connections"]) == TRUTH["incident"]["tls_connections"]
    assert int(row["failures"]) == TRUTH["incident"]["failures"]


def test_clients_names_the_fleet(dataset: str) -> None:
    done = albconn("clients", dataset, "--top", "1", "--ipv4-prefix", "24", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["client_ip"] for row in rows] == ["203.0.113.0/24", "other"]


def test_first_case_through_the_command_line() -> None:
    done = albconn("rates", FIRST_CASE, "--every", "all", "--by", "tls_protocol", "--format", "csv")
    rows = {row["tls_protocol"]: row for row in csv.DictReader(io.StringIO(done.stdout))}
    assert (rows["TLSv1.2"]["failures"], rows["TLSv1.2"]["unmapped_failures"]) == ("0", "7")
    assert rows["TLSv1.3"]["connections"] == "1"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("reasons",), "ClientCertExpired,380,28179"),
        (("latency", "--every", "all"), "27621"),
        (("compare",), "client_network,203.0.113.0/24"),
        (("certificates", "--as-of", "2026-09-24"), "03A5B1"),
        (("policies",), "ELBSecurityPolicy-TLS13-1-3-2021-06,TLSv1.3"),
        (("key-exchange",), "X25519MLKEM768"),
        (("recoveries",), "198.51.100.253"),
        (("coverage",), "10.0.2.22,2026-09-22 03:05:00+00:00,False"),
    ],
)
def test_an_analysis_prints_the_truth(
    dataset: str, arguments: tuple[str, ...], expected: str
) -> None:
    command, *options = arguments
    done = albconn(command, dataset, *options, "--format", "csv")
    assert done.returncode == 0, done.stderr
    assert expected in done.stdout


def test_policy_impact_names_what_breaks(dataset: str) -> None:
    policy = "ELBSecurityPolicy-TLS13-1-3-2021-06"
    done = albconn("policy-impact", dataset, policy, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    breaks = sum(int(row["connections"]) for row in rows if row["verdict"] == "breaks")
    ciphers = TRUTH["successes_by_cipher"]
    assert breaks == sum(n for cipher, n in ciphers.items() if not cipher.startswith("TLS_"))


def test_an_unknown_policy_is_one_line(dataset: str) -> None:
    done = albconn("policy-impact", dataset, "ELBSecurityPolicy-TLS14")
    assert done.returncode == 1
    assert "ELBSecurityPolicy-TLS14" in done.stderr.splitlines()[-1]
