"""The rejected lines of a reading: all are counted and placed, the first are told in full.

A file that is no log can have a hundred million of them. So there are three ways in which a line
is told, and each line is told in one of them:

- with its text, and what of it is wrong: the first lines of each file;
- by its place, together with those behind it that have the same reason: the next ones;
- in a sum of its file's lines with its reason: how many, the first, the last, and a checksum of
  their numbers, by which ``check`` still proves that they are the same lines.

What is told how depends on the lines, not on the order in which the workers meet them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Numbers = npt.NDArray[np.int64]

# Of one file, and of one reading.
TEXTS_PER_FILE, TEXTS = 10_000, 100_000
TEXT_BYTES_PER_FILE, TEXT_BYTES = 16 << 20, 64 << 20
RUNS_PER_FILE, RUNS = 10_000, 100_000
_SLICE = 1 << 20
_NEVER = 1 << 62


class RejectedLine(NamedTuple):
    """A line that was not understood, or several of one file with the same reason.

    Attributes
    ----------
    source_file : str
    line_number : int
        From 1; of several, the first one's.
    reason : str
        In few words, which are the same for all such lines.
    raw_text : str or None
        The line; None where it is told by its place only.
    value : str or None
        What of the line is wrong.
    lines : int
        How many.
    last_line : int or None
        The last one's number; None of one line.
    checksum : int or None
        Of several that do not all follow each other: ``checksum_of`` their numbers.
    """

    source_file: str
    line_number: int
    reason: str
    raw_text: str | None
    value: str | None = None
    lines: int = 1
    last_line: int | None = None
    checksum: int | None = None


class Text(NamedTuple):
    """What is told of one line in full."""

    line: int
    reason: str
    value: str | None
    raw_text: str


Tell = Callable[[int], Text]  # for the n-th of some lines


class _Sum(NamedTuple):
    lines: int
    first: int
    last: int
    checksum: int


class _OfAFile:
    """The rejected lines of one file. From the line ``until`` on no text is kept."""

    def __init__(self) -> None:
        self.texts: list[Text] = []
        self.size = 0  # of the texts [characters]
        self.until = _NEVER
        self.runs: list[Numbers] = []  # each of shape (n, 3): first line, last line, reason
        self.run_count = 0
        self.sums: dict[int, _Sum] = {}


class RejectedLines:
    """What is kept of the rejected lines of a reading; not for several threads at once."""

    def __init__(self) -> None:
        self._files: dict[int, _OfAFile] = {}
        self._reasons: list[str] = []
        self._codes: dict[str, int] = {}
        self._texts = self._size = self._runs = 0

    def add(
        self, file: int, lines: Numbers, reasons: Sequence[str], codes: Numbers, tell: Tell
    ) -> None:
        """Take lines of a file, in ascending order.

        Parameters
        ----------
        file : int
            Files are told in the order of their numbers.
        lines, codes : array of int64
            Their numbers, and for each the place of its reason in ``reasons``.
        tell : callable
            Says all of a line; asked of no more lines than may be kept.
        """
        kept = self._files.setdefault(file, _OfAFile())
        told = min(int(np.searchsorted(lines, kept.until)), TEXTS_PER_FILE)
        self._take_texts(kept, [tell(n) for n in range(told)])
        codes = np.array([self._code(reason) for reason in reasons], np.int64)[codes]
        self._take_runs(kept, _runs_of(lines[told:], codes[told:]))
        if self._texts > 2 * TEXTS or self._size > 2 * TEXT_BYTES or self._runs > 2 * RUNS:
            self._bound()

    def told(self, urls: Sequence[str]) -> list[RejectedLine]:
        """Return all lines in the order of files and lines; ``urls`` are the files' names."""
        self._bound()
        entries = (
            entry for file, kept in self._files.items() for entry in self._entries(urls[file], kept)
        )
        return sorted(entries, key=_place)

    def _take_texts(self, kept: _OfAFile, fresh: list[Text]) -> None:
        in_order = not (kept.texts and fresh) or kept.texts[-1].line < fresh[0].line
        kept.texts += fresh
        if not in_order:
            kept.texts.sort()
        self._resize(kept, len(fresh), sum(len(text.raw_text) for text in fresh))
        if len(kept.texts) > TEXTS_PER_FILE or kept.size > TEXT_BYTES_PER_FILE:
            self._cut_texts(kept, TEXTS_PER_FILE, TEXT_BYTES_PER_FILE)

    def _resize(self, kept: _OfAFile, texts: int, size: int) -> None:
        kept.size += size
        self._size += size
        self._texts += texts

    def _cut_texts(self, kept: _OfAFile, most: int, most_bytes: int) -> None:
        """Tell those that are too many by their places only."""
        sizes = np.cumsum([len(text.raw_text) for text in kept.texts], dtype=np.int64)
        most = min(most, int(np.searchsorted(sizes, most_bytes, side="right")))
        kept.texts, rest = kept.texts[:most], kept.texts[most:]
        if not rest:
            return
        self._resize(kept, -len(rest), -sum(len(text.raw_text) for text in rest))
        kept.until = min(kept.until, rest[0].line)
        lines = np.array([text.line for text in rest], np.int64)
        codes = np.array([self._code(text.reason) for text in rest], np.int64)
        self._take_runs(kept, _runs_of(lines, codes))

    def _take_runs(self, kept: _OfAFile, runs: Numbers) -> None:
        if not len(runs):
            return
        kept.runs.append(runs)
        kept.run_count += len(runs)
        self._runs += len(runs)
        if kept.run_count > 2 * RUNS_PER_FILE:
            self._cut_runs(kept, RUNS_PER_FILE)

    def _cut_runs(self, kept: _OfAFile, most: int) -> None:
        """Tell those that are too many in sums only."""
        if not kept.runs:
            return
        runs = _joined(np.concatenate(kept.runs))
        kept.runs, rest = [runs[:most]], runs[most:]
        self._runs += len(kept.runs[0]) - kept.run_count
        kept.run_count = len(kept.runs[0])
        for code in np.unique(rest[:, 2]).tolist():
            some = rest[rest[:, 2] == code]
            lines = int((some[:, 1] - some[:, 0] + 1).sum())
            made = _Sum(lines, int(some[0, 0]), int(some[:, 1].max()), checksum_of(some))
            kept.sums[code] = _added(kept.sums.get(code), made)

    def _bound(self) -> None:
        """Keep what all files have together within the bounds of a reading."""
        texts, size, runs = TEXTS, TEXT_BYTES, RUNS
        for file in sorted(self._files):
            kept = self._files[file]
            self._cut_texts(kept, min(texts, TEXTS_PER_FILE), min(size, TEXT_BYTES_PER_FILE))
            self._cut_runs(kept, min(runs, RUNS_PER_FILE))
            texts -= len(kept.texts)
            size -= kept.size
            runs -= kept.run_count

    def _entries(self, url: str, kept: _OfAFile) -> Iterator[RejectedLine]:
        for text in kept.texts:
            yield RejectedLine(url, text.line, text.reason, text.raw_text, text.value)
        for first, last, code in np.concatenate(kept.runs).tolist() if kept.runs else ():
            lines = last - first + 1
            end = last if lines > 1 else None
            yield RejectedLine(url, first, self._reasons[code], None, None, lines, end)
        for code, made in kept.sums.items():
            yield RejectedLine(
                url, made.first, self._reasons[code], None, None, made.lines, made.last,
                made.checksum,
            )  # fmt: skip

    def _code(self, reason: str) -> int:
        if reason not in self._codes:
            self._codes[reason] = len(self._reasons)
            self._reasons.append(reason)
        return self._codes[reason]


