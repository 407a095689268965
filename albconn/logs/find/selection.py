"""Which connections are wanted: a time range and filters, as one frozen record.

A selection works twice. On a file's key it says which files cannot hold anything wanted and
need not be read; on a table it says which rows are wanted. A file whose key says nothing is
always read, and its rows decide.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from albconn.arguments import names_given
from albconn.arrow import missing_of, values_of
from albconn.errors import SHOWN_PROBLEMS, TableError, shown
from albconn.logs.find.keys import LogKey
from albconn.schema.table import LogTable
from albconn.times import Instant, microseconds, moved, utc_instant

if TYPE_CHECKING:
    import numpy.typing as npt

Names = str | Sequence[str] | None

# The filters that name something, and the column of what they name.
COLUMN_OF = {"load_balancer": "elb", "account_id": "account_id", "region": "region"}

# A file closes its five-minute interval at interval_end. An hour on either side costs little
# and forgives clocks and long intervals; rows are filtered by their own timestamp anyway.
INTERVAL_SLACK = timedelta(hours=1)


@dataclass(frozen=True)
class Selection:
    """A half-open time range ``[start, end)`` and filters; empty means everything."""

    start: datetime | None = None
    end: datetime | None = None
    load_balancer: tuple[str, ...] = field(default=())
    account_id: tuple[str, ...] = field(default=())
    region: tuple[str, ...] = field(default=())

    def may_hold(self, key: LogKey) -> bool:
        """Say whether a file with this key can hold a wanted connection."""
        return (
            (key.elb is None or self._wants_balancer(key.elb))
            and (not self.account_id or key.account_id in (None, *self.account_id))
            and (not self.region or key.region in (None, *self.region))
            and self._may_hold_interval(key.interval_end)
        )

    def delivery_days(self) -> tuple[date, date] | None:
        """Return the first and last day whose folders can hold the range; None without a range.

        Connections of day D are delivered into the folders of D and D+1: the interval that
        ends at midnight is filed under the day that then begins.
        """
        if self.start is None and self.end is None:
            return None
        first = self.start.date() if self.start else date.min
        last = (self.end - timedelta.resolution).date() if self.end else date.max
        return first, last if last == date.max else last + timedelta(days=1)

    def told(self) -> str:
        """Return the time range and the filters in words; nothing for everything."""
        times = [
            f"{word} {moment:%Y-%m-%d %H:%M:%S} UTC"
            for word, moment in (("from", self.start), ("until", self.end))
            if moment is not None
        ]
        names = [
            f"of {argument} {' or '.join(shown(value) for value in values[:SHOWN_PROBLEMS])}"
            for argument, values in self.names().items()
        ]
        return " ".join([*times, *names])

    def names(self) -> dict[str, tuple[str, ...]]:
        """Return the filters by name that are set, by the argument that sets them."""
        given = {argument: getattr(self, argument) for argument in COLUMN_OF}
        return {argument: values for argument, values in given.items() if values}

    def needs(self, table: LogTable) -> set[str]:
        """Return the columns of a table that ``mask`` looks at."""
        needed = {name for name in table.columns if name in self._wanted_values()}
        return needed | ({table.time_column} if self.start or self.end else set())

    def wants(self, column: str, text: str) -> bool:
        """Say whether a text of a column is wanted."""
        wanted = self._wanted_values().get(column)
        return wanted is None or wanted(text)

    def mask(self, rows: pa.Table, table: LogTable) -> npt.NDArray[np.bool_] | None:
        """Return which rows of a table are wanted, shape (rows,); None when all are.

        Where the table has no column for a filter, the files' keys have decided already.
        """
        masks = []
        if self.start is not None:
            masks.append(values_of(rows[table.time_column]) >= microseconds(self.start))
        if self.end is not None:
            masks.append(values_of(rows[table.time_column]) < microseconds(self.end))
        for name, wanted in self._wanted_values().items():
            if name in table.columns:
                masks.append(_matches(rows[name], wanted))
        if not masks:
            return None
        return np.logical_and.reduce(masks)

    def to_json(self) -> dict[str, Any]:
        """Return the selection as JSON values; ``from_json`` reads it back."""
        return {
            "start": self.start.isoformat() if self.start else None,
            "end": self.end.isoformat() if self.end else None,
            "load_balancer": list(self.load_balancer),
            "account_id": list(self.account_id),
            "region": list(self.region),
        }

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Selection:
        """Read what ``to_json`` wrote."""
        return cls(
            start=datetime.fromisoformat(told["start"]) if told["start"] else None,
            end=datetime.fromisoformat(told["end"]) if told["end"] else None,
            load_balancer=tuple(told["load_balancer"]),
            account_id=tuple(told["account_id"]),
            region=tuple(told["region"]),
        )

    def _wanted_values(self) -> dict[str, Callable[[str], bool]]:
        """Return, for each column that is filtered by, what says whether a value is wanted."""
        filters: dict[str, tuple[tuple[str, ...], Callable[[str], bool]]] = {
            "elb": (self.load_balancer, self._wants_balancer),
            "account_id": (self.account_id, self.account_id.__contains__),
            "region": (self.region, self.region.__contains__),
        }
        return {name: wants for name, (asked, wants) in filters.items() if asked}

    def _wants_balancer(self, elb: str) -> bool:
        return not self.load_balancer or any(_is_balancer(elb, p) for p in self.load_balancer)

    def _may_hold_interval(self, interval_end: datetime | None) -> bool:
        if interval_end is None:
            return True
        latest = moved(interval_end, INTERVAL_SLACK)
        earliest = moved(interval_end, -INTERVAL_SLACK - _FIVE_MINUTES)
        too_old = self.start is not None and latest < self.start
        too_new = self.end is not None and earliest >= self.end
        return not (too_old or too_new)


EVERYTHING = Selection()
_FIVE_MINUTES = timedelta(minutes=5)


def make_selection(
    *,
    start: Instant | None = None,
    end: Instant | None = None,
    load_balancer: Names = None,
    account_id: Names = None,
    region: Names = None,
) -> Selection:
    """Check the arguments that a reader was given and make them a selection.

    Raises
    ------
    TableError
        A time is naive or no time, the range is empty, or a filter is no text.
    """
    first, last = utc_instant("start", start), utc_instant("end", end)
    if first is not None and last is not None and first >= last:
        raise TableError(f"start: {first.isoformat()} is not before end {last.isoformat()}")
    return Selection(
        start=first,
        end=last,
        load_balancer=_names("load_balancer", load_balancer),
        account_id=_names("account_id", account_id),
        region=_names("region", region),
    )


def _names(argument: str, value: Names) -> tuple[str, ...]:
    named = () if value is None else names_given(argument, value, one="a name", example="'my-name'")
    if wrong := [name for name in named if not isinstance(name, str) or not name]:
        raise TableError(f"{argument}: {shown(wrong[0])} is not a name")
    return named


def is_named(argument: str, there: str, wanted: str) -> bool:
    """Say whether a name that is there is the one, or fits the glob, that was asked for."""
    return _is_balancer(there, wanted) if argument == "load_balancer" else there == wanted


def bare_name(elb: str) -> str:
    """Return the name in ``app/name/hash``; a text that is none as it is."""
    parts = elb.split("/")
    return parts[1] if len(parts) == 3 else elb


def _is_balancer(elb: str, pattern: str) -> bool:
    """Match ``app/name/hash`` against itself, the bare name, or a glob of either."""
    return fnmatchcase(elb, pattern) or fnmatchcase(bare_name(elb), pattern)


def _matches(column: pa.ChunkedArray, wanted: Any) -> npt.NDArray[np.bool_]:
    """Ask once per distinct value; a missing value is not wanted."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    return np.concatenate([np.empty(0, bool), *(_chunk_matches(c, wanted) for c in column.chunks)])


def _chunk_matches(chunk: pa.DictionaryArray, wanted: Any) -> npt.NDArray[np.bool_]:
    verdicts = np.array([wanted(value) for value in chunk.dictionary.to_pylist()] or [False])
    matches = verdicts.take(values_of(chunk.indices), mode="clip")  # a null's code is anything
    missing = missing_of(chunk.indices)
    return matches if missing is None else matches & ~missing
