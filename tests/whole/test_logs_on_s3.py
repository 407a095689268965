"""S3 over real HTTP: what is asked of it, what is read, and what is said when it refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

import albconn as ac
from albconn.errors import IncompleteWarning
from tests.conftest import S3Server, SeenRequest
from tests.logs.on_s3 import BASE, DAY, MIDNIGHT, NOON, is_get_of, load, ten_days
from worlds import trees


def is_listing(request: SeenRequest) -> bool:
    return request.is_listing


@pytest.mark.parametrize("prefix", ["", "team/a/"])
@pytest.mark.parametrize("named", ["", "AWSLogs/", BASE])
def test_prefix_is_read_with_or_without_the_tree_below(
    s3_server: S3Server, prefix: str, named: str
) -> None:
    bucket = s3_server.make_bucket("logs", ten_days(prefix))
    loaded = load(s3_server, f"{bucket}/{prefix}{named}")
    assert len(loaded.connections) == 30
    assert loaded.connections["account_id"].unique().tolist() == [trees.ACCOUNT]
    assert (loaded.files["kind"] == "connection_log").sum() == 10
    assert all(f.startswith(f"s3://logs/{prefix}AWSLogs/") for f in loaded.files["source_file"])
    assert all(r.prefix.startswith(f"{prefix}AWSLogs/") for r in s3_server.listings())


def test_bare_prefix_without_tree_reads_everything_below(s3_server: S3Server) -> None:
    bucket = s3_server.make_bucket("logs", {"incident/a/one.log.gz": trees.content(NOON)})
    loaded = load(s3_server, f"{bucket}/incident")
    assert len(loaded.connections) == 3
    assert loaded.connections["account_id"].isna().all()


@pytest.mark.parametrize("prefix", ["", "team/a/"])
def test_only_the_needed_day_prefixes_are_listed(s3_server: S3Server, prefix: str) -> None:
    bucket = s3_server.make_bucket("logs", ten_days(prefix))
    loaded = load(s3_server, f"{bucket}/{prefix}", start=MIDNIGHT, end=MIDNIGHT + DAY)
    assert len(loaded.connections) == 3
    recursive = [r.prefix for r in s3_server.listings() if r.query.get("delimiter") != "/"]
    assert sorted(recursive) == [f"{prefix}{BASE}2026/09/23/", f"{prefix}{BASE}2026/09/24/"]
    account = f"{prefix}AWSLogs/{trees.ACCOUNT}/"
    levels = [r.prefix for r in s3_server.listings() if r.query.get("delimiter") == "/"]
    base = f"{prefix}{BASE}"
    known = [f"{prefix}AWSLogs/", account, f"{account}elasticloadbalancing/"]
    assert levels == [*known, base, f"{base}2026/", f"{base}2026/09/"]  # each once
    read = [r.path for r in s3_server.seen if r.is_object_read]
    assert read == [f"/logs/{prefix}{trees.key(NOON)}"]


def test_account_and_region_filters_list_nothing_else(s3_server: S3Server) -> None:
    others = {
        trees.key(NOON, account="999999999999"): b"",
        trees.key(NOON, region="eu-west-1"): b"",
        f"AWSLogs/{trees.ACCOUNT}/CloudTrail/us-east-1/2026/09/23/trail.json.gz": b"",
    }
    bucket = s3_server.make_bucket("logs", ten_days() | others)
    loaded = load(s3_server, bucket, account_id=trees.ACCOUNT, region=trees.REGION)
    assert len(loaded.connections) == 30
    listed = [r.prefix for r in s3_server.listings()]
    assert not [p for p in listed if "999999999999" in p or "eu-west" in p or "CloudTrail" in p]


def test_same_rows_as_from_the_disk(s3_server: S3Server, tmp_path: Any) -> None:
    bucket = s3_server.make_bucket("logs", ten_days())
    remote = load(s3_server, bucket).connections.drop(columns="source_file")
    local = ac.read_connections(trees.plant(tmp_path, ten_days())).drop(columns="source_file")
    pd.testing.assert_frame_equal(remote, local)


def test_single_object_glob_and_several(s3_server: S3Server) -> None:
    objects = ten_days() | {"renamed": trees.content(NOON), "top.log.gz": trees.content(NOON)}
    bucket = s3_server.make_bucket("logs", objects)
    day = f"{bucket}/{BASE}2026/09"
    assert len(load(s3_server, f"{bucket}/{trees.key(NOON)}").connections) == 3
    assert len(load(s3_server, f"{bucket}/renamed").connections) == 3
    assert len(load(s3_server, f"{day}/2[34]/conn_log_*.gz").connections) == 6
    assert len(load(s3_server, f"{day}/2[45]").connections) == 6  # folders match too
    several = [f"{bucket}/renamed", f"{bucket}/top.log.gz", f"{bucket}/{trees.key(NOON)}"] * 2
    assert len(load(s3_server, several).connections) == 9


def test_bucket_named_like_a_log_is_a_bucket(s3_server: S3Server) -> None:
    bucket = s3_server.make_bucket("alb.log", ten_days())
    assert len(load(s3_server, bucket).connections) == 30


def test_folder_placeholders_and_empty_objects_are_no_errors(s3_server: S3Server) -> None:
    objects = {f"{BASE}": b"", f"{BASE}2026/09/23/": b"", trees.key(NOON): b""}
    bucket = s3_server.make_bucket("logs", objects)
    for options in ({}, {"start": MIDNIGHT, "end": MIDNIGHT + DAY}):
        loaded = load(s3_server, bucket, **options)
        assert loaded.files["source_file"].tolist() == [f"{bucket}/{trees.key(NOON)}"]
        assert loaded.files[["lines", "damaged"]].values.tolist() == [[0, False]]


def test_object_that_vanishes_is_marked_and_the_rest_is_read(s3_server: S3Server) -> None:
    bucket = s3_server.make_bucket("logs", ten_days())
    gone = trees.key(NOON)
    s3_server.fail(is_get_of("20260923T1200Z"), code="NoSuchKey", status="404 Not Found")
    with pytest.warns(
        ac.AlbconnWarning, match="1 log file could not be read, first .*vanished between"
    ):
        loaded = load(s3_server, bucket)
    assert len(loaded.connections) == 27
    damaged = loaded.files[loaded.files["damaged"]]
    assert damaged["source_file"].tolist() == [f"{bucket}/{gone}"]
    assert damaged["damage"].tolist() == ["the file vanished between listing and reading"]
    assert loaded.files["unread"].tolist() == loaded.files["damaged"].tolist()
    with pytest.raises(ac.SourceError) as caught:
        load(s3_server, bucket, on_bad_line="raise")
    assert str(caught.value) == (
        f"{bucket}/{gone}: the file vanished between listing and reading; fetch the file again"
    )


def test_missing_bucket_and_missing_prefix(s3_server: S3Server) -> None:
    bucket = s3_server.make_bucket("logs", ten_days())
    for source in ("s3://no-such-bucket/logs", "s3://no-such-bucket", f"{bucket}/nothing/here",
                   f"{bucket}/{BASE}1999/*.gz", f"{bucket}/nothing.log.gz"):  # fmt: skip
        with pytest.raises(ac.SourceError, match="check the bucket and the prefix") as caught:
            load(s3_server, source)
        assert str(caught.value).startswith(f"{source}: ")
        assert "\n" not in str(caught.value)


def test_range_without_logs_is_empty_not_an_error(s3_server: S3Server) -> None:
    bucket = s3_server.make_bucket("logs", ten_days())
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    with pytest.warns(ac.AlbconnWarning) as caught:
        loaded = load(s3_server, bucket, start=long_ago, end=long_ago + DAY)
    assert loaded.connections.empty
    assert [str(w.message) for w in caught] == [
        "s3://logs: no connection log from 2020-01-01 00:00:00 UTC until 2020-01-02 00:00:00 UTC; "
        "there are some of 2026-09-18 12:00 to 2026-09-27 12:00 UTC"
    ]


def test_policy_that_allows_listing_by_prefix_only_is_enough(s3_server: S3Server) -> None:
    """Without s3:ListBucket on every prefix S3 answers HEAD of a missing key with 403."""
    bucket = s3_server.make_bucket("logs", ten_days())
    s3_server.fail(lambda r: r.method == "HEAD", code="403")
    loaded = load(s3_server, bucket, start=NOON + 4 * DAY - timedelta(hours=1), end=NOON + 9 * DAY)
    assert len(loaded.connections) == 3


def test_missing_credentials(s3_server: S3Server) -> None:
    bucket = s3_server.make_bucket("logs", ten_days())
    options = {"endpoint_url": s3_server.endpoint}
    with pytest.raises(ac.SourceError) as caught:
        ac.read_connections(bucket, storage_options=options)
    assert str(caught.value) == (
        "s3://logs: Unable to locate credentials; "
        "give credentials (AWS_PROFILE, a role, or storage_options)"
    )
    assert s3_server.seen == []


@pytest.mark.parametrize(
    ("code", "status", "advice"),
    [
        ("AccessDenied", "403 Forbidden", "grant s3:ListBucket on the bucket and s3:GetObject"),
        ("ExpiredToken", "400 Bad Request", "renew the credentials (for example `aws sso login`)"),
    ],
)
@pytest.mark.parametrize("where", ["listing", "reading"])
def test_refusals_say_what_to_do(
    s3_server: S3Server, code: str, status: str, advice: str, where: str
) -> None:
    bucket = s3_server.make_bucket("logs", ten_days())
    refused = is_listing if where == "listing" else is_get_of("20260923T1200Z")
    message = "The provided token has expired." if code == "ExpiredToken" else "Access Denied"
    s3_server.fail(refused, code=code, status=status, message=message)
    place = bucket if where == "listing" else f"{bucket}/{trees.key(NOON)}"
    with pytest.raises(ac.SourceError) as caught:
        load(s3_server, bucket, on_bad_line="raise")
    assert str(caught.value).startswith(f"{place}: ")
    assert message in str(caught.value)
    assert advice in str(caught.value)


def test_one_that_is_denied_is_an_error_of_that_one(s3_server: S3Server) -> None:
    bucket = s3_server.make_bucket("logs", ten_days())
    s3_server.fail(is_get_of("20260923T1200Z"), code="AccessDenied", message="Access Denied")
    with pytest.warns(IncompleteWarning) as caught:
        loaded = load(s3_server, bucket)
    assert [str(warning.message) for warning in caught] == [
        f"1 log file could not be read, first {bucket}/{trees.key(NOON)}: Access Denied; grant "
        "s3:ListBucket on the bucket and s3:GetObject on its log files; if the requester pays, "
        "give --storage-option requester_pays=true"
    ]
    assert (len(loaded.connections), loaded.files["unread"].sum()) == (27, 1)


def test_an_expired_login_is_an_error_of_all(s3_server: S3Server) -> None:
    bucket = s3_server.make_bucket("logs", ten_days())
    s3_server.fail(lambda r: r.is_object_read, code="ExpiredToken", status="400 Bad Request")
    with pytest.raises(ac.SourceError, match="renew the credentials"):
        load(s3_server, bucket)


def test_where_all_are_denied_that_is_an_error(s3_server: S3Server) -> None:
    bucket = s3_server.make_bucket("logs", ten_days())
    s3_server.fail(lambda r: r.is_object_read, code="AccessDenied", message="Access Denied")
    with pytest.raises(ac.SourceError, match=r"Access Denied; grant .* \(and so 9 more\)$"):
        load(s3_server, bucket)


def test_endpoint_that_nobody_serves(clean_aws: None) -> None:
    options = {
        "key": "testing",
        "secret": "testing",
        "endpoint_url": "http://127.0.0.1:9",
        "config_kwargs": {"retries": {"max_attempts": 1}, "connect_timeout": 1},
    }
    with pytest.raises(ac.SourceError, match="check the endpoint, the region and the network"):
        ac.read_connections("s3://logs/a", storage_options=options)
