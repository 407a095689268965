"""Where the pages of a ledger are read from: the store, and what was read from it just now.

Pages never change, so those of the days that a run works on are read once. Each is proven by its
checksum. A page that is gone was replaced since the index was read: a reader begins anew with the
index of now; who holds the lock has a damaged dataset.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

import pyarrow as pa

from albconn.arrow import flags
from albconn.dataset.commits.checkpoint import Page
from albconn.dataset.commits.pages import Kind, Row
from albconn.errors import DatasetError
from albconn.storage.store import Store

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

PAGES_KEPT = 16  # in memory
_ATTEMPTS = 5  # of a reader that meets pages being replaced

Answer = TypeVar("Answer")


class MissingPageError(DatasetError):
    """A page of the ledger is not there, or no longer."""


def again_if_replaced(ask: Callable[[], Answer]) -> Answer:
    """Return what a reader is told that begins anew when pages were replaced meanwhile.

    Raises
    ------
    MissingPageError
        Pages are missing again and again.
    """
    for _ in range(_ATTEMPTS - 1):
        with suppress(MissingPageError):
            return ask()
    return ask()


class Shelf:
    """The pages of a dataset's ledger."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[str, bytes] = {}

    def put(self, path: str, content: bytes) -> None:
        """Keep what was written just now; it is likely to be asked for next."""
        self._kept.pop(path, None)
        self._kept[path] = content
        while len(self._kept) > PAGES_KEPT:
            del self._kept[next(iter(self._kept))]

    def content(self, page: Page) -> bytes:
        """Return a page's bytes.

        Raises
        ------
        MissingPageError, DatasetError
            It is not there, or is not what was written.
        """
        if page.path not in self._kept:
            try:
                content = self._store.read(page.path)
            except FileNotFoundError as error:
                raise MissingPageError(
                    f"{self._store.location}: {page.path} is missing, a page of the ledger; "
                    "restore it from a backup, or convert into a new folder"
                ) from error
            if hashlib.sha256(content).hexdigest() != page.sha256:
                raise DatasetError(
                    f"{self._store.location}: {page.path} is not what was written (checksum "
                    "differs); restore it from a backup, or convert into a new folder"
                )
            self.put(page.path, content)
        return self._kept[page.path]

    def matching(self, kind: Kind[Row], page: Page | None, sought: Iterable[str]) -> list[Row]:
        """Return a page's entries with certain texts in the column that is searched."""
        return [] if page is None else kind.matching(self.content(page), sought)

    def entries(
        self,
        kind: Kind[Row],
        pages: Iterable[Page],
        within: Callable[[pa.Table], npt.NDArray[np.bool_]] | None = None,
    ) -> Iterator[Row]:
        """Yield the entries of pages; of each, only the rows that ``within`` lets through."""
        for page in pages:
            rows = kind.decode(self.content(page))
            yield from kind.entries(rows if within is None else rows.filter(flags(within(rows))))
