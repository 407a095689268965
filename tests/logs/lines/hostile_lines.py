"""Feed the compiled reader what nobody should, and compare what it takes with a plain reading.

Run by ``test_regular_sanitized`` as ``python -m tests.logs.lines.hostile_lines READER TRIALS``:
READER was compiled with sanitizers, which end the process at the first byte that is not the
reader's own, and with ``short_memory.h``. Ends with one line of JSON: how often what was seen.
"""

from __future__ import annotations

import ctypes
import gc
import json
import random
import sys
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from itertools import count, pairwise, product
from pathlib import Path
from typing import Any

from tests.logs.lines.plain_regular import Layout, read_plainly, rows_of

MOST_FIELDS = 64
DELIMITERS = [b" ", b" ", b"\t", b",", b";", b"|", b"\0", b"_"]
SHAPES = [
    b"",
    b"",
    b"",
    b"\n",
    b"NotBefore=",
    b"Success\nFailed",
    b"TID_",
    b"123456789012",
    b"app/",
    b"\x80TID_",
    b"\x81\n",
    b"\x82Success",
]
NULLS = [b"-", b"-", b"NULL", b"nil", b"?", b"8letters", b"\xff", b"12"]
_TEXTS = [
    b"a", b"x" * 9, b"app/web/0123456789abcdef", b"\xc3\xa9", b"\xf0\x9d\x84\x9e", b"a\0b",
    b'a"b', b"a\\", b'"a b"', b'"\\""', b'"\\\\"', b"y" * 63, b"z" * 64, b"w" * 65,
    b"w" * 32 + b"v" + b"w" * 32, b"NULS", b"nix", b"8lettres",
]  # fmt: skip
_INSTANTS = [
    b"2026-09-23T07:11:27.691358Z", b"2026-09-23T07:11:27Z", b"2024-02-29T23:59:59.5Z",
    b"0001-01-01T00:00:00Z", b"9999-12-31T23:59:59.999999Z", b'"1969-12-31T23:59:59Z"',
]  # fmt: skip
_VALUES = {
    "T": _INSTANTS,
    "t": [*_INSTANTS, b'""'],
    "p": [b"0", b"443", b"65535", b'"80"', b'""', b"00001"],
    "i": [b"0", b"-0", b"-1", b"9" * 18, b"-" + b"9" * 18, b'"7"', b'""', b"007"],
    "s": [b"0", b"0.337", b"12345678901.2345", b"9" * 15, b'"1.5"', b'""'],
    "e": [b"0", b"0.337", b"-1", b'"-1"', b"-1.0", b'""'],
    "x": [*_TEXTS, b'""'],
    "c": [*_TEXTS, b'""'],
}
# What fields hold that are taken apart.
_WHOLES = {
    b"a": [
        b"203.0.113.7:54414", b"2001:db8::1:443", b"host:65536", b"[::1]:443", b":80", b"a:",
        b'"::"', b":", b"1.2.3.4", b"a:123456", b'"a b:0"', b"a:-", b"-:80",
    ],
    b"r": [
        b'"GET https://www.example.com:443/a?b=c HTTP/1.1"', b'"- http://host:80- -"',
        b'"- http://host:80-/ "', b'"- - - "', b'"GET / HTTP/1.1"', b'"GET"', b'" "', b'"  "',
        b'"GET http://h:65536/ x"', b'"GET http://h:123456 x"', b'"GET http://[::1]:80/ x"',
        b'"GET http://h?q? x"', b'"GET http://h/a b?c d e"', b'"GET http:/h x"', b'"G h2://h x"',
        b'"GET ://h x"', b'"GET http:// "', b'" http://:0?- -"', b'"P http://a:b:1/?  v"',
    ],
}  # fmt: skip
_ODD = [
    b"", b"-", b"--", b'"', b'"a', b'a"', b'"a"b', b'"\\', b"\\", b"\r", b"\n", b"\r\n", b"\0",
    b"\xff", b"\xc3", b"\xed\xa0\x80", b"65536", b"9" * 19, b"9" * 40, b"-9", b"+1", b"1e3", b".",
    b"1.", b".5", b"2026-02-30T00:00:00Z", b"0000-01-01T00:00:00Z", b"2026-09-23T07:11:60Z",
    b"2026-09-23T07:11:27.Z", b"2026-09-23T07:11:27.1234567Z", b"T", b"Z", b" ", b",", b"\t",
    b"v" * 300, b'"' + b"v" * 300 + b'"', b'"\\"' * 20,
]  # fmt: skip
_JUNK: list[Any] = [
    None, -1, 0, 1, 64, 65, 2**31, 2**63, 2**64, -(2**70), 10**5000, 1.5, True, "text", "", b"",
    b"\0", b"T", (b"\0acp",), (b"\1rxxxxxxx",) * 3, (b"\0aTp",), (b"\0a",), (b"TID_",),
    (b"TID",) * 5, (b"TID_\n",) * 64, (b"abcdefghijklm",), ("TID_", b""),
    b"c" * 64, b"c" * 65, b"\1" * 70, b"-", b'"', b"\\", b"\n", b"\xff", b"no newline",
    bytearray(b"a\n"), memoryview(bytearray(b"a\n")), memoryview(b"a\n")[::-1],
    [b"a\n"], [], (), (None,), (b"a\n", "a\n"), (b"a\n", b"a"), ((b"a\n",),), object(), bytes,
]  # fmt: skip
# Made anew for each call, so that one that is kept is memory that grows.
_TEXTS_TO_REFUSE: list[Callable[[], Any]] = [
    lambda: "text\n" * 9,
    lambda: bytearray(b"a\n" * 9),
    lambda: memoryview(bytearray(b"a\n" * 9)),
    lambda: memoryview(b"a\n" * 50)[::-1],
    lambda: memoryview(b"\na" * 50)[::2],
    lambda: memoryview(b"a\nb\n" * 9).cast("i"),
    lambda: memoryview(b"a\n" * 9).cast("B", (9, 2)),
    lambda: b"a\n" * 9 + b"a",
    lambda: array("b", b"a\n"),
]


