"""The tree is walked by the day, any other shape whole, and folders are asked for once."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from albconn.logs.find.keys import parse_key
from albconn.logs.find.listing import Found, Listing
from albconn.logs.find.selection import Selection
from albconn.logs.find.tree import Children, Search
from worlds import trees

NOON = datetime(2026, 9, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SERVICE = f"AWSLogs/{trees.ACCOUNT}/elasticloadbalancing"
REGION = f"{SERVICE}/{trees.REGION}"


class Keys:
    """A lister of keys that are in no store: what S3 answers, by its own rules."""

    def __init__(self, *keys: str) -> None:
        self.keys = [f"s3://b/{key}" for key in sorted(keys)]
        self.asked: list[str] = []

    def folder(self, url: str) -> Children:
        self.asked.append(url + "?")
        below = [key for key in self.keys if key.startswith(url)]
        folders = {
            url + key[len(url) :].split("/")[0] + "/" for key in below if "/" in key[len(url) :]
        }
        objects = [Found(key, 1, "") for key in below if "/" not in key[len(url) :]]
        return sorted(folders), objects

    def walk(self, url: str) -> Iterator[Found]:
        self.asked.append(url)
        return iter([Found(key, 1, "") for key in self.keys if key.startswith(url)])

    def found(self, selection: Selection, folder: str = "s3://b/") -> list[str]:
        search = Search(selection, Listing([], []))
        return sorted(f.url.removeprefix("s3://b/") for f in search.tree(self).objects(folder))


def named(end: datetime, shape: str) -> str:
    """Return the key of a file in a folder that is named for its day where it is named for any."""
    return f"{shape.format(d=end)}/{trees.name_of(end)}"


SHAPES = [
    "AWSLogs",
    "AWSLogs/archive",
    f"AWSLogs/archive/{trees.ACCOUNT}/elasticloadbalancing/{trees.REGION}/{{d:%Y/%m/%d}}",
    f"AWSLogs/archive/old/{trees.ACCOUNT}/elasticloadbalancing/{trees.REGION}/{{d:%Y/%m/%d}}",
    f"AWSLogs/o-aa111bb222/{trees.ACCOUNT}/elasticloadbalancing/{trees.REGION}/{{d:%Y/%m/%d}}",
    f"AWSLogs/shop-account/elasticloadbalancing/{trees.REGION}/{{d:%Y/%m/%d}}",
    f"AWSLogs/{trees.ACCOUNT}",
    f"AWSLogs/{trees.ACCOUNT}/{trees.REGION}/{{d:%Y/%m/%d}}",
    f"AWSLogs/{trees.ACCOUNT}/{{d:%Y/%m/%d}}",
    SERVICE,
    f"{SERVICE}/{{d:%Y/%m/%d}}",
    f"{SERVICE}/everywhere",
    REGION,
    f"{REGION}/{{d:%Y%m%d}}",
    f"{REGION}/{{d:%Y-%m-%d}}",
    f"{REGION}/{{d:%Y}}",
    f"{REGION}/{{d:%Y/%m}}",
    f"{REGION}/{{d:%Y/%m}}23",
    f"{REGION}/{{d:%Y/%m/%d}}/12",
    f"{REGION}/{{d:%Y}}/13/45",
    f"{REGION}/year={{d:%Y}}/month={{d:%m}}/day={{d:%d}}",
    f"AWSLogs/aws-account-id={trees.ACCOUNT}/elasticloadbalancing/region={trees.REGION}/year={{d:%Y}}/"
    "month={d:%m}/day={d:%d}",
    "AWSLogs//" + trees.ACCOUNT,
    "AWSLogs/{d:%Y/%m/%d}",
]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "selection",
    [
        Selection(),
        Selection(start=NOON - timedelta(hours=1), end=NOON + timedelta(hours=1)),
        Selection(start=NOON - 400 * DAY),
        Selection(end=NOON + DAY),
        Selection(account_id=(trees.ACCOUNT,), region=(trees.REGION,), start=NOON - DAY),
    ],
)
def test_no_shape_hides_a_log(shape: str, selection: Selection) -> None:
    beside = named(NOON - 30 * DAY, f"{REGION}/2026/08/24")
    wanted = named(NOON, shape)
    assert wanted in Keys(wanted, beside).found(selection)
    assert Keys(wanted).found(selection, "s3://b/AWSLogs/") == [wanted]


@pytest.mark.parametrize("seed", range(40))
def test_whatever_a_plain_walk_would_keep_is_found(seed: int) -> None:
    chance = random.Random(seed)
    keys = [
        named(NOON + n * DAY / 4, chance.choice(SHAPES))
        for n in chance.choices(range(-800, 800), k=60)
    ]
    first = NOON + chance.randrange(-300, 300) * DAY / 2
    selection = Selection(start=first, end=first + chance.randrange(1, 500) * DAY / 2)
    wanted = {key for key in keys if selection.may_hold(parse_key(key))}
    assert wanted <= set(Keys(*keys).found(selection))


def test_a_long_range_asks_for_what_is_there_not_for_each_day() -> None:
    keys = [named(day, f"{REGION}/{day:%Y/%m/%d}") for day in (NOON - 900 * DAY, NOON, NOON + DAY)]
    there = Keys(*keys)
    assert there.found(Selection(start=NOON - 1000 * DAY)) == sorted(keys)
    assert len(there.asked) <= 4 + 4  # the way down; two years' walks, the cut ones opened
    there.asked.clear()
    assert there.found(Selection(start=NOON)) == sorted(keys[1:])
    assert not [url for url in there.asked if "/2024/" in url]


def test_one_day_of_a_tree_is_asked_for_once_and_nothing_else() -> None:
    days = [NOON + n * DAY for n in range(-40, 40)]
    there = Keys(*[named(day, f"{REGION}/{day:%Y/%m/%d}") for day in days])
    there.found(Selection(start=NOON, end=NOON + timedelta(hours=1)))
    assert there.asked == [
        f"s3://b/{folder}/{how}"
        for folder, how in [
            ("AWSLogs", "?"), (f"AWSLogs/{trees.ACCOUNT}", "?"), (SERVICE, "?"), (REGION, "?"),
            (f"{REGION}/2026", "?"), (f"{REGION}/2026/09", "?"), (f"{REGION}/2026/09/23", ""),
            (f"{REGION}/2026/09/24", ""),
        ]
    ]  # fmt: skip


def test_other_services_are_left_and_what_is_unknown_holds_logs_by_name_only() -> None:
    account = f"AWSLogs/{trees.ACCOUNT}"
    log = named(NOON, f"{account}/moved")
    there = Keys(f"{account}/CloudTrail/us-east-1/trail.json.gz", f"{account}/moved/a.gz", log)
    search = Search(Selection(), Listing([], []))
    found = {f.url: f.kind for f in search.tree(there).objects("s3://b/")}
    assert found == {f"s3://b/{log}": None, f"s3://b/{account}/moved/a.gz": "other"}
    assert not [url for url in there.asked if "CloudTrail" in url]


def test_accounts_and_regions_that_were_not_asked_for_are_remembered_not_opened() -> None:
    there = Keys(trees.key(NOON), trees.key(NOON, account="9" * 12, region="eu-west-1"))
    search = Search(Selection(account_id=("9" * 12,), region=("eu-west-2",)), Listing([], []))
    assert list(search.tree(there).objects("s3://b/")) == []
    assert search.listing.elsewhere.accounts == {trees.ACCOUNT, "9" * 12}
    assert search.listing.elsewhere.regions == {"eu-west-1"}
    assert not [url for url in there.asked if trees.ACCOUNT in url]


def test_nearest_days_are_the_first_and_the_last_of_each_region() -> None:
    days = [NOON + n * DAY for n in range(-40, 40)]
    there = Keys(*[named(day, f"{REGION}/{day:%Y/%m/%d}") for day in days])
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    search = Search(Selection(start=long_ago, end=long_ago + DAY), Listing([], []))
    assert list(search.tree(there).objects("s3://b/")) == []
    ends = [parse_key(found.url).interval_end for found in search.nearest()]
    assert ends == [days[0], days[-1]]
