"""Where a measured text stands in a page: between two comments that carry its name."""

from __future__ import annotations

from pathlib import Path


def marks_of(name: str) -> tuple[str, str]:
    """Return the lines before and after the text of a name."""
    return f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"


def replace_block(path: Path, name: str, text: str) -> None:
    """Put a text between its marks in a page."""
    begin, end = marks_of(name)
    before, _, rest = path.read_text().partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise SystemExit(f"{path}: no {begin.strip()} … {end.strip()}")
    path.write_text(f"{before}{begin}{text}{end}{after}")
