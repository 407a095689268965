"""The tree that AWS writes below ``AWSLogs/``, walked by the day; what has another shape, whole.

    [prefix/]AWSLogs/[o-<org>/]<account>/elasticloadbalancing/<region>/<yyyy>/<mm>/<dd>/<file>

also with ``aws-account-id=``, ``region=``, ``year=`` … before the names. Only folders that are
there are asked for: a year or a month that the range covers is listed at once, and one that it
cuts is opened. A folder that none of this fits (``AWSLogs/archive/…``, days as ``20260923/``) is
walked, for logs may lie in it; the keys then say what is wanted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol

from albconn.logs.find.keys import ANCHOR, delivered_name
from albconn.logs.find.listing import Elsewhere, Found, Listing
from albconn.logs.find.selection import Selection

Named = tuple[Found, bool]  # an object, and whether the user named it itself
Children = tuple[list[str], list[Found]]  # folders, each with a slash at its end, and objects

_ACCOUNT = re.compile(r"(?:aws-account-id=)?(\d{12}|X{12})")
_REGION = re.compile(r"(?:region=)?([a-z]{2}(?:-[a-z]+)+-\d+)")
_DATED = (
    re.compile(r"(?:year=)?(\d{4})"),
    re.compile(r"(?:month=)?(\d\d)"),
    re.compile(r"(?:day=)?(\d\d)"),
)
_SERVICE = "elasticloadbalancing"
# What else AWS files under an account. A folder of another name may be somebody's own.
_OTHER_SERVICES = {
    "cloudtrail", "cloudtrail-digest", "cloudtrail-insight", "config", "globalaccelerator",
    "guardduty", "redshift", "redshiftlogs", "route53resolver", "vpcdnsquerylogs", "vpcflowlogs",
    "vpclattice", "waflogs",
}  # fmt: skip
_PROBED = 8  # regions of which the first and the last day are looked at


class Lister(Protocol):
    """Says what is in a folder; URLs of folders end with a slash."""

    def folder(self, url: str) -> Children:
        """Return what is directly in a folder; nothing when there is none."""
        ...

    def walk(self, url: str) -> Iterable[Found]:
        """Yield every object below a folder."""
        ...


@dataclass
class Search:
    """What is looked for, and what has come of it."""

    selection: Selection
    listing: Listing
    _trees: list[Tree] = field(default_factory=list)

    def tree(self, lister: Lister) -> Tree:
        """Return what walks a folder of a lister."""
        self._trees.append(Tree(lister, self.selection, self.listing.elsewhere))
        return self._trees[-1]

    def nearest(self) -> Iterator[Found]:
        """Yield the objects of the first and the last day that are there of some regions."""
        for tree in self._trees:
            yield from tree.nearest()


class Tree:
    """The objects below a folder that can hold what is selected.

    Parameters
    ----------
    lister : Lister
        Where the folder is.
    selection : Selection
        What is wanted. A folder that cannot hold it is not opened.
    elsewhere : Elsewhere
        Is told of accounts and regions that are there.
    """

    def __init__(self, lister: Lister, selection: Selection, elsewhere: Elsewhere) -> None:
        self._lister = lister
        self._selection = selection
        self._days = selection.delivery_days()
        self._elsewhere = elsewhere
        self._regions: list[str] = []

    def objects(self, folder: str) -> Iterator[Found]:
        """Yield the objects below a folder; by the day where the tree is known."""
        if "/" + ANCHOR not in folder:
            listed = self._lister.folder(folder + ANCHOR)
            if listed == ([], []):
                return iter(self._lister.walk(folder))
            return self._top(folder + ANCHOR, listed)
        below = folder.partition("/" + ANCHOR)[2].split("/")
        return self._from(folder, [part for part in below if part])

    def nearest(self) -> Iterator[Found]:
        """Yield the objects of the first and the last day that are there of each region."""
        for region in self._regions[:_PROBED]:
            for which in (min, max):
                day = region
                for _ in _DATED:
                    day = which(self._dated_folders(day), default=day)
                if day != region:
                    yield from self._lister.walk(day)

    def _from(self, folder: str, below: list[str]) -> Iterator[Found]:
        """Go on from a folder inside the tree; ``below`` names the way to it."""
        here = self._top
        for part in below:
            if here == self._top:
                here = self._account if _ACCOUNT.fullmatch(part) else self._top
            elif here == self._account and part == _SERVICE:
                here = self._service
            elif here == self._service and _REGION.fullmatch(part):
                here = self._region
            else:
                return iter(self._lister.walk(folder))
        return self._unknown(folder) if below and here == self._top else here(folder)

    def _top(self, folder: str, listed: Children | None = None) -> Iterator[Found]:
        folders, objects = listed or self._lister.folder(folder)
        yield from objects
        for inner in folders:
            account = _ACCOUNT.fullmatch(_last(inner))
            if account is None:
                yield from self._unknown(inner)
            elif _is_wanted(account[1], self._selection.account_id, self._elsewhere.accounts):
                yield from self._account(inner)

    def _unknown(self, folder: str) -> Iterator[Found]:
        """Look for the tree below a folder of any name: an organisation, or somebody's own."""
        listed = self._lister.folder(folder)
        names = [_last(inner) for inner in listed[0]]
        if _SERVICE in names:
            return self._account(folder, listed)
        if any(_ACCOUNT.fullmatch(name) for name in names):
            return self._top(folder, listed)
        return iter(self._lister.walk(folder))

    def _account(self, folder: str, listed: Children | None = None) -> Iterator[Found]:
        folders, objects = listed or self._lister.folder(folder)
        yield from objects
        for inner in folders:
            if _last(inner) == _SERVICE:
                yield from self._service(inner)
            elif _last(inner).lower() not in _OTHER_SERVICES:
                for found in self._lister.walk(inner):  # what another service writes is no log
                    known = delivered_name(found.url) is not None
                    yield found if known else found._replace(kind="other")

    def _service(self, folder: str) -> Iterator[Found]:
        folders, objects = self._lister.folder(folder)
        yield from objects
        for inner in folders:
            region = _REGION.fullmatch(_last(inner))
            if region is None:
                yield from self._lister.walk(inner)
            elif _is_wanted(region[1], self._selection.region, self._elsewhere.regions):
                yield from self._region(inner)

    def _region(self, folder: str) -> Iterator[Found]:
        if self._days is None:
            return iter(self._lister.walk(folder))
        self._regions.append(folder)
        return self._dated(folder, ())

    def _dated(self, folder: str, so_far: tuple[int, ...]) -> Iterator[Found]:
        """Go down years, months and days as far as the range cuts them."""
        assert self._days is not None
        first, last = self._days
        folders, objects = self._lister.folder(folder)
        yield from objects
        for inner in folders:
            number = _DATED[len(so_far)].fullmatch(_last(inner))
            here = (*so_far, int(number[1])) if number else ()
            span = _days_of(here)
            if span is None or (first <= span[0] and span[1] <= last):
                yield from self._lister.walk(inner)
            elif span[0] <= last and first <= span[1]:
                yield from self._dated(inner, here)

    def _dated_folders(self, folder: str) -> list[str]:
        folders, _ = self._lister.folder(folder)
        return [f for f in folders if any(dated.fullmatch(_last(f)) for dated in _DATED)]


def _last(folder: str) -> str:
    return folder.removesuffix("/").rpartition("/")[2]


def _is_wanted(name: str, wanted: tuple[str, ...], there: set[str]) -> bool:
    there.add(name)
    return not wanted or name in wanted


def _last_of(year: int, month: int) -> date:
    return date(year, 12, 31) if month == 12 else date(year, month + 1, 1) - timedelta(days=1)


def _days_of(numbers: tuple[int, ...]) -> tuple[date, date] | None:
    """Return the first and last day of a year, a month or a day; None for what is none."""
    try:
        if len(numbers) == 1:
            return date(numbers[0], 1, 1), date(numbers[0], 12, 31)
        if len(numbers) == 2:
            year, month = numbers
            return date(year, month, 1), _last_of(year, month)
        if len(numbers) == 3:
            return date(*numbers), date(*numbers)
    except ValueError:  # a month 13
        pass
    return None