class Hostile:
    """One reader, one source of chance, and what was seen so far."""

    def __init__(self, reader: Any, seed: int) -> None:
        self.reader = reader
        self.rng = random.Random(seed)
        self.seen: Counter[str] = Counter()

    def layout(self) -> Layout:
        """Return a layout of 1 to 64 fields."""
        fields = self.rng.choice([1, 2, 3, 5, 15, 30, 63, 64])
        kinds = "".join(self.rng.choices("Ttpisexc", weights=[1, 2, 3, 3, 3, 3, 4, 4], k=fields))
        while True:
            delimiter, null = self.rng.choice(DELIMITERS), self.rng.choice(NULLS)
            if delimiter not in null:
                fewest = self.rng.randint(1, fields)
                return Layout(kinds, fewest, delimiter, null, self.shapes(kinds), self.ways(kinds))

    def ways(self, kinds: str) -> tuple[bytes, ...]:
        """Return how some of the text fields are taken apart, mostly none."""
        texts = [n for n, kind in enumerate(kinds) if kind in "xc"]
        chosen = self.rng.sample(texts, min(len(texts), self.rng.choice([0, 0, 0, 1, 2])))
        return tuple(
            bytes([place]) + self.rng.choice([b"acp", b"axx", b"rcccpcxc", b"rxxxxxxx"])
            for place in chosen
        )[:2]

    def shapes(self, kinds: str) -> tuple[bytes, ...]:
        """Return a shape for each of the first text fields, some of them none."""
        texts = [n for n, kind in enumerate(kinds) if kind in "xc"][: self.rng.choice([0, 3, 5])]
        known = SHAPES if len(kinds) > 2 else SHAPES[:-3]
        return tuple(self.rng.choice(known) if n in texts else b"" for n in range(len(kinds)))

    def line(self, layout: Layout) -> bytes:
        """Return a line that is mostly as the layout wants it, now and then far from it."""
        width = len(layout.kinds)
        if self.rng.random() < 0.3:
            width = self.rng.randint(0, MOST_FIELDS + 6)
        kinds = (layout.kinds + "c" * width)[:width]
        texts = [self.rng.choice([*_VALUES[kind], layout.null]) for kind in kinds]
        for way in layout.ways:
            if way[0] < width:
                texts[way[0]] = self.rng.choice([*(_WHOLES[way[1:2]]), layout.null, b"text"])
        for _ in range(self.rng.choice([0, 0, 0, 1, 3])):
            if texts:
                texts[self.rng.randrange(width)] = self.rng.choice(_ODD)
        line = layout.delimiter.join(texts) + self.rng.choice([b"", b"", b"", b"\r", b"\r\r"])
        return line.replace(b"\n", b"") if self.rng.random() < 0.9 else line

    def compare(self, texts: tuple[Any, ...], layout: Layout, lines: list[bytes]) -> None:
        """Read texts that hold the lines; each is taken exactly as the plain reading takes it."""
        columns = len(layout.kinds) + 1 + len(layout.parts)
        wanted = bytes(self.rng.randrange(2) for _ in range(columns))
        kinds = layout.kinds.encode()
        made = self.reader.read(
            texts,
            kinds,
            wanted,
            layout.fewest,
            layout.delimiter,
            layout.null,
            self.rng.getrandbits(64),
            *([layout.shapes] if layout.shapes or layout.ways else []),
            *([layout.ways] if layout.ways else []),
        )
        plain = [read_plainly(line, layout) for line in lines]
        rows = [row for row in plain if row is not None]
        asked = [tuple(v if w else None for v, w in zip(r, wanted, strict=True)) for r in rows]
        assert made[:2] == (len(rows), len(lines)), (texts, layout)
        assert rows_of(made, layout.kinds, layout.parts) == asked, (texts, layout)
        left = memoryview(made[3]).cast("q").tolist()
        entries = [left[n : n + 4] for n in range(0, len(left), 4)]
        assert [place for place, *_ in entries] == [n for n, row in enumerate(plain) if row is None]
        for place, text, start, end in entries:
            assert bytes(texts[text][start:end]) == lines[place] + b"\n", (texts, layout)
        self.seen["taken"] += len(rows)
        self.seen["left"] += len(left) // 4

    def lines(self) -> None:
        """Read a few random lines, cut into texts in every way or in some."""
        layout = self.layout()
        made = b"".join(self.line(layout) + b"\n" for _ in range(self.rng.choice([0, 1, 2, 3, 9])))
        lines = made.split(b"\n")[:-1]
        if len(lines) <= 3:
            for cuts in product([False, True], repeat=max(0, len(lines) - 1)):
                self.compare(self.texts(lines, cuts), layout, lines)
        else:
            cuts = [self.rng.random() < 0.3 for _ in lines[1:]]
            self.compare(self.texts(lines, cuts), layout, lines)

    def texts(self, lines: list[bytes], cuts: Any) -> tuple[Any, ...]:
        """Join lines into texts, some empty, some a part of a larger one."""
        at = [0, *(n for n, cut in enumerate(cuts, 1) if cut), len(lines)]
        made: list[Any] = []
        for a, b in pairwise(at):
            text = b"".join(line + b"\n" for line in lines[a:b])
            made.append(memoryview(b"\n" + text + b"x")[1:-1] if self.rng.random() < 0.5 else text)
            made += [b""] * self.rng.choice([0, 0, 1])
        return tuple(made)

    def arguments(self) -> None:
        """Hand over arguments of which some are junk: an answer or an exception, no crash."""
        layout = self.layout()
        kinds = layout.kinds.encode()
        given: list[Any] = [
            (self.line(layout) + b"\n",), kinds,
            b"\1" * (len(kinds) + 1 + len(layout.parts)), layout.fewest,
            layout.delimiter, layout.null, 1, layout.shapes, layout.ways,
        ]  # fmt: skip
        for _ in range(self.rng.choice([1, 1, 2])):
            given[self.rng.randrange(len(given))] = self.rng.choice(_JUNK)
        if self.rng.random() < 0.05:
            given = given[: self.rng.randrange(len(given))]
        self.attempt(partial(self.reader.read, *given))
        self.attempt(partial(self.reader.count_lines, self.rng.choice(_TEXTS_TO_REFUSE)()))

    def refusal(self, make: Callable[[], Any]) -> None:
        """Hand over a text that must be refused, after one that must not."""
        texts = (b"b\n" * 9, make())
        refused = self.seen["refused"]
        self.attempt(partial(self.reader.read, texts, b"c", b"\1\1", 1, b" ", b"-", 1))
        assert self.seen["refused"] == refused + 1, texts

    def attempt(self, call: Callable[[], Any]) -> None:
        """Count what becomes of a call."""
        try:
            call()
        except (TypeError, ValueError):
            self.seen["refused"] += 1
        else:
            self.seen["accepted"] += 1


