"""What a source names is found; what cannot hold the selection is not even looked at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from albconn import SourceError, TableError
from albconn.logs.find.selection import INTERVAL_SLACK, Selection, make_selection
from albconn.logs.find.sources import Listing, Source, list_log_files
from worlds import trees
from worlds.lines import HEX

NOON = datetime(2026, 9, 23, 12, tzinfo=UTC)
ELB = f"{trees.ACCOUNT}_elasticloadbalancing_us-east-1"
DAY = timedelta(days=1)
ANYTHING = Selection()


def found(source: Source, **filters: object) -> list[str]:
    """Return the names of the log files found, without the part before the trees."""
    listing = list_log_files(source, selection=make_selection(**filters))  # type: ignore[arg-type]
    return [log_file.url.rpartition("AWSLogs/")[2] for log_file in listing.log_files]


def short(key: str) -> str:
    return key.removeprefix("AWSLogs/")


def kinds(listing: Listing) -> list[str]:
    return sorted(foreign.kind for foreign in listing.foreign)


@pytest.fixture
def bucket(tmp_path: Path) -> Path:
    """Two accounts, two regions, three balancers, three days; foreign files among them."""
    files = {
        trees.key(NOON - DAY): b"",
        trees.key(NOON): b"",
        trees.key(NOON + DAY): b"",
        trees.key(NOON, elb="shop"): b"",
        trees.key(NOON, region="eu-west-1", elb="shop-eu"): b"",
        trees.key(NOON, account="999999999999"): b"",
        trees.key(NOON, name=f"{ELB}_app.web.1_x.log.gz"): b"",
        trees.key(NOON, name="health_check_log_1_elasticloadbalancing_x_app.w.1_x.log.gz"): b"",
        trees.key(NOON, name=f"{ELB}_net.n.1_x.log.gz"): b"",
        f"AWSLogs/{trees.ACCOUNT}/ELBConnectionLogTestFile": b"",
        f"AWSLogs/{trees.ACCOUNT}/CloudTrail/us-east-1/2026/09/23/trail.json.gz": b"",
        "beside.log.gz": b"",
        "other/deep/beside.log": b"",
    }  # fmt: skip
    return trees.plant(tmp_path / "bucket", files)


LOGS = [
    short(key)
    for key in sorted(
        [
            trees.key(NOON - DAY),
            trees.key(NOON),
            trees.key(NOON + DAY),
            trees.key(NOON, elb="shop"),
            trees.key(NOON, region="eu-west-1", elb="shop-eu"),
            trees.key(NOON, account="999999999999"),
        ]
    )
]


def test_tree_gives_its_log_files_and_nothing_beside(bucket: Path) -> None:
    assert found(bucket) == LOGS
    assert found(str(bucket) + "/") == LOGS
    assert found(bucket / "AWSLogs") == LOGS


def test_foreign_files_are_recognised_and_counted(bucket: Path) -> None:
    listing = list_log_files(bucket, selection=ANYTHING)
    assert kinds(listing) == ["access_log", "health_check_log", "nlb_log", "test_marker"]


def test_any_level_of_the_tree_can_be_named(bucket: Path) -> None:
    account = bucket / "AWSLogs" / trees.ACCOUNT
    assert found(account) == [key for key in LOGS if key.startswith(trees.ACCOUNT)]
    region = account / "elasticloadbalancing" / "us-east-1"
    of_region = [key for key in LOGS if f"{trees.ACCOUNT}/elasticloadbalancing/us-east-1" in key]
    assert found(region) == of_region
    assert found(region / "2026" / "09" / "22") == [short(trees.key(NOON - DAY))]


@pytest.mark.parametrize(
    ("filters", "part"),
    [
        ({"load_balancer": "shop"}, "app.shop."),
        ({"load_balancer": f"app/shop/{HEX}"}, "app.shop."),
        ({"load_balancer": "shop*"}, "app.shop"),
        ({"load_balancer": "app/shop-*/*"}, "app.shop-eu"),
        ({"load_balancer": ["shop-eu"]}, "app.shop-eu"),
        ({"account_id": "999999999999"}, "999999999999"),
        ({"region": "eu-west-1"}, "eu-west-1"),
        ({"region": ("eu-west-1", "ap-south-1")}, "eu-west-1"),
        ({"load_balancer": "sho"}, "no such name"),
    ],
)
def test_filters_by_key(bucket: Path, filters: dict[str, object], part: str) -> None:
    assert found(bucket, **filters) == [key for key in LOGS if part in key]


@pytest.mark.parametrize(
    ("end_of_file", "is_read"),
    [
        (NOON - INTERVAL_SLACK - timedelta(minutes=1), False),
        (NOON - INTERVAL_SLACK, True),
        (NOON, True),
        (NOON + timedelta(minutes=64) + INTERVAL_SLACK, True),
        (NOON + timedelta(minutes=65) + INTERVAL_SLACK, False),
    ],
)
def test_interval_of_a_file_has_slack(tmp_path: Path, end_of_file: datetime, is_read: bool) -> None:
    key = trees.key(end_of_file)
    folder = trees.plant(tmp_path, {key: b""})
    in_range = found(folder, start=NOON, end=NOON + timedelta(hours=1))
    assert in_range == ([short(key)] if is_read else [])


def test_org_segment_and_hive_form(tmp_path: Path) -> None:
    org = trees.key(NOON, org="o-aa111bb222/")
    name = trees.name_of(NOON, letters="in_a_hive")
    hive = (
        f"AWSLogs/aws-account-id={trees.ACCOUNT}/elasticloadbalancing/region=us-east-1/"
        f"year=2026/month=09/day=23/{name}"
    )
    folder = trees.plant(tmp_path, {org: b"", hive: b""})
    expected = sorted([short(org), short(hive)])
    assert found(folder) == expected
    filters = {"account_id": trees.ACCOUNT, "region": "us-east-1"}
    assert found(folder, start=NOON - DAY, end=NOON + DAY, **filters) == expected
    assert found(folder, account_id="999999999999") == []


def test_globs(bucket: Path) -> None:
    logs = f"AWSLogs/{trees.ACCOUNT}/elasticloadbalancing/us-east-1/2026/09"
    assert found(f"{bucket}/{logs}/23/conn_log_*.gz") == [
        short(key) for key in sorted([trees.key(NOON), trees.key(NOON, elb="shop")])
    ]
    assert found(f"{bucket}/{logs}/2[24]") == [
        short(trees.key(NOON - DAY)), short(trees.key(NOON + DAY))
    ]  # fmt: skip
    with pytest.raises(SourceError, match="no such file or folder; check the path"):
        found(f"{bucket}/{logs}/2[89]/*")


def test_several_sources_name_a_file_once(bucket: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(bucket)
    several = [bucket, trees.key(NOON), "AWSLogs", f"{bucket}/beside.log.gz"]
    assert sorted(found(several)) == sorted([f"{bucket}/beside.log.gz", *LOGS])


def test_named_file_is_read_whatever_its_name(tmp_path: Path) -> None:
    trees.plant(tmp_path, {"monday": b"", "notes.md": b"", "a [1].log": b""})
    assert found(tmp_path) == [f"{tmp_path}/a [1].log"]
    assert [f.kind for f in list_log_files(tmp_path, selection=ANYTHING).foreign] == ["other"] * 2
    for name in ("monday", "notes.md", "a [1].log"):
        assert found(tmp_path / name) == [f"{tmp_path}/{name}"]
    listing = list_log_files(tmp_path / "monday", selection=ANYTHING)
    assert set(listing.log_files[0].key) == {None}


def test_renamed_file_is_kept_by_every_filter_because_its_rows_decide(tmp_path: Path) -> None:
    trees.plant(tmp_path, {"monday.log": b""})
    kept = found(tmp_path, load_balancer="web", account_id="1", region="x", start=NOON)
    assert kept == [f"{tmp_path}/monday.log"]


def test_folder_that_only_ends_like_the_anchor_is_no_tree(tmp_path: Path) -> None:
    trees.plant(tmp_path, {"myAWSLogs/a/b/c/d.log": b""})
    assert len(found(tmp_path / "myAWSLogs")) == 1


def test_missing_source_and_wrong_source(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        found(tmp_path / "nowhere")
    assert str(caught.value) == f"{tmp_path}/nowhere: no such file or folder; check the path"
    with pytest.raises(TableError, match="source: nothing was named"):
        found([])
    with pytest.raises(TableError, match="source: 7 is not a path or URL"):
        found([7])  # type: ignore[list-item]
