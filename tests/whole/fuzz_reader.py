"""Feed any bytes to the whole reader and prove what comes out; ``make fuzz`` guides it by coverage.

Run as ``python -m tests.whole.fuzz_reader CORPUS [libFuzzer options]``: it needs atheris. What is
proven of each input stands in ``prove``, which the tests call, too.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from albconn.logs.bytes.gunzip import Damage
from albconn.logs.bytes.unpack import open_members
from albconn.logs.formats import legacy
from albconn.logs.lines import block
from albconn.schema.connections import CONNECTIONS
from worlds import plain

LAYOUT = legacy.layout(CONNECTIONS)
COLUMNS = frozenset(CONNECTIONS.read_columns)
LONGEST = 1 << 22  # [bytes] of content: what swells further is cut, or nothing else is tried
Unpacked = tuple[list[bytes], str | None]


def prove(stored: bytes) -> None:
    """Read stored bytes in several ways, which must agree; raises where they do not.

    - Nothing but damage ends the unpacking, wherever the bytes are cut on their way.
    - Each line of what comes out is a row or a rejected line, as a plain reading has it.
    - The compiled reader and Arrow's say the same.
    """
    whole, cut = unpacked(stored, len(stored) + 1), unpacked(stored, 1 + len(stored) % 61)
    assert (whole[1] is None) == (cut[1] is None), "damage depends on how the bytes came"
    # Of what is damaged isal gives other bytes where it is fed otherwise.
    assert whole[1] or whole == cut, "the content depends on how the bytes came"
    for content in whole[0]:
        prove_lines(content.replace(b"\r\n", b"\n"))


def prove_lines(content: bytes) -> None:
    """Compare what becomes of each line with the plain reading."""
    text = b"\n" + content + b"\n"  # the first keeps a byte-order mark in its line
    records, rejected = plain.read_text(text)
    for compiled in (True, False):
        with mock.patch.object(block, "COMPILED", compiled and block.COMPILED):
            parsed = block.parse_block(text, layout=LAYOUT, columns=COLUMNS)
        assert (parsed.lines + 1).tolist() == list(records), content
        rows = parsed.table.to_pylist()
        assert rows == [{name: record[name] for name in rows[0]} for record in records.values()]
        assert [(bad.place + 1, bad.raw) for bad in parsed.rejected] == list(rejected.items())
        reasons = [parsed.rejected.reasons[code] for code in parsed.rejected.codes]
        assert reasons == [bad.reason for bad in parsed.rejected]


def unpacked(stored: bytes, chunk: int) -> Unpacked:
    """Return the content of each member, and the damage."""
    chunks = [stored[at : at + chunk] for at in range(0, len(stored), chunk)]
    contents: list[bytes] = []
    try:
        for member in open_members(lambda: iter(chunks), "a.log"):
            contents.append(b"")
            for piece in member.pieces:
                contents[-1] += piece
                if sum(map(len, contents)) > LONGEST:
                    return [content[:LONGEST] for content in contents], "cut"
    except Damage as damage:
        return contents, str(damage)
    return contents, None


def seeds() -> Iterator[tuple[str, bytes]]:
    """Yield inputs to begin with: lines of many kinds, in every way in which they are packed."""
    from tests.logs.bytes.packing import WAYS
    from tests.logs.lines.test_shapes import with_certificate
    from tests.logs.scanning import mixed_text

    texts = [mixed_text(2, 9).replace(b"\xc4", b""), with_certificate("CN=a b").encode() + b"\n"]
    for name, pack in WAYS.items():
        for number, text in enumerate(texts):
            yield f"{name}-{number}", pack(text)


def main(corpus: Path, options: list[str]) -> None:
    """Write the seeds into the corpus and fuzz from there."""
    import atheris  # type: ignore  (only ``make fuzz`` installs it)

    corpus.mkdir(parents=True, exist_ok=True)
    for name, stored in seeds():
        (corpus / name).write_bytes(stored)
    for module in [name for name in sys.modules if name.startswith("albconn.logs")]:
        for value in vars(sys.modules[module]).values():
            if getattr(value, "__module__", None) == module and hasattr(value, "__code__"):
                atheris.instrument_func(value)  # type: ignore
    atheris.Setup([sys.argv[0], str(corpus), *options], prove)
    atheris.Fuzz()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
