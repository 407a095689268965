"""One line, read slowly and exactly: the definition that the faster readers must agree with.

Fields are separated by the layout's delimiter. A field that begins with a quote ends at the next
quote that no odd run of backslashes precedes, and its text is kept raw. ``-`` and ``""`` are
missing. What follows the last known field is kept verbatim. A layout may have its own ways with
quotes, empty fields and ends of lines, or lines that are JSON objects (``objects``). Numbers and
times must be what they say; every other field may hold any text, because AWS adds values without
notice, but its fields must not be shifted (``shapes``). A carriage return inside a line ends
nothing and belongs nowhere.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from albconn.errors import LineError, shown
from albconn.logs.lines.kept import kept_text
from albconn.logs.lines.layout import Layout
from albconn.logs.lines.objects import parse_object
from albconn.logs.lines.shapes import find_shift
from albconn.logs.lines.values import ParsedLine, value_of

__all__ = [
    "ParsedLine",
    "decode",
    "likely_fields",
    "likely_width",
    "parse_line",
    "split_line",
    "too_few_fields",
]

TOO_FEW_FIELDS = "too few fields"
_RETURN = "\r"


@cache
def _any_field(delimiter: bytes) -> re.Pattern[bytes]:
    return re.compile(rb'"(?:[^"\\]|\\.)*"|' + _until(delimiter.decode()).encode())


_ESCAPED, _DOUBLED = r'"(?P<escaped>(?:[^"\\]|\\.)*)"', r'"(?P<doubled>(?:[^"]|"")*)"'
_QUOTED = {"escaped": (_ESCAPED,), "doubled": (_DOUBLED,), "either": (_ESCAPED, _DOUBLED)}


@cache
def _field(delimiter: str, quotes: str, empties: bool) -> re.Pattern[str]:  # noqa: FBT001
    end = rf"(?={re.escape(delimiter)}|$)"
    quoted = "|".join(pattern + end for pattern in _QUOTED[quotes])
    bare = _until(delimiter) + ("|" if empties else "")
    return re.compile(rf'{quoted}|(?P<bare>(?!")(?:{bare}))', re.DOTALL)


def _until(delimiter: str) -> str:
    """Return the pattern of what comes before a delimiter; of one character it is fast."""
    end = re.escape(delimiter)
    return f"[^{end}]+" if len(delimiter) == 1 else f"(?:(?!{end}).)+"


def likely_width(raw: bytes, layout: Layout) -> int:
    """Return how many fields a line seems to have; a guess, good enough to sort lines by."""
    return likely_fields(raw, layout.delimiter)


def likely_fields(raw: bytes, delimiter: bytes) -> int:
    """Return how many fields a line seems to have, where some delimiter stands between them."""
    return len(_any_field(delimiter).findall(raw))


def decode(raw: bytes) -> str:
    r"""Decode a line; a byte that is not UTF-8 stays visible as ``\xNN``."""
    return raw.decode("utf-8", errors="backslashreplace")


def parse_line(text: str, layout: Layout) -> ParsedLine:
    """Return the typed values of one line without its line end.

    Raises
    ------
    LineError
        The text is not a line of this layout; the message says which field and why.
    """
    if text.count(layout.delimiter.decode()) + 1 < layout.fewest_fields:
        raise too_few_fields(likely_width(text.encode(), layout), layout)
    if "\r" in text.removesuffix(_RETURN if layout.form == "object" else ""):
        raise LineError(
            f"a carriage return stands in the line, before {shown(text.partition(_RETURN)[2])}; "
            "expected one only before its newline",
            reason="carriage return in the line",
        )
    if layout.form == "object":
        return parse_object(text, layout)
    return _parse_text(_without_lead(text, layout), layout)


def _parse_text(text: str, layout: Layout) -> ParsedLine:
    texts, tail = split_line(text, layout)
    if len(texts) < layout.fewest_fields:
        raise too_few_fields(len(texts), layout)
    values: list[Any] = list(texts)
    for place, field in layout.typed:
        if place < len(texts) and (texts[place] or field.name == layout.table.time_column):
            values[place] = value_of(field, texts[place], layout.zone)
    if misfit := find_shift(texts, layout, tail):
        raise LineError(
            f"{misfit.name}: {shown(misfit.text)} and the fields beside it are shifted, as where "
            "quotes were lost; expected the line as AWS wrote it",
            reason="fields are shifted",
            value=misfit.text,
        )
    values += [None] * (len(layout.fields) - len(values))
    extra = 1 + tail.count(layout.delimiter.decode()) if tail is not None else 0
    if layout.kept:
        tail = kept_text({key: values[n] for n, key in enumerate(layout.keys)
                          if layout.names[n] in layout.kept and values[n]}, layout)  # fmt: skip
    return ParsedLine(tuple(values), tail, len(texts) + extra)


def _without_lead(text: str, layout: Layout) -> str:
    if not layout.lead:
        return text
    words = text.split(" ", layout.lead)
    if len(words) <= layout.lead:
        raise LineError(
            f"line: no record follows its first {layout.lead} words; expected a time "
            "and perhaps a stream's name before it",
            reason="no record in the line",
        )
    return words[-1]


def too_few_fields(found: int, layout: Layout) -> LineError:
    """Return what is wrong with a line of so few fields."""
    message = f"fields: {found} found; expected at least {layout.fewest_fields}"
    return LineError(message, reason=TOO_FEW_FIELDS, value=str(found))


def split_line(text: str, layout: Layout) -> tuple[list[str | None], str | None]:
    """Split a line into the texts of at most the layout's fields, and the verbatim rest.

    Examples
    --------
    >>> from albconn.logs.formats import legacy
    >>> from albconn.schema.connections import CONNECTIONS
    >>> split_line('a "b c" - "-" d', legacy.layout(CONNECTIONS))
    (['a', 'b c', None, None, 'd'], None)
    """
    delimiter, missing = layout.delimiter.decode(), ("", layout.null.decode())
    field = _field(delimiter, layout.quotes, layout.empties)
    texts: list[str | None] = []
    at = 0
    while at <= len(text):
        if len(texts) == len(layout.names):
            if layout.closed:
                raise _too_many_fields(text[at:], layout)
            return texts, text[at:] or None
        found = field.match(text, at)
        if found is None or not (
            found.end() == len(text) or text.startswith(delimiter, found.end())
        ):
            raise _no_field(text, at, len(texts), layout)
        value = found[found.lastgroup or 0]
        if found.lastgroup == "doubled":
            value = value.replace('""', '"')
        texts.append(None if value in missing else value)
        at = found.end() + len(delimiter)
    return texts, None


def _too_many_fields(rest: str, layout: Layout) -> LineError:
    named = len(layout.names)
    found = named + 1 + rest.count(layout.delimiter.decode())
    message = f"fields: {found} found; expected {named}, as many as are named"
    return LineError(message, reason="too many fields", value=str(found))


def _no_field(text: str, at: int, place: int, layout: Layout) -> LineError:
    name, delimiter = layout.names[place], layout.delimiter.decode()
    if at >= len(text) or text.startswith(delimiter, at):
        between = "one space" if delimiter == " " else f"one {delimiter!r}"
        message = f"{name}: field {place + 1} is empty; fields are separated by {between}"
        return LineError(message, reason=f"{name} is empty")
    end = "a space" if delimiter == " " else repr(delimiter)
    return LineError(
        f"{name}: the quoted text {shown(text[at:])} does not end at a quote and {end}",
        reason=f"{name} does not end at a quote",
        value=text[at:],
    )
