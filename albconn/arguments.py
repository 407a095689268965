"""What a caller gave, checked: names, choices, whole numbers.

The wrong kind of thing is refused in one short line that names the argument, before anything
looks into it: a column of a million values would else be taken for a million names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from numbers import Integral, Real
from typing import Any

from albconn.errors import TableError, shown

_LARGEST = 2**62  # that SQL can add one to
_SIGNS_OF_COLUMNS = ("shape", "__arrow_c_array__", "__arrow_c_stream__")


def names_given(argument: str, value: Any, *, one: str, example: str) -> tuple[Any, ...]:
    """Return what was given as one name or several; what they are is for the caller to check.

    Raises
    ------
    TableError
        It is a table, a column or an array, or nothing that holds names. ``one`` says what a
        name is of, ``example`` what could be given.
    """
    if isinstance(value, str):
        return (value,)
    kind = _with_article(type(value).__name__)
    wanted = f"give {one} or a list of them, such as {example}"
    if any(getattr(value, sign, ()) for sign in _SIGNS_OF_COLUMNS):
        raise TableError(f"{argument}: this is {kind}; {wanted}")
    if isinstance(value, bytes | bytearray | memoryview) or not isinstance(value, Iterable):
        raise TableError(f"{argument}: {shown(value)} is {kind}; {wanted}")
    return tuple(value)


@contextmanager
def noting(problems: list[str]) -> Iterator[None]:
    """Note what a check finds wrong, so that the next one is made too."""
    try:
        yield
    except TableError as error:
        problems += error.problems


def _with_article(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def one_of(argument: str, value: Any, choices: Sequence[str]) -> None:
    """Refuse what is none of the choices."""
    if not isinstance(value, str) or value not in choices:
        *others, last = (repr(choice) for choice in choices)
        expected = f"{', '.join(others)} or {last}"
        raise TableError(f"{argument}: {shown(value)}; expected {expected}")


def whole(argument: str, value: Any, least: int, most: int | None = None) -> int:
    """Return a whole number within bounds; a bool is none."""
    if isinstance(value, Integral) and not isinstance(value, bool):
        number = int(value)
        if least <= number <= (_LARGEST if most is None else most):
            return number
    expected = f"at least {least}" if most is None else f"{least} to {most}"
    raise TableError(f"{argument}: {shown(value)} is no good; expected a whole number, {expected}")


def seconds(argument: str, value: Any) -> float:
    """Return a duration [s], 0 or more."""
    if isinstance(value, Real) and not isinstance(value, bool):
        with suppress(OverflowError):
            number = float(value)
            if 0 <= number < float("inf"):
                return number
    raise TableError(f"{argument}: {shown(value)} is not a duration [s]; expected a number from 0")


def text(argument: str, value: Any, what: str) -> str:
    """Return a text that is not empty."""
    if isinstance(value, str) and value:
        return value
    raise TableError(f"{argument}: {shown(value)} is not {what}")
