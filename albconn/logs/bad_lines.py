"""Lines that were not understood, put into the books of their files, or raised at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from albconn.errors import LineError
from albconn.logs.books import Books
from albconn.logs.bytes.blocks import Cut, Part
from albconn.logs.formats.looks import with_article
from albconn.logs.lines.exact import decode
from albconn.logs.lines.rejections import Rejections
from albconn.logs.reading import OnBadLine
from albconn.logs.rejected import RejectedLines, Text

if TYPE_CHECKING:
    import numpy.typing as npt

_ONE = np.zeros(1, np.int64)


class BadLines:
    """The account of the bad lines of a scan; not for several threads at once."""

    def __init__(self, books: Books, on_bad_line: OnBadLine) -> None:
        self._books = books
        self._raises = on_bad_line == "raise"
        self._expected = with_article(books.table.log_name)
        self._rejected = RejectedLines()

    def add(
        self,
        found: Rejections,
        parts: Sequence[Part],
        places: npt.NDArray[np.int32],
        shift: npt.NDArray[np.int64],
    ) -> None:
        """Take the rejected lines of a block.

        Parameters
        ----------
        found : Rejections
            At least one.
        parts : sequence of Part
            Of the block.
        places : array of int32
            In which of them each of the lines is.
        shift : array of int64
            For each part, the number of a line less its place in the block.

        Raises
        ------
        LineError
            Of the first line, where that is asked for.
        """
        numbers = found.places + shift[places]
        starts = np.flatnonzero(np.diff(places, prepend=-1)).tolist()
        for start, stop in zip(starts, [*starts[1:], len(places)], strict=True):
            self._add_part(found, parts[places[start]], numbers[start:stop], start)

    def add_cut(self, cut: Cut) -> None:
        """Take a piece of a file that is no whole line; raises as ``add`` does."""
        why = cut.reason if cut.value is None else f"{cut.reason}: {cut.value}"
        if self._raises:
            raise LineError(f"{self._books.files[cut.file].source_file}:{cut.line}: {why}")
        text = Text(cut.line, cut.reason, cut.value, decode(cut.text))
        self._count(cut.file, 1)
        self._rejected.add(cut.file, _ONE + cut.line, [cut.reason], _ONE, lambda _: text)

    def finish(self) -> None:
        """Put the lines into the books."""
        self._books.rejected = self._rejected.told([f.source_file for f in self._books.files])

    def _add_part(
        self, found: Rejections, part: Part, numbers: npt.NDArray[np.int64], start: int
    ) -> None:
        codes, reasons = found.codes[start : start + len(numbers)], found.reasons
        foreign = f"looks like {with_article(part.looks_like)}" if part.looks_like else None
        if foreign:
            codes, reasons = np.zeros(len(numbers), np.int64), [foreign]
        if self._raises:
            message = f"{foreign}; expected {self._expected}" if foreign else found[start].message
            where = self._books.files[part.file].source_file
            raise LineError(f"{where}:{numbers[0]}: {message}")

        def tell(n: int) -> Text:
            line, number = found[start + n], int(numbers[n])
            if foreign:
                return Text(number, foreign, None, decode(line.raw))
            return Text(number, line.reason, line.value, decode(line.raw))

        self._count(part.file, len(numbers))
        self._rejected.add(part.file, numbers, reasons, codes, tell)

    def _count(self, file: int, lines: int) -> None:
        self._books.files[file].rejected += lines
        self._books.files[file].lines += lines
