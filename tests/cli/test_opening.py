"""Log files and a dataset are opened alike; what was not understood is said, not printed."""

from __future__ import annotations

import csv
import io

import pytest

from albconn.cli.opening import opened
from albconn.cli.options import Which
from tests.cli.running import FIRST_CASE, SAMPLE, TRUTH, albconn


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


def test_only_rejected_lines_are_worth_a_word(
    dataset: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = opened(FIRST_CASE, Which())
    assert (found.rows, found.rejected) == (8, 0)
    assert capsys.readouterr() == ("", "")
    assert opened(dataset, Which()).rows == TRUTH["rows"]
    assert capsys.readouterr() == ("", "albconn: 3 of 30,716 lines rejected\n")
