"""One line, read slowly and exactly: the definition that the faster readers must agree with.

Fields are separated by the layout's delimiter. A field that begins with a quote ends at the next
quote that no odd run of backslashes precedes, and its text is kept raw. ``-`` and ``""`` are
missing. What follows the last known field is kept verbatim. Numbers and times must be what they
say; every other field may hold any text, because AWS adds values without notice, but its fields
must not be shifted (``shapes``). A carriage return inside a line ends nothing and belongs nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import pyarrow as pa

from albconn.errors import LineError, shown
from albconn.logs.lines.layout import Layout, TakenApart
from albconn.logs.lines.shapes import find_shift
from albconn.schema.field import Field
from albconn.schema.kind import TIMESTAMP, Kind
from albconn.times import microseconds

TOO_FEW_FIELDS = "too few fields"
_RETURN = "\r"


class ParsedLine(NamedTuple):
    """The values of one line in the order of the layout's fields, None where missing.

    ``parts`` are those of its fields that are taken apart, one after the other.
    """

    values: tuple[Any, ...]
    extra_fields: str | None
    width: int
    parts: tuple[Any, ...] = ()


@cache
def _any_field(delimiter: bytes) -> re.Pattern[bytes]:
    return re.compile(rb'"(?:[^"\\]|\\.)*"|' + _until(delimiter.decode()).encode())


@cache
def _field(delimiter: str) -> re.Pattern[str]:
    quoted = rf'"((?:[^"\\]|\\.)*)"(?={re.escape(delimiter)}|$)'
    return re.compile(rf'{quoted}|((?!"){_until(delimiter)})', re.DOTALL)


def _until(delimiter: str) -> str:
    """Return the pattern of what comes before a delimiter; of one character it is fast."""
    end = re.escape(delimiter)
    return f"[^{end}]+" if len(delimiter) == 1 else f"(?:(?!{end}).)+"


def likely_width(raw: bytes, layout: Layout) -> int:
    """Return how many fields a line seems to have; a guess, good enough to sort lines by."""
    return len(_any_field(layout.delimiter).findall(raw))


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
    if "\r" in text:
        raise LineError(
            f"a carriage return stands in the line, before {shown(text.partition(_RETURN)[2])}; "
            "expected one only before its newline",
            reason="carriage return in the line",
        )
    texts, tail = split_line(text, layout)
    if len(texts) < layout.fewest_fields:
        raise too_few_fields(len(texts), layout)
    values: list[Any] = list(texts)
    for place, field in layout.typed:
        if place < len(texts) and (texts[place] or field.name == layout.table.time_column):
            values[place] = _value(field, texts[place])
    if misfit := find_shift(texts, layout, tail):
        raise LineError(
            f"{misfit.name}: {shown(misfit.text)} and the fields beside it are shifted, as where "
            "quotes were lost; expected the line as AWS wrote it",
            reason="fields are shifted",
            value=misfit.text,
        )
    values += [None] * (len(layout.fields) - len(values))
    extra = 1 + tail.count(layout.delimiter.decode()) if tail is not None else 0
    parts = tuple(
        part
        for taken in layout.taken_apart
        for part in parts_of(values[taken.place], taken, layout)
    )
    return ParsedLine(tuple(values), tail, len(texts) + extra, parts)


def parts_of(text: str | None, taken: TakenApart, layout: Layout) -> tuple[Any, ...]:
    """Return what the parts of a field say; none of a missing field's says anything.

    Raises
    ------
    LineError
        A part is not of its column's kind.
    """
    if text is None:
        return (None,) * taken.way.parts
    missing = (None, "", layout.null.decode())
    return tuple(
        None if part in missing else part if field.kind.is_text else _value(field, part)
        for part, field in zip(taken.way.take(text), taken.columns, strict=True)
    )


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
    field = _field(delimiter)
    texts: list[str | None] = []
    at = 0
    while at <= len(text):
        if len(texts) == len(layout.names):
            return texts, text[at:] or None
        found = field.match(text, at)
        if found is None or not (
            found.end() == len(text) or text.startswith(delimiter, found.end())
        ):
            raise _no_field(text, at, len(texts), layout)
        value = found[2] if found[1] is None else found[1]
        texts.append(None if value in missing else value)
        at = found.end() + len(delimiter)
    return texts, None


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


def _value(field: Field, text: str | None) -> Any:
    """Return the number or time that a text is, which must be in its kind's range.

    None where it is the one that stands for none.
    """
    kind = field.kind
    found = _number(kind, text) if text else None
    if found is not None and found == kind.absent:
        return None
    if found is None or not kind.lowest <= found <= kind.highest:
        raise LineError(
            f"{field.name}: {shown(text or '-')} is not a {kind.name}; expected {kind.expected}",
            reason=f"{field.name} is not a {kind.name}",
            value=text or "-",
        )
    return found


def _number(kind: Kind, text: str) -> Any:
    """Return what a text is, as Arrow reads it; what needs no Arrow to tell, ten times faster."""
    if _USUAL[kind.letter].fullmatch(text):
        with suppress(ValueError):
            return _MEANING[kind.letter](text)
    # Arrow reads 0x1F as a number; what has no digit is none.
    if "x" in text.lower() or not any(digit in text for digit in "0123456789"):
        return None
    try:
        # Arrow's reader of a whole block takes numbers with spaces around them.
        value = pa.scalar(text if kind == TIMESTAMP else text.strip(" ")).cast(kind.type)
    except pa.ArrowInvalid:
        return None
    return value.value if kind == TIMESTAMP else value.as_py()


def _microseconds(text: str) -> int:
    return microseconds(datetime.fromisoformat(text))


_USUAL = {
    "t": re.compile(r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d{6})?Z", re.ASCII),
    "p": re.compile(r"[0-9]{1,5}"),
    "i": re.compile(r"[0-9]{1,18}"),
    "s": re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,6})?"),
    "e": re.compile(r"-1|[0-9]{1,9}(?:\.[0-9]{1,6})?"),
}
_MEANING: dict[str, Callable[[str], float]] = {
    "t": _microseconds, "p": int, "i": int, "s": float, "e": float,
}  # fmt: skip
