"""What a listing has to say: nothing that was looked for is missing without a word.

Where there is no log of the kind at all, that is an error. Where there are some and a name that was
asked for is nowhere among them, it is most likely mistyped: a warning says what there is instead,
and the command line ends with 1. Where only the time is quiet, a warning says so and all is well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from albconn.errors import IncompleteWarning, SourceError, shown, warn
from albconn.logs.find.listing import ForeignFile, Listing
from albconn.logs.find.selection import COLUMN_OF, Selection, bare_name, is_named
from albconn.storage.places import is_remote, local_path
from albconn.words import counted, join

_KINDS = {
    "test_marker": ("test file of AWS", "test files of AWS"),
    "health_check_log": ("health check log", None),
    "nlb_log": ("log of a network load balancer", "logs of network load balancers"),
    "access_log": ("access log", None),
    "connection_log": ("connection log", None),
    "classic_log": ("log of a classic load balancer", "logs of classic load balancers"),
}
_ENDINGS = {
    ".csv": "CSV file", ".tsv": "TSV file", ".json": "JSON file", ".jsonl": "JSON file",
    ".parquet": "Parquet file", ".zip": "zip archive", ".tar": "tar archive", ".tgz": "tar archive",
    ".bz2": "bzip2 file", ".xz": "xz file", ".zst": "zstd file", ".7z": "7z archive",
    ".html": "HTML page", ".md": "text file", ".py": "script", ".sql": "SQL file",
}  # fmt: skip
_MARKER = "test_marker"
_SHOWN_NAMES = 5
# That AWS puts into the same folders.
OTHER_LOGS = ("health_check_log", "nlb_log", "access_log", "connection_log", "classic_log")


def named(places: Sequence[object]) -> str:
    """Return what the user named, short."""
    first = str(places[0])
    return first if len(places) == 1 else f"{first} and {len(places) - 1:,} more"


def tell_of_listing(listing: Listing, selection: Selection) -> None:
    """Warn of what was skipped or is not there as asked for.

    Raises
    ------
    SourceError
        There is no log of the kind at all, of whatever time and name, or a dataset is among them.
    """
    place = named(listing.places)
    _refuse_datasets(listing)
    _tell_of_copies(listing)
    if listing.unlisted:
        where, why = next(iter(listing.unlisted.items()))
        more = _and_more(len(listing.unlisted))
        if not listing.log_files and not listing.elsewhere.files:
            raise SourceError(f"{where}: {why}{more}")
        warn(f"{where}: not looked at: {why}{more}", IncompleteWarning)
    if listing.log_files:
        others = [f for f in listing.foreign if f.kind not in (*OTHER_LOGS, _MARKER)]
        if others:
            warn(f"{place}: {skipped(others)}")
        _tell_of_names(place, listing, selection)
    elif listing.elsewhere.files:
        if not _tell_of_names(place, listing, selection):
            _tell_of_quiet(place, listing, selection)
    else:
        _tell_of_nothing(place, listing, selection)


def skipped(foreign: Sequence[ForeignFile]) -> str:
    """Return how many files are not read, and what they are.

    Examples
    --------
    >>> skipped([ForeignFile("logs/a.json", 12, "other")])
    'skipped 1 other file: 1 JSON file (logs/a.json)'
    """
    kinds = Counter(map(_looks_like, foreign))
    first = {_looks_like(f): f.url for f in reversed(foreign)}
    told = [
        f"{counted(count, *kind)} ({'first ' if count > 1 else ''}{first[kind]})"
        for kind, count in kinds.most_common(_SHOWN_NAMES)
    ]
    more = len(kinds) - _SHOWN_NAMES
    rest = f" and {more} more kinds" if more > 0 else ""
    return f"skipped {counted(len(foreign), 'other file')}: {', '.join(told)}{rest}"


def missing_names(
    selection: Selection, there: Mapping[str, Iterable[str]]
) -> list[tuple[str, str, bool]]:
    """Return what to say of each name that was asked for and is not among those that are there.

    With it the argument, and whether nothing at all is there of that argument.
    """
    told = []
    for argument, wanted in selection.names().items():
        names = sorted(set(there.get(argument, ())))
        missing = [w for w in wanted if not any(is_named(argument, name, w) for name in names)]
        if names and missing:
            text = f"{argument}: nothing is of {_instead(argument, missing, names)}"
            told.append((argument, text, len(missing) == len(wanted)))
    return told


def _refuse_datasets(listing: Listing) -> None:
    """Refuse a dataset that is named like log files: its Parquet files would just be skipped."""
    with_records = {
        f.url.partition("/manifest/")[0] for f in listing.foreign if "/manifest/" in f.url
    }
    for place in listing.places if with_records else ():
        folder = place if is_remote(place) else str(local_path(place).absolute())
        if folder.rstrip("/") in with_records:
            raise SourceError(
                f"{place}: a converted dataset, not log files; give it alone to what counts, or "
                "read it with read_dataset"
            )


def _tell_of_copies(listing: Listing) -> None:
    for link, folder in [*listing.aliases.items()][:1]:
        links = counted(len(listing.aliases), "link")
        warn(f"skipped {links} to a folder that is read already, first {link}, which is {folder}")
    if not listing.duplicates:
        return
    first = next((c for c in listing.duplicates if c.size != c.of_size), listing.duplicates[0])
    sizes = f"{first.size:,} and {first.of_size:,} bytes as they are stored"
    differ = f" ({sizes}; the latter is read)" if first.size != first.of_size else ""
    warn(
        f"skipped {counted(len(listing.duplicates), 'copy', 'copies')} of files that are read "
        f'already, such as {first.url}, which is {first.of}{differ}; duplicates="keep" '
        "(--duplicates keep) reads each"
    )


def _tell_of_names(place: str, listing: Listing, selection: Selection) -> bool:
    """Warn of names that no log file has; say whether that is why nothing is left."""
    keys = [log_file.key for log_file in listing.log_files]
    elsewhere = listing.elsewhere
    wanted = selection.names()
    if not wanted:
        return False
    there = {
        "load_balancer": {*elsewhere.load_balancers, *(k.elb for k in keys if k.elb)},
        "account_id": {*elsewhere.accounts, *(k.account_id for k in keys if k.account_id)},
        "region": {*elsewhere.regions, *(k.region for k in keys if k.region)},
    }
    silent = {
        argument
        for argument, fact in COLUMN_OF.items()
        if any(getattr(key, fact) is None for key in keys)
    }
    nowhere = False
    for argument, text, is_all in missing_names(selection, there):
        if argument in silent:  # files whose names do not tell it: their rows decide
            continue
        nowhere |= is_all
        warn(f"{place}: {text}", IncompleteWarning)
    return nowhere


def _tell_of_quiet(place: str, listing: Listing, selection: Selection) -> None:
    elsewhere = listing.elsewhere
    times = ""
    if elsewhere.first and elsewhere.last:
        times = (
            f"; there are some of {elsewhere.first:%Y-%m-%d %H:%M} to "
            f"{elsewhere.last:%Y-%m-%d %H:%M} UTC"
        )
    warn(f"{place}: no {listing.log_name} {selection.told()}{times}")


def _tell_of_nothing(place: str, listing: Listing, selection: Selection) -> None:
    elsewhere = listing.elsewhere
    there = {"account_id": elsewhere.accounts, "region": elsewhere.regions}
    if told := missing_names(selection, there):
        for _, text, _ in told:
            warn(f"{place}: {text}", IncompleteWarning)
    elif listing.foreign and all(f.kind == _MARKER for f in listing.foreign):
        warn(
            f"{place}: {listing.log_name}s are switched on (AWS's test file is there), and none is "
            "delivered yet"
        )
    elif listing.foreign:
        raise SourceError(f"{place}: no {listing.log_name}; {skipped(listing.foreign)}")
    else:
        raise SourceError(
            f"{place}: neither log files nor an albconn dataset (no manifest/); check the path"
        )


def _instead(argument: str, missing: list[str], names: list[str]) -> str:
    """Return the names that are missing, what is there, and what may have been meant."""
    known = sorted({*map(bare_name, names)}) if argument == "load_balancer" else names
    near = get_close_matches(missing[0], known, n=1) or get_close_matches(missing[0], names, n=1)
    listed = [shown(name) for name in [*near, *(n for n in known if n not in near)][:_SHOWN_NAMES]]
    more = len(known) - len(listed)
    there = f"{', '.join(listed)} and {more:,} more" if more > 0 else join(listed)
    meant = f"; did you mean {shown(near[0])}?" if near else ""
    several = join([shown(name) for name in missing[:_SHOWN_NAMES]], last="or")
    return f"{several}; there {'is' if len(known) == 1 else 'are'} {there}{meant}"


def _looks_like(file: ForeignFile) -> tuple[str, str | None]:
    """Return what a file is, by its name, as a noun in both numbers."""
    if file.kind in _KINDS:
        return _KINDS[file.kind]
    name = file.url.rpartition("/")[2].lower()
    ending = next((e for e in _ENDINGS if name.endswith(e)), None)
    return (_ENDINGS[ending] if ending else "file of another kind"), (
        None if ending else "files of other kinds"
    )


def _and_more(count: int) -> str:
    return f"; and {count - 1:,} more" if count > 1 else ""
