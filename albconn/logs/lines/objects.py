"""A line that is a JSON object, read slowly and exactly: fields by their names, in any order.

Values are strings or numbers, of which the text counts, digit by digit. ``null``, ``""`` and what
is missing in text are missing. Members that the table does not know are kept as they are. What
stands before the object in a line is not looked at where the layout says that something does.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from albconn.errors import LineError, shown
from albconn.logs.lines.kept import kept_text
from albconn.logs.lines.layout import KEPT, LEFT, Layout
from albconn.logs.lines.naming import column_of, unknown_name
from albconn.logs.lines.values import ParsedLine, no_value, value_of
from albconn.schema.field import Field
from albconn.schema.kind import TIMESTAMP

NO_OBJECT = "no JSON object"
_EXPECTED = 'expected {"time": …, "client_ip": …}'
_MICROSECONDS = {10: 1_000_000, 13: 1_000, 16: 1}  # of a unit, by the digits of a time of our days
_NANOSECONDS = 19  # digits
_MOST_DIGITS = 400  # of a number


class Digits(str):
    """A number, as it is written."""

    __slots__ = ()


def parse_object(text: str, layout: Layout) -> ParsedLine:
    """Return the typed values of a line that is an object.

    Raises
    ------
    LineError
        The text is no object, or a member is not what its field must be.
    """
    try:
        return _parsed(load_object(text, layout), layout)
    except RecursionError as error:
        raise LineError(
            f"line: nested too deeply; {_EXPECTED}", reason=NO_OBJECT, value="nested too deeply"
        ) from error


def _parsed(members: dict[str, Any], layout: Layout) -> ParsedLine:
    given, kept = _sorted_out(members, layout)
    values: list[Any] = [None] * len(layout.fields)
    for place, field in enumerate(layout.fields):
        value = given.get(field.name)
        if value is not None or field.name == layout.table.time_column:
            values[place] = _value(field, value, layout)
    return ParsedLine(tuple(values), kept_text(kept, layout), len(given) + len(kept))


def load_object(text: str, layout: Layout) -> dict[str, Any]:
    """Return the members of the object that a line is, numbers as they are written."""
    at = max(text.find("{"), 0) if layout.lead else 0
    try:
        members = _DECODER.decode(text[at:])
    except ValueError as error:
        raise LineError(
            f"line: no JSON ({shown(str(error))[1:-1]}); {_EXPECTED}",
            reason=NO_OBJECT,
            value=text,
        ) from error
    if not isinstance(members, dict):
        raise LineError(f"line: {shown(text)} is no object; {_EXPECTED}", reason=NO_OBJECT,
                        value=text)  # fmt: skip
    return members


def _sorted_out(members: dict[str, Any], layout: Layout) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what is given by the layout's names, and what is kept by the file's."""
    missing = (None, "", layout.null.decode())
    given: dict[str, Any] = {}
    kept: dict[str, Any] = {}
    for key, value in members.items():
        if isinstance(value, str | None) and value in missing:
            continue
        name = layout.name_of.get(key) or column_of(key, layout.table) or unknown_name(key)
        if name.startswith(LEFT):
            continue
        if name.startswith(KEPT) or name in given or name not in layout.given:
            kept[_whole_text(key)] = _writable(value)
        else:
            given[name] = value
    return given, kept


def _value(field: Field, value: Any, layout: Layout) -> Any:
    """Return a value of a field's kind."""
    if value is None:
        return value_of(field, None)
    if not isinstance(value, str):
        raise no_value(field, json.dumps(value))
    if field.kind.is_text:
        return _whole_text(value)
    if isinstance(value, Digits):
        return _number(field, value, layout)
    return value_of(field, _whole_text(value), layout.zone)


def _number(field: Field, value: Digits, layout: Layout) -> Any:
    """Return what a number is: a time by its size, a whole number also as 443.0."""
    if field.kind == TIMESTAMP:
        return _moment(field, value)
    whole, point, decimals = value.partition(".")
    is_whole = bool(point) and not decimals.strip("0") and field.kind.letter in "pi"
    return value_of(field, whole if is_whole else str(value), layout.zone)


def _moment(field: Field, value: Digits) -> int:
    """Return the time [µs since 1970 UTC] that a count of seconds, or of smaller units, is."""
    whole, _, decimals = value.partition(".")
    if whole.isdigit() and whole.isascii() and len(whole) == _NANOSECONDS:
        return int(whole) // 1_000
    unit = _MICROSECONDS.get(len(whole)) if (whole + decimals).isdigit() else None
    if unit is None or not value.isascii():
        raise no_value(field, value)
    return int(whole) * unit + int(decimals[:9] or 0) * unit // 10 ** len(decimals[:9])


def _whole_text(text: str) -> str:
    r"""Return a text with half characters, which JSON may hold, written out as ``\ud800``."""
    return text.encode("utf-8", "backslashreplace").decode()


def _writable(value: Any) -> Any:
    if isinstance(value, str):
        return _whole_text(value)
    if isinstance(value, list):
        return [*map(_writable, value)]
    if isinstance(value, dict):
        return {_whole_text(key): _writable(member) for key, member in value.items()}
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _literal(text: str) -> Digits:
    if len(text) > _MOST_DIGITS:
        raise ValueError("a number of too many digits")
    return Digits(text)


_DECODER = json.JSONDecoder(
    parse_float=_literal, parse_int=_literal, parse_constant=_refuse, strict=False
)