def load(path: Path) -> Any:
    """Import the reader that was compiled to a path."""
    loader = ExtensionFileLoader("_regular", str(path))
    spec = spec_from_file_location("_regular", path, loader=loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


def large_texts() -> Iterator[tuple[Layout, list[bytes]]]:
    """Yield texts that make every room grow: long fields, many distinct values, many odd lines."""
    yield Layout("xc"), [b"a" * 200_000 + b" " + b"b" * 200_001, b'"' + b"\\n" * 99_999 + b'" c']
    yield Layout("ci"), [b"%d %d" % (n % 5000, -n) for n in range(9000)]
    yield Layout("ic"), [b"a b" if n % 3 else b"1 b" for n in range(3000)]
    yield Layout("x" * 64, 64, b",", b"NULL"), [b",".join([b"v w", b"NULL"] * 32)] * 200


def short_of_memory(reader: Any, path: Path) -> int:
    """Let each request for memory fail once; return how many there are. Nothing is kept."""
    library = ctypes.CDLL(str(path))
    lines = [b"%d a%d b%d %d" % (n, n, n, n) for n in range(300)] + [b"odd"] * 100
    arguments = ((b"\n".join(lines) + b"\n", b""), b"ixcs", b"\1" * 5, 4, b" ", b"-", 1)

    def read_with(passes: int) -> bool:
        library.let_requests_pass(passes)
        try:
            reader.read(*arguments)
        except MemoryError:
            return True
        finally:
            failed = library.passes_left() < 0
            library.let_requests_pass(-1)
        assert not failed, "the reader went on without the memory it asked for"
        return False

    for passes in count():
        if not read_with(passes):
            return passes
        assert_nothing_is_kept(partial(read_with, passes))
    raise AssertionError


def assert_nothing_is_kept(call: Callable[[], Any]) -> None:
    """Call again and again: the memory in use must not grow each time."""
    used = ctypes.CDLL(None).__sanitizer_get_current_allocated_bytes
    used.restype = ctypes.c_size_t
    sizes = array("q", [0] * 6)  # of a list, the numbers themselves would be growth
    for n in range(len(sizes)):
        call()
        gc.collect()
        sizes[n] = used()
    assert min(b - a for a, b in pairwise(sizes)) <= 0, sizes


def main(path: Path, trials: int) -> None:
    """Feed, compare, and print what was seen."""
    reader = load(path)
    hostile = Hostile(reader, seed=trials)
    for _ in range(trials):
        hostile.lines()
        hostile.arguments()
    for layout, lines in large_texts():
        hostile.compare((b"".join(line + b"\n" for line in lines),), layout, lines)
    hostile.seen["short of memory"] = short_of_memory(reader, path)
    for make in _TEXTS_TO_REFUSE:
        assert_nothing_is_kept(partial(hostile.refusal, make))
    print(json.dumps(hostile.seen))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
