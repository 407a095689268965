"""Object keys: every published form says what a person reads in it."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from albconn.logs.find.keys import LogKey, foreign_kind, looks_like_log, parse_key

KEYS_TSV = Path(__file__).parents[2] / "data" / "reference_keys.tsv"
NOTHING = LogKey()

# Hand-written, in the order of the file.
EXPECTED: list[tuple[LogKey, str | None]] = [
    (
        LogKey(
            "123456789012", "us-east-2", "app/my-loadbalancer/1234567890abcdef", "172.160.1.192",
            datetime(2022, 2, 15, 23, 40, tzinfo=UTC), date(2022, 5, 1),
        ),
        None,
    ),
    (NOTHING, None),  # a pattern with words where values stand
    (
        LogKey(
            "123456789012", "us-east-1", "app/k8s-web-0123456789/0123456789abcdef", "192.0.2.60",
            datetime(2026, 9, 23, 7, 15, tzinfo=UTC), date(2026, 9, 23),
        ),
        None,
    ),
    (LogKey("123456789012", "us-east-1", folder_date=date(2026, 9, 23)), "access_log"),
    (LogKey("XXXXXXXXXXXX", "us-west-1", folder_date=date(2021, 12, 22)), "access_log"),
    (LogKey("123456789012", "us-east-2", folder_date=date(2022, 5, 1)), "health_check_log"),
    (LogKey("123456789012", "us-east-2", folder_date=date(2020, 5, 1)), "nlb_log"),
    (NOTHING, None),  # placeholders again
    (LogKey("111122223333", "us-east-1", folder_date=date(2026, 9, 10)), None),
    (LogKey("111122223333", "us-east-1", folder_date=date(2026, 9, 10)), None),
    (NOTHING, None),  # a folder of the customer's own stands for the region
    (NOTHING, None),
    (NOTHING, "test_marker"),
    (NOTHING, "test_marker"),
    (NOTHING, "test_marker"),
]  # fmt: skip


def published() -> list[str]:
    with KEYS_TSV.open(encoding="utf-8", newline="") as stream:
        return [row["key"] for row in csv.DictReader(stream, delimiter="\t")]


def test_every_published_key_has_its_expectation() -> None:
    assert len(published()) == len(EXPECTED) == 15


@pytest.mark.parametrize("place", range(len(EXPECTED)))
def test_published_key_says_what_a_person_reads(place: int) -> None:
    key = published()[place]
    assert (parse_key(key), foreign_kind(key)) == EXPECTED[place]


NAME = (
    "conn_log{dot}123456789012_elasticloadbalancing_eu-west-1_app.my-lb.50dc6c495c0c9188"
    "_20260923T0005Z_{node}_2ab3c4.log.gz"
)


@pytest.mark.parametrize("dot", [".", "_"])
@pytest.mark.parametrize("folder", ["", "downloads/", "s3://bucket/a/b/"])
def test_name_alone_tells_all_but_the_folder(dot: str, folder: str) -> None:
    key = parse_key(folder + NAME.format(dot=dot, node="10.0.0.7"))
    end = datetime(2026, 9, 23, 0, 5, tzinfo=UTC)
    lb = "app/my-lb/50dc6c495c0c9188"
    assert key == LogKey("123456789012", "eu-west-1", lb, "10.0.0.7", end, None)


def test_org_segment_stands_before_the_account() -> None:
    key = parse_key(
        "p/AWSLogs/o-aa111bb222/123456789012/elasticloadbalancing/eu-west-1/2026/09/23/"
        + NAME.format(dot="_", node="2001:db8::1")
    )
    assert key.account_id == "123456789012"
    assert key.ip_address == "2001:db8::1"
    assert key.folder_date == date(2026, 9, 23)


def test_impossible_times_are_missing_not_errors() -> None:
    name = NAME.format(dot="_", node="10.0.0.7").replace("20260923T0005Z", "20261399T9999Z")
    assert parse_key(name).interval_end is None
    folders = "AWSLogs/123456789012/elasticloadbalancing/eu-west-1/2026/02/31/x.gz"
    assert parse_key(folders).folder_date is None


def test_renamed_file_says_nothing_and_is_no_foreign_file() -> None:
    assert parse_key("incident/monday.log.gz") == NOTHING
    assert foreign_kind("incident/monday.log.gz") is None
    assert looks_like_log("incident/monday.log.gz")
    assert not looks_like_log("incident/README.md")


def test_classic_load_balancer_access_log_is_foreign() -> None:
    name = "123456789012_elasticloadbalancing_us-east-1_my-classic_20260923T0005Z_10.0.0.7_x1.log"
    assert foreign_kind(f"AWSLogs/123456789012/{name}") == "access_log"
    assert foreign_kind(NAME.format(dot="_", node="10.0.0.7")) is None
    assert foreign_kind(NAME.format(dot=".", node="10.0.0.7")) is None