def checksum_of(runs: Numbers) -> int:
    """Return the sum, modulo 2**64, of a hash of each line's number.

    Parameters
    ----------
    runs : array of int64, shape (n, 2) or wider
        The first and the last line of stretches of lines; their order does not matter.
    """
    first, last = runs[:, 0], runs[:, 1]
    alone = first == last
    total = int(np.add.reduce(_mixed(first[alone])))
    for start, stop in zip(first[~alone].tolist(), last[~alone].tolist(), strict=True):
        for at in range(start, stop + 1, _SLICE):
            total += int(np.add.reduce(_mixed(np.arange(at, min(at + _SLICE, stop + 1)))))
    return total % (1 << 64)


def _mixed(numbers: Numbers) -> npt.NDArray[np.uint64]:
    """Return a 64-bit hash of each number (SplitMix64's mixer)."""
    values = numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _runs_of(lines: Numbers, codes: Numbers) -> Numbers:
    """Return stretches of lines that follow each other and have the same reason."""
    return _joined(np.column_stack([lines, lines, codes]))


def _joined(runs: Numbers) -> Numbers:
    """Return stretches in their order, each joined to the one before where it follows it."""
    if not len(runs):
        return runs
    runs = runs[np.argsort(runs[:, 0], kind="stable")]
    follows = (runs[1:, 0] == runs[:-1, 1] + 1) & (runs[1:, 2] == runs[:-1, 2])
    begins = np.flatnonzero(np.concatenate([[True], ~follows]))
    ends = np.concatenate([begins[1:] - 1, [len(runs) - 1]])
    return np.column_stack([runs[begins, 0], runs[ends, 1], runs[begins, 2]])


def _added(held: _Sum | None, made: _Sum) -> _Sum:
    if held is None:
        return made
    return _Sum(
        held.lines + made.lines,
        min(held.first, made.first),
        max(held.last, made.last),
        (held.checksum + made.checksum) % (1 << 64),
    )


def _place(entry: RejectedLine) -> tuple[str, int, str]:
    return entry.source_file, entry.line_number, entry.reason
