"""What a caller gave, checked: names, choices, whole numbers, the JSON of a command.

The wrong kind of thing is refused in one short line that names the argument, before anything
looks into it: a column of a million values would else be taken for a million names.
"""

from __future__ import annotations

import codecs
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from difflib import SequenceMatcher, get_close_matches
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from albconn.errors import SHOWN_CHARACTERS, TableError, shown
from albconn.words import NOUNS, join

Json = Mapping[str, Any] | str | os.PathLike[str]  # parsed, as text, or in a file

_LONGEST_JSON = 256 << 20  # characters; CloudWatch's answer for a year has some 30 million
_FEWEST = 3  # characters that are looked for within a name
_AS_CLOSE = 0.05  # of likeness, from 0 to 1
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


def meant(given: object, known: Iterable[str]) -> str:
    """Return ``; did you mean …?`` where a known name is close to what was given, else nothing.

    Columns are also found by what they are called in plain words.

    Examples
    --------
    >>> meant("client_pi", ["client_ip", "elb"]), meant("cipher", ["tls_cipher", "elb"])
    ('; did you mean client_ip?', '; did you mean tls_cipher?')
    >>> meant("load-balancer", ["client_ip", "elb"]), meant("colour", ["client_ip", "elb"])
    ('; did you mean elb?', '')
    """
    close = close_names(given, known)
    return f"; did you mean {join(close, last='or')}?" if close else ""


def close_names(given: object, known: Iterable[str]) -> list[str]:
    """Return the known names that were most likely meant: two at most, the closest first."""
    asked = _bare(given[:SHOWN_CHARACTERS]) if isinstance(given, str) else ""
    names: dict[str, list[str]] = {}
    for name in known:
        for called in dict.fromkeys((name, NOUNS.get(name, name))):
            names.setdefault(_bare(called), []).append(name)
    if asked in names:
        close = [asked]
    else:
        whole = [called for called in names if len(asked) >= _FEWEST and asked in called]
        close = whole if len(whole) == 1 else _alike(asked, names) or whole
    return list(dict.fromkeys(name for called in close for name in names[called]))[:2]


def _alike(asked: str, names: Iterable[str]) -> list[str]:
    """Return the names that read most like it; a second one only where it is as close."""
    alike = get_close_matches(asked, names, n=2)
    scores = [SequenceMatcher(None, name, asked).ratio() for name in alike]
    return [
        name for name, score in zip(alike, scores, strict=True) if score > scores[0] - _AS_CLOSE
    ]


def _bare(name: str) -> str:
    return name.strip().lower().replace("-", "_").replace(" ", "_")


def _with_article(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def one_of(argument: str, value: Any, choices: Sequence[str]) -> None:
    """Refuse what is none of the choices."""
    if not isinstance(value, str) or value not in choices:
        *others, last = (repr(choice) for choice in choices)
        expected = f"{', '.join(others)} or {last}"
        near = meant(value, choices)
        raise TableError(f"{argument}: {shown(value)}; expected {expected}{near}")


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


def json_object(argument: str, given: Json) -> Mapping[str, Any]:
    """Return the JSON object in a dict, a JSON text, or the file of a path.

    Raises
    ------
    TableError
        It is none of the three, the file cannot be read, or it holds no JSON object.
    """
    if isinstance(given, Mapping):
        return given
    if not isinstance(given, str | os.PathLike):
        raise TableError(
            f"{argument}: {shown(given)} is a {type(given).__name__}; "
            "give a file, JSON text, or a dict"
        )
    text = _text_of(argument, os.fspath(given))
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        why = "nested too deeply" if isinstance(error, RecursionError) else error
        raise TableError(f"{argument}: not JSON ({why}); give what the command printed") from error
    if not isinstance(told, dict):
        raise TableError(f"{argument}: a JSON object is expected, as the command prints it")
    return told


def _text_of(argument: str, given: str) -> str:
    """Return JSON text as it is, else what the file of that path holds."""
    if given.lstrip().startswith(("{", "[")):
        return given
    try:
        with Path(given).open("rb") as file:  # a pipe has no size: read, then see
            stored = file.read(_LONGEST_JSON + 1)
        read = stored.decode(_encoding_of(stored)) if len(stored) <= _LONGEST_JSON else ""
    except (OSError, ValueError) as error:  # a path with a null byte, bytes that are no text
        why = error.strerror if isinstance(error, OSError) else "no path, or no UTF-8 text"
        raise TableError(
            f"{argument}: {shown(given)} cannot be read ({why}); give a file, JSON text, or a dict"
        ) from error
    if len(stored) > _LONGEST_JSON:
        raise TableError(
            f"{argument}: {shown(given)} has more than {_LONGEST_JSON >> 20} MiB; "
            "give what the command printed"
        )
    return read


def _encoding_of(stored: bytes) -> str:
    """Return how a text is stored, by the mark it begins with; PowerShell's ``>`` writes UTF-16."""
    marks = ((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
             (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
    return next((name for mark, name in marks if stored.startswith(mark)), "utf-8-sig")
