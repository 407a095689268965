"""What S3 is asked for, and that every key is found: brackets, slashes at the start and doubled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import fsspec
import pytest

import albconn as ac
from albconn import SourceError
from albconn.logs.find.listing import Listing
from albconn.logs.find.selection import Selection
from albconn.logs.find.sources import list_log_files
from tests.conftest import S3Server
from tests.logs.on_s3 import BASE, DAY, NOON, load
from worlds import trees


def listed(server: S3Server, source: Any, **selection: datetime) -> Listing:
    return list_log_files(
        source,
        selection=Selection(**selection),  # type: ignore[arg-type]
        storage_options=server.storage_options,
    )


def keys(listing: Listing) -> list[str]:
    return [log_file.url.partition("://")[2].partition("/")[2] for log_file in listing.log_files]


@pytest.mark.parametrize(
    "key", ["/led.log.gz", "a//b.log.gz", "//a.log.gz", "a/[1].log.gz", "a [b]/c.log.gz",
            "what?.log.gz", "a*b.log.gz", "per%20cent.log.gz", "plus+.log.gz", "ünïcode.log.gz"]
)  # fmt: skip
def test_any_key_is_found_and_read_by_name_and_below_its_folder(
    s3_server: S3Server, key: str
) -> None:
    bucket = s3_server.make_bucket("logs", {key: trees.content(NOON), "z/other.log": b""})
    assert key in keys(listed(s3_server, bucket))
    assert keys(listed(s3_server, f"{bucket}/{key}")) == [key]
    assert len(load(s3_server, f"{bucket}/{key}").connections) == 3
    folder = key.rpartition("/")[0]
    if folder:
        assert keys(listed(s3_server, f"{bucket}/{folder}/")) == [key]


def test_a_bracket_is_itself_before_it_is_a_glob(s3_server: S3Server) -> None:
    bucket = s3_server.make_bucket("logs", {"a[1].log": b"", "a1.log": b"", "d[1]/b.log": b""})
    assert keys(listed(s3_server, f"{bucket}/a[1].log")) == ["a[1].log"]
    assert keys(listed(s3_server, f"{bucket}/d[1]")) == ["d[1]/b.log"]
    assert keys(listed(s3_server, f"{bucket}/a[12].log")) == ["a1.log"]


def test_a_tree_with_a_doubled_slash_is_found_with_a_range_too(s3_server: S3Server) -> None:
    key = trees.key(NOON).replace("AWSLogs/", "AWSLogs//")
    bucket = s3_server.make_bucket("logs", {key: b""})
    assert keys(listed(s3_server, bucket, start=NOON - DAY, end=NOON + DAY)) == [key]


def test_schemes_of_one_object_are_one(s3_server: S3Server) -> None:
    key = trees.key(NOON)
    s3_server.make_bucket("logs", {key: trees.content(NOON)})
    named = [f"{scheme}://logs/{key}" for scheme in ("s3", "s3a", "S3", "s3n")]
    listing = listed(s3_server, named)
    assert [log_file.url for log_file in listing.log_files] == [f"s3://logs/{key}"]
    assert listing.duplicates == []
    assert len(load(s3_server, ["s3a://logs/AWSLogs", "s3://logs"]).connections) == 3


def test_an_open_range_costs_what_is_there_not_each_day(s3_server: S3Server) -> None:
    there = [NOON - 900 * DAY, NOON, NOON + DAY]
    bucket = s3_server.make_bucket("logs", {trees.key(end): b"" for end in there})
    assert len(listed(s3_server, bucket, start=NOON - 1000 * DAY).log_files) == 3
    assert len(s3_server.seen) <= 8  # 1,016 days at three requests each, once
    s3_server.seen.clear()
    assert len(listed(s3_server, bucket, start=NOON).log_files) == 2
    assert len(s3_server.seen) <= 9
    assert all(request.is_listing for request in s3_server.seen)


def test_an_empty_day_costs_nothing(s3_server: S3Server) -> None:
    bucket = s3_server.make_bucket("logs", {trees.key(NOON): b""})
    listed(s3_server, bucket, start=NOON - 20 * DAY, end=NOON + 5 * DAY)
    assert len(s3_server.seen) == 7  # AWSLogs, account, service, region, year, month, day


def test_more_than_a_page(s3_server: S3Server) -> None:
    objects = {trees.key(NOON, letters=f"r{n:07d}"): b"" for n in range(1100)}
    bucket = s3_server.make_bucket("logs", objects)
    assert len(listed(s3_server, bucket).log_files) == 1100
    assert len(listed(s3_server, f"{bucket}/{BASE}2026/09/23/").log_files) == 1100


def test_named_objects_are_asked_for_once_each(s3_server: S3Server) -> None:
    several = [trees.key(NOON, letters=f"r{n:07d}") for n in range(60)]
    bucket = s3_server.make_bucket("logs", dict.fromkeys(several, b"") | {"renamed": b""})
    named = [f"{bucket}/{key}" for key in several]
    assert keys(listed(s3_server, named)) == several
    assert len(s3_server.seen) == 60
    assert keys(listed(s3_server, [*named, f"{bucket}/renamed"])) == [*several, "renamed"]
    with pytest.raises(SourceError, match=r"nothing\.log\.gz: .*check the bucket and the prefix"):
        listed(s3_server, [*named, f"{bucket}/nothing.log.gz"])


def test_storage_class_is_told(s3_server: S3Server) -> None:
    s3_server.make_bucket("logs")
    s3_server.client.put_object(Bucket="logs", Key="old.log.gz", Body=b"", StorageClass="GLACIER")
    for source in ("s3://logs", "s3://logs/old.log.gz"):
        assert [f.storage_class for f in listed(s3_server, source).log_files] == ["GLACIER"]


def test_quiet_time_and_mistyped_name_are_told_apart(s3_server: S3Server) -> None:
    objects = {trees.key(NOON + n * DAY, elb=elb): b"" for n in (0, 1) for elb in ("shop", "web")}
    bucket = s3_server.make_bucket("logs", objects)
    quiet = {"start": NOON - timedelta(days=3000), "end": NOON - timedelta(days=2000)}
    with pytest.warns(
        ac.AlbconnWarning, match=r"no connection log from .* of load_balancer 'shop'"
    ):
        load(s3_server, bucket, load_balancer="shop", **quiet)
    with pytest.warns(ac.AlbconnWarning, match="nothing is of 'shpo'; .*did you mean 'shop'"):
        load(s3_server, bucket, load_balancer="shpo", **quiet)
    assert len(s3_server.seen) < 30


def test_other_stores_are_listed_in_fsspecs_words(request: pytest.FixtureRequest) -> None:
    store: Any = fsspec.filesystem("memory")
    request.addfinalizer(store.store.clear)
    for key in (trees.key(NOON), "AWSLogs/odd/a.log", trees.key(NOON - 40 * DAY)):
        store.pipe_file(f"/logs/{key}", b"")
    for source, count in (("memory://logs", 3), (f"memory://logs/{trees.key(NOON)}", 1),
                          ("memory://logs/AWSLogs/*/*.log", 1)):  # fmt: skip
        assert len(list_log_files(source, selection=Selection()).log_files) == count
    recent = list_log_files("memory://logs", selection=Selection(start=NOON.replace(tzinfo=UTC)))
    assert len(recent.log_files) == 2
    with pytest.raises(SourceError, match="nothing is there"):
        list_log_files("memory://nothing", selection=Selection())
