"""The records of a dataset as they lie there, and whether one is missing or was changed.

Numbers have no gaps. Each record names the checksum of the one before it, and ``manifest/head``
that of the newest, so every record is held by another. Where a record is missing, rows would be
counted out, read twice or swept away as leftovers; so it is a fault that stops readers and
writers alike, until the record is back.

Records of the formats 1 and 2 name no other. Of them, the numbers are all that can be proven.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from albconn.dataset.commits import layout
from albconn.dataset.commits.checkpoint import Checkpoint, Commit, parse_commit
from albconn.dataset.commits.record import CHAINED
from albconn.errors import DatasetError, shown
from albconn.storage.store import Store
from albconn.words import counted

HEADLESS = f"{layout.HEAD}: is missing, which names the newest commit record"

_ATTEMPTS = 5  # of a reader that meets records being folded


class Head(NamedTuple):
    """A record that was the newest when it was committed."""

    batch: str
    sha256: str


class Link(NamedTuple):
    """A record, and the checksum of it as it is stored."""

    commit: Commit
    sha256: str


@dataclass(frozen=True)
class Chain:
    """All records by their numbers, in order; and what is wrong with them.

    ``listing`` are the paths that lay in the manifest's folder.
    """

    links: dict[int, Link]
    head: Head | None = None
    listing: frozenset[str] = frozenset()
    faults: tuple[str, ...] = field(default=(), compare=False)

    @property
    def is_chained(self) -> bool:
        """Say whether the newest record names the one before it, so that there is a head."""
        newest = self.links[max(self.links)].commit if self.links else None
        return isinstance(newest, Checkpoint) or (newest is not None and newest.format >= CHAINED)

    @property
    def start(self) -> int:
        """Return the number of the newest checkpoint, else of the first record."""
        numbers = [n for n, link in self.links.items() if isinstance(link.commit, Checkpoint)]
        return max(numbers, default=min(self.links, default=0))


def digest(content: bytes) -> str:
    """Return the checksum by which a record is known to the next one."""
    return hashlib.sha256(content).hexdigest()


def read_chain(store: Store) -> Chain:
    """Return the records of a dataset, with what is wrong with them.

    A writer may commit and fold between the listing and the reading: what then is missing is
    looked for again, as long as the listing changes.

    Raises
    ------
    DatasetError
        A record cannot be read.
    """
    before: frozenset[str] | None = None
    for _ in range(_ATTEMPTS):
        listing = frozenset(store.sizes(layout.MANIFEST))
        try:
            chain = _read(store, listing)
        except FileNotFoundError:
            continue
        if not chain.faults or listing == before:
            return chain
        before = listing
    raise DatasetError(
        f"{store.location}: records vanished while they were read, again and again; "
        "wait until nobody writes to it, and see albconn check"
    )


def refuse_faults(location: str, faults: Sequence[str]) -> None:
    """Refuse a dataset whose records are not whole.

    Raises
    ------
    DatasetError
        There is a fault; the message has the first.
    """
    if faults:
        more = f"; and {counted(len(faults) - 1, 'more fault')}" if len(faults) > 1 else ""
        raise DatasetError(
            f"{location}: {faults[0]}{more}. Nothing was changed: restore what is missing from a "
            "backup, or convert into a new folder; albconn check lists all faults"
        )


def _read(store: Store, listing: frozenset[str]) -> Chain:
    paths = sorted(path for path in listing if layout.batch_of_record(path))
    contents = store.read_many([*paths, layout.HEAD] if layout.HEAD in listing else paths)
    head = _parse_head(store, contents.pop()) if layout.HEAD in listing else None
    links = {
        int(layout.batch_of_record(path) or 0): Link(
            parse_commit(content, f"{store.location}/{path}"), digest(content)
        )
        for path, content in zip(paths, contents, strict=True)
    }
    chain = Chain(links, head, listing)
    return Chain(links, head, listing, tuple(_faults(chain)))


def head_content(head: Head) -> bytes:
    """Return what ``manifest/head`` says of a record."""
    return json.dumps(head._asdict(), separators=(",", ":")).encode()


def _parse_head(store: Store, content: bytes) -> Head:
    try:
        told = json.loads(content)
        head = Head(told["batch"], told["sha256"])
        int(head.batch)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DatasetError(
            f"{store.location}/{layout.HEAD}: {shown(content)} does not name the newest record; "
            "restore it from a backup"
        ) from error
    return head


def _faults(chain: Chain) -> Iterator[str]:
    start = chain.start
    counting = {n: link for n, link in chain.links.items() if n >= start}
    for number, link in counting.items():
        path = layout.record_path(layout.batch_name(number))
        if int(link.commit.batch) != number:
            yield f"{path}: says that it is batch {shown(link.commit.batch)}"
        for wrong in link.commit.misplaced():
            yield f"{path}: names {shown(wrong)}, which is no place of a file of its table"
    yield from _gaps(chain, counting)
    yield from _broken_links(chain, counting)
    if chain.head is not None:
        yield from _above(chain.head, chain.links)


def _gaps(chain: Chain, counting: dict[int, Link]) -> Iterator[str]:
    folded = {
        int(batch)
        for link in counting.values()
        if not isinstance(link.commit, Checkpoint)
        for batch in link.commit.folds
    }
    for number, link in counting.items():
        # Before format 3, what a folded record had folded itself is not told any more.
        is_first = number == 0 or isinstance(link.commit, Checkpoint)
        if is_first or number - 1 in chain.links or number - 1 in folded:
            continue
        before = [n for n in (*chain.links, *folded) if n < number]
        yield _missing(max(before) + 1 if before else number - 1, number - 1)


def _broken_links(chain: Chain, counting: dict[int, Link]) -> Iterator[str]:
    """Yield records that are not the ones that the next one names; and unchained ones after."""
    is_chained = False
    for number, link in counting.items():
        before = chain.links.get(number - 1)
        if isinstance(link.commit, Checkpoint) or link.commit.format >= CHAINED:
            is_chained = True
        elif is_chained:
            yield (
                f"{layout.record_path(link.commit.batch)}: does not name the record before it; "
                "an earlier version of albconn wrote it after a later one"
            )
            continue
        else:
            continue
        if before is not None and link.commit.previous != before.sha256:
            yield (
                f"{layout.record_path(layout.batch_name(number - 1))}: is not the record that "
                "was committed (its checksum is not what the next record says)"
            )
        elif before is None and link.commit.previous is None and number > 0:
            yield f"{layout.record_path(link.commit.batch)}: names no record before it"


def _above(head: Head, links: dict[int, Link]) -> Iterator[str]:
    newest, number = max(links, default=-1), int(head.batch)
    if number > newest:
        yield _missing(newest + 1 if links else number, number)
    elif number in links and links[number].sha256 != head.sha256:
        yield (
            f"{layout.record_path(head.batch)}: is not the record that was committed "
            f"(its checksum is not what {layout.HEAD} says)"
        )


def _missing(first: int, last: int) -> str:
    paths = [layout.record_path(layout.batch_name(number)) for number in (first, last)]
    if first == last:
        return f"{paths[0]}: is missing, a commit record"
    return f"{paths[0]} to {paths[1].rpartition('/')[2]}: are missing, commit records"


def that_count(commits: Sequence[Commit]) -> list[Commit]:
    """Return the records, given in their order, for which no other one stands."""
    folded = {b for c in commits if not isinstance(c, Checkpoint) for b in c.folds}
    return [commit for commit in commits if commit.batch not in folded]
