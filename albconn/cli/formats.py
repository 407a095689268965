"""How a table is printed and where to, as it was asked for; what cannot be is refused at once.

A file's ending tells its format, unless ``--format`` does. What is refused is refused before
anything is read: a folder that is not there, bytes for a terminal, a library that is not installed.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import typer

from albconn.arguments import meant
from albconn.cli.options import FileFormat, Format
from albconn.errors import AlbconnError, SourceError, shown

ENDINGS = {
    ".txt": Format.table, ".csv": Format.csv, ".json": Format.json, ".jsonl": Format.json,
    ".md": Format.markdown, ".parquet": FileFormat.parquet, ".xlsx": FileFormat.xlsx,
}  # fmt: skip


@dataclass(frozen=True)
class Printed:
    """How a table is printed: its format, the file that it goes to, all columns or what fits."""

    format: Format | FileFormat = Format.table
    output: Path | None = None
    wide: bool = False


PLAIN = Printed()


def printed_as(format: str | None, output: Path | None, wide: bool | None) -> Printed:
    """Return how a table is to be printed; ``format`` is the name of one.

    Raises
    ------
    typer.BadParameter
        The file's ending is no format's, or bytes would go to a terminal.
    AlbconnError
        There is no folder to write to, or a library is not installed.
    """
    if format is not None:
        chosen = Format(format) if format in Format.__members__ else FileFormat(format)
    else:
        chosen = Format.table if output is None else _format_of(output)
    if isinstance(chosen, FileFormat) and output is None and sys.stdout.isatty():
        raise typer.BadParameter(
            f"{chosen} is not for a terminal; give a file: --output table.{chosen}",
            param_hint="--format",
        )
    if output is not None:
        require_folder(output)
    if chosen is FileFormat.xlsx and find_spec("xlsxwriter") is None:
        raise AlbconnError(
            "--format xlsx: XlsxWriter is not installed; pip install 'albconn[xlsx]', or take csv"
        )
    return Printed(chosen, output, bool(wide))


def require_folder(output: Path) -> None:
    """Refuse a file in a folder that is not there, or that is a folder."""
    if not output.parent.is_dir():
        raise SourceError(f"{output.parent}: there is no such folder; make it first")
    if output.is_dir():
        raise SourceError(f"{output}: is a folder; give the name of a file in it")


def _format_of(output: Path) -> Format | FileFormat:
    ending = output.suffix.lower()
    if ending not in ENDINGS:
        raise typer.BadParameter(
            f"{shown(output.name)} does not end in {', '.join(ENDINGS)}; give --format"
            f"{meant(ending, ENDINGS)}",
            param_hint="--output",
        )
    return ENDINGS[ending]
