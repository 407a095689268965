"""Foreign text where people read it: nothing in it acts, and all of it is seen.

Whoever connects chooses the subject of a certificate, whoever writes to a bucket the names of its
files. A control character moves a terminal's cursor or its clipboard, an override of direction
turns a line around, a leading ``=`` is a formula to a spreadsheet. So what is printed shows such
characters as Python writes them (``\\x1b``). What is returned, stored or converted stays as logged.

References
----------
OWASP, "CSV Injection"; Unicode Technical Report 36, "Unicode Security Considerations".
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from unicodedata import category

if TYPE_CHECKING:
    import pandas as pd

# What a chat or a ticket would read as markup, a link or a mention; foreign text may hold it.
_MARKUP = re.compile(r"([\\`*_\[\]<>#|~@!:&])")
LONGEST_CELL = 2000  # characters of a value in a table for people; a subject can be a megabyte

# Where a cell begins: at the start, and wherever another country's spreadsheet splits the line.
# Blanks and quotes before it do not keep a formula from being one, nor does a wide sign.
_FORMULA = re.compile(r"(^|[;\t])(?=[\s\"\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20])")


def visible(text: str) -> str:
    r"""Return text with each character that acts instead of showing written out.

    Controls, overrides of direction, what has no width, ends of lines, halves of characters.

    Examples
    --------
    >>> visible("CN=a\x1b[31m\u202eb\n")
    'CN=a\\x1b[31m\\u202eb\\n'
    """
    if text.isprintable():
        return text
    return "".join(map(_shown, text))


def cut(text: str, longest: int) -> str:
    """Return text as one visible line of at most so many characters.

    Examples
    --------
    >>> cut("x" * 1_000_000, 5)
    'xxxx…'
    """
    seen = visible(text[: longest + 1])  # cut first: the rest is never looked at
    return seen if len(seen) <= longest else seen[: longest - 1] + "…"


def cell(value: Any) -> Any:
    """Return a value as a cell of a CSV: text that no spreadsheet runs; all else as it is.

    Examples
    --------
    >>> cell("=1+1"), cell("a;=1+1"), cell("CN=a"), cell(-1)
    ("'=1+1", "a;'=1+1", 'CN=a', -1)
    """
    if not isinstance(value, str):
        return value
    return _FORMULA.sub(r"\1'", cut(value, LONGEST_CELL))


def markdown_text(text: str) -> str:
    r"""Return text as Markdown shows it: none of it is markup, a link, a mention or a cell's end.

    Examples
    --------
    >>> print(markdown_text("<b>|@all_"))
    \<b\>\|\@all\_
    """
    return _MARKUP.sub(r"\\\1", visible(text))


def csv_of(table: pd.DataFrame) -> str:
    """Return a table as CSV for people and their spreadsheets, as ``cell`` has its texts."""
    safe = table.copy()
    for place, dtype in enumerate(table.dtypes):
        if dtype.kind == "O":  # text, categories, or anything
            safe.isetitem(place, table.iloc[:, place].map(cell).array)
    safe.columns = [cell(name) for name in table.columns]
    return safe.to_csv(index=False)


def json_text(value: Any) -> str:
    r"""Return a value as one line of JSON in which nothing acts; what JSON has not is its text.

    Examples
    --------
    >>> json_text({"raw": "a\x1b\u202e\x7f"})
    '{"raw": "a\\u001b\\u202e\\u007f"}'
    """
    return _without_delete(json.dumps(value, default=str))


def json_of(table: pd.DataFrame) -> str:
    """Return a table as JSON, a row a line: values are whole, and nothing in the text acts."""
    return _without_delete(table.to_json(orient="records", lines=True, date_format="iso"))


def _without_delete(json_in_ascii: str) -> str:
    return json_in_ascii.replace("\x7f", "\\u007f")  # the one control that JSON lets through


def _shown(character: str) -> str:
    if character.isprintable() or category(character) == "Zs":  # a blank of some width
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
