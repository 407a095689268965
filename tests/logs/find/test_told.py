"""Nothing is missing without a word: what is said of each kind of nothing, and of each leftover."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from albconn.errors import AlbconnWarning, IncompleteWarning, SourceError
from albconn.logs.find.listing import Copy, ForeignFile, Listing
from albconn.logs.find.selection import Selection, make_selection
from albconn.logs.find.sources import list_log_files
from albconn.logs.find.told import missing_names, named, skipped, tell_of_listing
from worlds import trees

NOON = datetime(2026, 9, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def said(folder: Path, **filters: Any) -> list[tuple[type, str]]:
    """Return what is said of a folder: kinds of warnings, and texts without the folder's path."""
    selection = make_selection(**filters)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        tell_of_listing(list_log_files(folder, selection=selection), selection)
    return [(w.category, str(w.message).replace(str(folder), "logs")) for w in caught]


def refused(folder: Path, **filters: Any) -> str:
    with pytest.raises(SourceError) as caught:
        said(folder, **filters)
    return str(caught.value).replace(str(folder), "logs")


@pytest.fixture
def bucket(tmp_path: Path) -> Path:
    """Three balancers, two regions and accounts, two days; AWS's own other files among them."""
    access = f"{trees.ACCOUNT}_elasticloadbalancing_us-east-1_app.web.1_x.log.gz"
    return trees.plant(
        tmp_path,
        {
            trees.key(NOON): b"",
            trees.key(NOON + DAY, elb="shop"): b"",
            trees.key(NOON, elb="shop-eu", region="eu-west-1"): b"",
            trees.key(NOON, account="9" * 12): b"",
            trees.key(NOON, name=access): b"",
            f"AWSLogs/{trees.ACCOUNT}/ELBConnectionLogTestFile": b"",
        },
    )


def test_what_is_as_it_should_be_is_not_worth_a_word(bucket: Path) -> None:
    """Access logs in the same folders are usual; the command line alone says that it skips them."""
    assert said(bucket) == []
    assert said(bucket, load_balancer=["web", "shop*"], start=NOON - DAY) == []


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        ({"load_balancer": "shpo"},
         "load_balancer: nothing is of 'shpo'; there are 'shop', 'shop-eu' and 'web'; "
         "did you mean 'shop'?"),
        ({"load_balancer": "x*y"},
         "load_balancer: nothing is of 'x*y'; there are 'shop', 'shop-eu' and 'web'"),
        ({"region": "us-east-2"},
         "region: nothing is of 'us-east-2'; there are 'us-east-1' and 'eu-west-1'; "
         "did you mean 'us-east-1'?"),
        ({"account_id": "123456789013"},
         f"account_id: nothing is of '123456789013'; there are '{trees.ACCOUNT}' and "
         f"'999999999999'; did you mean '{trees.ACCOUNT}'?"),
        ({"load_balancer": "shpo", "start": NOON - 99 * DAY, "end": NOON - 90 * DAY},
         "load_balancer: nothing is of 'shpo'; there are 'shop', 'shop-eu' and 'web'; "
         "did you mean 'shop'?"),
    ],
)  # fmt: skip
def test_a_name_that_is_nowhere_says_what_there_is(bucket: Path, filters: dict, told: str) -> None:
    assert said(bucket, **filters) == [(IncompleteWarning, f"logs: {told}")]


def test_one_of_several_names_that_is_nowhere_is_said_too(bucket: Path) -> None:
    [(kind, text)] = said(bucket, load_balancer=["web", "shpo"])
    assert (kind, text[:50]) == (
        IncompleteWarning,
        "logs: load_balancer: nothing is of 'shpo'; there a",
    )


def test_files_that_do_not_tell_their_name_leave_it_to_their_rows(bucket: Path) -> None:
    (bucket / "AWSLogs" / "renamed.log").touch()
    assert said(bucket, load_balancer="shpo") == []


def test_a_quiet_time_says_when_there_are_logs_and_is_no_fault(bucket: Path) -> None:
    when = {"start": NOON - 99 * DAY, "end": NOON - 90 * DAY}
    there = "; there are some of 2026-09-23 12:00 to 2026-09-24 12:00 UTC"
    time = "from 2026-06-16 12:00:00 UTC until 2026-06-25 12:00:00 UTC"
    assert said(bucket, **when) == [(AlbconnWarning, f"logs: no connection log {time}{there}")]
    assert said(bucket, load_balancer="web", **when) == [
        (AlbconnWarning, f"logs: no connection log {time} of load_balancer 'web'{there}")
    ]


def test_names_are_those_of_the_regions_and_accounts_that_were_asked_for(bucket: Path) -> None:
    assert said(bucket, load_balancer="web", region="eu-west-1") == [
        (IncompleteWarning, "logs: load_balancer: nothing is of 'web'; there is 'shop-eu'")
    ]


