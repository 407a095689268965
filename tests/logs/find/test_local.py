"""A disk is walked through its links, each folder once, and past what cannot be looked at."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from albconn import SourceError
from albconn.logs.find.listing import Listing
from albconn.logs.find.selection import Selection
from albconn.logs.find.sources import list_log_files
from worlds import trees

NOON = datetime(2026, 9, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)
IN_TREE = Path(trees.key(NOON)).parent


def listed(folder: Path, **selection: datetime) -> Listing:
    return list_log_files(folder, selection=Selection(**selection))  # type: ignore[arg-type]


def paths(listing: Listing, folder: Path) -> list[str]:
    return [str(Path(f.url).relative_to(folder)) for f in listing.log_files]


@pytest.mark.parametrize("base", [Path("AWSLogs"), IN_TREE, Path("anything")])
@pytest.mark.parametrize("when", [{}, {"start": NOON - DAY, "end": NOON + DAY}])
def test_a_linked_folder_is_read_by_its_own_path_and_once(
    tmp_path: Path, base: Path, when: dict[str, datetime]
) -> None:
    log = base / "real" / trees.name_of(NOON)
    trees.plant(tmp_path, {str(log): b""})
    (tmp_path / base / "a_link_before").symlink_to("real")
    (tmp_path / base / "up").symlink_to("..")
    (tmp_path / base / "real/itself").symlink_to(".")
    (tmp_path / base / "real/round").symlink_to(tmp_path / base)
    listing = listed(tmp_path, **when)
    assert paths(listing, tmp_path) == [str(log)]
    assert (listing.duplicates, listing.unlisted) == ([], {})
    assert {link.rstrip("/").rpartition("/")[2] for link in listing.aliases} >= {"up", "itself"}


def test_a_folder_that_is_only_linked_is_read(tmp_path: Path) -> None:
    trees.plant(tmp_path / "disk", {"day/a.log": b"", "day/deep/b.log": b""})
    (tmp_path / "logs/inner").mkdir(parents=True)
    (tmp_path / "logs/inner/link").symlink_to(tmp_path / "disk/day")
    assert paths(listed(tmp_path / "logs"), tmp_path / "logs") == [
        "inner/link/a.log", "inner/link/deep/b.log"
    ]  # fmt: skip


def test_a_file_under_two_names_is_one_and_the_first_stays(tmp_path: Path) -> None:
    trees.plant(tmp_path, {"b/real.log": b"x", "alone.log": b"x"})
    (tmp_path / "c.log").symlink_to("b/real.log")
    (tmp_path / "d.log").hardlink_to(tmp_path / "b/real.log")
    listing = listed(tmp_path)
    assert paths(listing, tmp_path) == ["alone.log", "b/real.log"]
    assert [Path(copy.url).name for copy in listing.duplicates] == ["c.log", "d.log"]
    kept = list_log_files(tmp_path, selection=Selection(), duplicates="keep")
    assert (len(kept.log_files), kept.duplicates) == (4, [])
    several = list_log_files([tmp_path, tmp_path / "alone.log", tmp_path], selection=Selection())
    assert (len(several.log_files), len(several.duplicates)) == (2, 2)


def test_links_that_lead_nowhere_are_noted_and_the_rest_is_found(tmp_path: Path) -> None:
    trees.plant(tmp_path, {str(IN_TREE / "a.log"): b""})
    for name, target in (("gone.log.gz", "nothing"), ("self.log.gz", "self.log.gz")):
        (tmp_path / IN_TREE / name).symlink_to(target)
    listing = listed(tmp_path)
    assert paths(listing, tmp_path) == [str(IN_TREE / "a.log")]
    assert {Path(place).name: why for place, why in listing.unlisted.items()} == {
        "gone.log.gz": "a link to nothing; mend or remove it",
        "self.log.gz": "Too many levels of symbolic links; check the path and its rights",
    }


@pytest.mark.parametrize("function", ["scandir", "stat"])
def test_what_is_forbidden_is_noted_and_the_rest_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    trees.plant(tmp_path, {trees.key(NOON): b"", trees.key(NOON + DAY): b""})
    original = getattr(os, function)

    def refused(path: object, *args: object, **options: object) -> object:
        if str(path).rstrip("/").endswith(("2026/09/23", trees.name_of(NOON))):
            raise PermissionError(13, "Permission denied", str(path))
        return original(path, *args, **options)

    monkeypatch.setattr(os, function, refused)
    for when in ({}, {"start": NOON - DAY, "end": NOON + DAY}):
        listing = listed(tmp_path, **when)
        assert paths(listing, tmp_path) == [trees.key(NOON + DAY)]
        assert set(listing.unlisted.values()) == {
            "Permission denied; check the path and its rights"
        }


def test_names_that_are_no_text_are_noted(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"a\xff.log")).touch()
    (tmp_path / "b.log").touch()
    listing = listed(tmp_path)
    assert paths(listing, tmp_path) == ["b.log"]
    assert listing.unlisted == {f"{tmp_path}/a\\udcff.log": "its name is not UTF-8 text; rename it"}


def test_in_folders_only_files_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.log")
    (tmp_path / "a.log").touch()
    assert paths(listed(tmp_path), tmp_path) == ["a.log"]


def test_what_is_named_and_not_there_is_an_error(tmp_path: Path) -> None:
    for place in ("nowhere", "no*where", "~nobody-of-that-name/x", "a" * 5000):
        with pytest.raises(SourceError, match=r"check the path( and its rights)?$"):
            list_log_files(place, selection=Selection())
    (tmp_path / "self").symlink_to("self")
    with pytest.raises(SourceError, match="check the path"):
        list_log_files(tmp_path / "self", selection=Selection())