def test_nothing_is_an_error(tmp_path: Path) -> None:
    nothing = "logs: neither log files nor an albconn dataset (no manifest/); check the path"
    assert refused(tmp_path) == nothing
    assert refused(tmp_path, start=NOON, load_balancer="web") == nothing
    trees.plant(tmp_path, {"AWSLogs/123456789012/elasticloadbalancing/x": b""})
    assert refused(tmp_path, start=NOON) == (
        "logs: no connection log; skipped 1 other file: 1 file of another kind "
        "(logs/AWSLogs/123456789012/elasticloadbalancing/x)"
    )


def test_only_other_files_is_an_error_that_names_them(tmp_path: Path) -> None:
    access = f"{trees.ACCOUNT}_elasticloadbalancing_us-east-1_app.web.1_x.log.gz"
    trees.plant(tmp_path, {access: b"", "a.json": b"", "b.csv": b"", "c.json": b""})
    assert refused(tmp_path) == (
        "logs: no connection log; skipped 4 other files: 2 JSON files (first logs/a.json), "
        f"1 access log (logs/{access}), 1 CSV file (logs/b.csv)"
    )


def test_logging_that_was_just_switched_on_is_no_error(tmp_path: Path) -> None:
    trees.plant(tmp_path, {f"AWSLogs/{trees.ACCOUNT}/ELBConnectionLogTestFile": b""})
    [(kind, text)] = said(tmp_path)
    assert (kind, "none is delivered yet" in text) == (AlbconnWarning, True)


def test_files_of_other_kinds_beside_logs_are_said(bucket: Path) -> None:
    trees.plant(bucket, {"AWSLogs/odd/notes.md": b"", "AWSLogs/odd/x.parquet": b""})
    assert said(bucket) == [
        (AlbconnWarning,
         "logs: skipped 2 other files: 1 text file (logs/AWSLogs/odd/notes.md), "
         "1 Parquet file (logs/AWSLogs/odd/x.parquet)")
    ]  # fmt: skip


def test_copies_are_said_with_the_first_and_sizes_that_differ() -> None:
    same, other = Copy("/b/x", 5, "/a/x", 5), Copy("/b/y", 5, "/a/y", 9)
    for copies, text in (
        ([same], "skipped 1 copy of files that are read already, such as /b/x, which is /a/x; "),
        ([same, other], "skipped 2 copies of files that are read already, such as /b/y, which is "
         "/a/y (5 and 9 bytes as they are stored; the latter is read); "),
    ):  # fmt: skip
        listing = Listing([], [], duplicates=copies, places=("/",))
        listing.elsewhere.files = 1
        with pytest.warns(AlbconnWarning) as caught:
            tell_of_listing(listing, Selection())
        assert str(caught[0].message) == f'{text}duplicates="keep" (--duplicates keep) reads each'


def test_links_to_folders_are_said(tmp_path: Path) -> None:
    trees.plant(tmp_path, {"real/a.log": b""})
    (tmp_path / "link").symlink_to("real")
    assert said(tmp_path) == [
        (AlbconnWarning, "skipped 1 link to a folder that is read already, first logs/link/, "
         "which is logs/real/")
    ]  # fmt: skip


def test_what_could_not_be_looked_at_is_missing_from_the_result(tmp_path: Path) -> None:
    trees.plant(tmp_path, {"a.log": b""})
    for name in ("gone.log", "lost.log"):
        (tmp_path / name).symlink_to("nothing")
    why = "a link to nothing; mend or remove it; and 1 more"
    [(kind, text)] = said(tmp_path)
    assert (kind, text) in [
        (IncompleteWarning, f"logs/{name}.log: not looked at: {why}") for name in ("gone", "lost")
    ]
    (tmp_path / "a.log").unlink()
    assert refused(tmp_path).endswith(why)


def test_what_was_named_is_told_short() -> None:
    assert named(["a"]) == "a"
    assert named([f"/{n}" for n in range(6000)]) == "/0 and 5,999 more"


def test_kinds_and_names_are_few_in_a_message() -> None:
    many = [ForeignFile(f"a{n}.{ending}", 1, "other") for n, ending in enumerate(
        ["csv", "tsv", "json", "parquet", "zip", "tar", "xz", "html"] * 3)]  # fmt: skip
    assert skipped(many).startswith("skipped 24 other files: 3 CSV files (first a0.csv), 3 TSV ")
    assert skipped(many).endswith(" and 3 more kinds")
    names = [f"app/lb-{n}/0" for n in range(4000)]
    [(argument, text, is_all)] = missing_names(
        make_selection(load_balancer="other"), {"load_balancer": names}
    )
    assert (argument, is_all) == ("load_balancer", True)
    assert text.endswith("'lb-0', 'lb-1', 'lb-10', 'lb-100', 'lb-1000' and 3,995 more")
