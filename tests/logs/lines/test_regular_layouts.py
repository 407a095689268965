"""The compiled reader itself: any layout, any kind, and no argument that it would choke on."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings, strategies as st

from tests.logs.lines.plain_regular import Layout, Row, read_plainly, rows_of

_regular = pytest.importorskip(
    "albconn.logs.lines._regular", reason="albconn's reader is not compiled"
)

quick = settings(max_examples=150, deadline=None)
INSTANT = b"2026-09-23T07:11:27Z"


def read(
    *lines: bytes,
    kinds: str,
    fewest: int = 1,
    delimiter: bytes = b" ",
    null: bytes = b"-",
    shapes: tuple[bytes, ...] = (),
) -> Any:
    text = b"".join(line + b"\n" for line in lines)
    wanted = b"\1" * (len(kinds) + 1)
    options = (shapes,) if shapes else ()
    return _regular.read((text,), kinds.encode(), wanted, fewest, delimiter, null, 1, *options)


def taken(*lines: bytes, **layout: Any) -> list[Row]:
    return rows_of(read(*lines, **layout), layout["kinds"])


def plainly(lines: list[bytes], layout: Layout) -> list[Row]:
    return [row for line in lines if (row := read_plainly(line, layout)) is not None]


# What Python hands over is looked at before anything relies on it.

_GOOD = {
    "texts": (b"x y\n",),
    "kinds": b"cc",
    "wanted": b"\1\1\1",
    "fewest": 1,
    "delimiter": b" ",
    "null": b"-",
    "seed": 0,
    "shapes": (b"", b""),
}
_NO_TEXT = "expected bytes or a memoryview of bytes"
_NO_PLAIN_VIEW = "a memoryview with gaps, dimensions or wide items given; expected plain contiguous"
_DELIMITER = "may stand inside a field; expected an ASCII byte such as a space, a tab or a comma"


def with_argument(name: str, value: Any) -> Any:
    return _regular.read(*(_GOOD | {name: value}).values())


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("texts", [b"x\n"], r"read\(\) argument 1 must be tuple, not list"),
        ("kinds", bytearray(b"cc"), r"read\(\) argument 2 must be bytes, not bytearray"),
        ("wanted", "111", r"read\(\) argument 3 must be bytes, not str"),
        ("fewest", 1.0, r"read\(\) argument 4 must be int, not float"),
        ("delimiter", " ", r"read\(\) argument 5 must be bytes, not str"),
        ("null", None, r"read\(\) argument 6 must be bytes, not None"),
        ("seed", "1", r"(argument 7 must be|expected) int"),
        ("shapes", [b"", b""], r"read\(\) argument 8 must be tuple, not list"),
        ("shapes", (b"", "TID_"), r"shapes\[1\]: <class 'str'> given; expected bytes"),
        ("texts", (b"x\n", "y\n"), rf"texts\[1\]: <class 'str'> given; {_NO_TEXT}"),
        ("texts", (None,), rf"texts\[0\]: <class 'NoneType'> given; {_NO_TEXT}"),
        ("texts", (memoryview(b"\nx")[::-1],), rf"texts\[0\]: {_NO_PLAIN_VIEW}"),
        ("texts", (memoryview(b"abc\n").cast("i"),), rf"texts\[0\]: {_NO_PLAIN_VIEW}"),
        ("texts", (memoryview(b"abc\n").cast("B", (2, 2)),), rf"texts\[0\]: {_NO_PLAIN_VIEW}"),
    ],
)
def test_argument_of_another_type_is_refused(name: str, value: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        with_argument(name, value)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("texts", (b"x\n", b"y\nz"), r"texts\[1\]: the last line has no newline; expected whole"),
        ("kinds", b"", "kinds: 0 letters given; expected 1 to 64, one a field"),
        ("kinds", b"c" * 65, "kinds: 65 letters given; expected 1 to 64, one a field"),
        ("kinds", b"cz", r"kinds\[1\]: byte 0x7a given; expected a letter of Ttpisexc"),
        ("kinds", b"\0c", r"kinds\[0\]: byte 0x00 given; expected a letter of Ttpisexc"),
        ("wanted", b"\1\1", "wanted: 2 flags given; expected 3, one a field, one for what"),
        ("wanted", b"\1" * 70, "wanted: 70 flags given; expected 3"),
        ("fewest", 0, "fewest: 0 given; expected 1 to 2, the number of kinds"),
        ("fewest", -1, "fewest: -1 given; expected 1 to 2"),
        ("fewest", 3, "fewest: 3 given; expected 1 to 2"),
        ("fewest", 2**64 + 1, "fewest: 18446744073709551617 given; expected 1 to 2"),
        ("delimiter", b"", "delimiter: b'' given; expected one byte"),
        ("delimiter", b", ", "delimiter: b', ' given; expected one byte"),
        *(("delimiter", bytes([n]), _DELIMITER) for n in b'"\\\n\r-.:09azAZ\x80\xff'),
        ("shapes", (b"",), "shapes: 1 texts given; expected 2, one a field"),
        (
            "shapes",
            (b"", b"TID"),
            r"shapes\[1\]: b'TID' given; expected beginnings of 4 to 12 bytes",
        ),
        ("shapes", (b"\x82TID_", b""), r"shapes\[0\]: b'.x82TID_' given; expected beginnings"),
        ("shapes", (b"a" * 13, b""), r"shapes\[0\]: b'aaaaaaaaaaaaa' given; expected beginnings"),
        ("shapes", (b"\n".join([b"TID_"] * 9), b""), "one a line, 8 in all, or one newline"),
        ("null", b"", "null: b'' given; expected 1 to 8 bytes"),
        ("null", b"ninebytes", "null: b'ninebytes' given; expected 1 to 8 bytes"),
        *(
            ("null", bytes([n]) + b"x", "expected no delimiter, quote, backslash or line end in it")
            for n in b' "\\\n\r'
        ),
    ],
)
def test_argument_beyond_its_range_is_refused(name: str, value: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        with_argument(name, value)


@pytest.mark.parametrize("owner", [bytearray(b"a b\n"), np.frombuffer(b"a b\n", np.uint8)])
def test_bytes_that_another_thread_could_change_are_refused(owner: Any) -> None:
    """A read-only view does not help, as its owner can still be written to."""
    given = rf"<class '(numpy\.)?{type(owner).__name__}'> given; {_NO_TEXT}"
    for text in (owner, memoryview(owner), memoryview(owner).toreadonly()):
        seen = given if text is owner else f"a memoryview of {given}"
        with pytest.raises(TypeError, match=f"^text: {seen}"):
            _regular.count_lines(text)
        with pytest.raises(TypeError, match=rf"^texts\[0\]: {seen}"):
            with_argument("texts", (text,))


@pytest.mark.parametrize("text", [memoryview(b"a b\n"), memoryview(b"xa b\ny")[1:-1]])
def test_view_of_bytes_is_a_text(text: memoryview) -> None:
    assert _regular.count_lines(text) == 1
    assert with_argument("texts", (text,))[:2] == (1, 1)


def test_a_released_view_is_refused() -> None:
    text = memoryview(b"a b\n")
    text.release()
    with pytest.raises(ValueError, match="released memoryview"):
        with_argument("texts", (text,))


def test_two_gibibytes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"texts\[31\]: 2 GiB or more with the texts before; exp"):
        with_argument("texts", (bytes(2**26 - 1) + b"\n",) * 32)


@pytest.mark.parametrize("fewest", [1, 2])
def test_a_line_has_the_fewest_fields_or_is_left(fewest: int) -> None:
    made = read(b"a", b"a b", kinds="cc", fewest=fewest)
    assert rows_of(made, "cc") == [("a", None, None), ("a", "b", None)][fewest - 1 :]
    assert made[1] == 2


# Kinds.


@settings(max_examples=400, deadline=None)
@given(text=st.one_of(
    st.integers(-(10**20), 10**20).map(str), st.text("0123456789-+_ eE.", min_size=1, max_size=20)
))  # fmt: skip
@example("9" * 18)
@example("-" + "9" * 18)
@example("9" * 19)
@example("-" + "0" * 19)
@example("-0")
@example("+1")
@example("--1")
@example("1_0")
def test_integer_is_what_python_reads_within_eighteen_digits(text: str) -> None:
    digits = text.removeprefix("-")
    rows = taken(f'"{text}"'.encode(), kinds="i")
    if text == "-":
        assert rows == [(None, None)]
    elif digits.isdecimal() and len(digits) <= 18:
        assert rows == [(int(text), None)]
    else:
        assert rows == []


@pytest.mark.parametrize("kind", "tpisxc")
@pytest.mark.parametrize("text", [b"none", b'"none"', b'""'])
def test_missing_value_is_0_and_its_validity_bit_is_off(kind: str, text: bytes) -> None:
    """The line before has a value: what is left of it must not show."""
    value = {"t": INSTANT, "s": b"0.5"}.get(kind, b"7")
    made = read(b"a " + value, b"a " + text, b"a", kinds="c" + kind, null=b"none")
    nulls, validity, values, _ = made[2][1]
    assert (made[0], nulls, validity[0] & 0b111) == (3, 2, 0b001)
    if kind != "x":
        assert not any(values[len(values) // 3 :])


@pytest.mark.parametrize("line", [b"a -", b'a ""', b"a"])
def test_instant_that_must_not_be_missing_is_in_doubt_where_it_is(line: bytes) -> None:
    made = read(b"a " + INSTANT, line, kinds="cT")
    assert made[:2] == (1, 2)
    assert memoryview(made[3]).cast("q").tolist() == [1, 0, 23, 24 + len(line)]


def test_room_of_lines_that_are_left_is_0() -> None:
    _, _, (column, _), _ = read(b"7", b"x", b"8", b"x", kinds="i")
    assert memoryview(column[2]).cast("q").tolist() == [7, 8, 0, 0]


# Layouts.


@quick
@given(sampled=st.data(), kinds=st.text("ix", min_size=64, max_size=64))
def test_sixty_four_fields(sampled: st.DataObject, kinds: str) -> None:
    widths = sampled.draw(st.lists(st.integers(1, 70), min_size=1, max_size=4))
    lines = [b" ".join(b"%d" % n for n in range(width)) for width in widths]
    fewest = sampled.draw(st.integers(1, 64))
    layout = Layout(kinds, fewest)
    rows = taken(*lines, **layout._asdict())
    assert rows == plainly(lines, layout)
    assert len(rows) == sum(width >= fewest for width in widths)


_PIECES = [
    "a", "b c", "d,e", "f\tg", "-", "NULL", "NUL", "NULLs", '"h i"', '"j,k"', '"l\tm"', '"-"',
    '"NULL"', '""', '"n\\"o"', 'p"q', '"r', "\\", "é", "", " ", "\r", "1", "-2", "443",
    '"2026-09-23T07:11:27.5Z"', "2026-09-23T07:11:27.5Z", "0.25",
]  # fmt: skip


@pytest.mark.parametrize(
    ("delimiter", "null"), list(product([b" ", b"\t", b",", b"\0"], [b"-", b"NULL", b"8letters"]))
)
@quick
@given(sampled=st.data(), kinds=st.text("xcxctpis", min_size=1, max_size=5))
def test_any_delimiter_and_any_null(
    delimiter: bytes, null: bytes, sampled: st.DataObject, kinds: str
) -> None:
    layout = Layout(kinds, sampled.draw(st.integers(1, len(kinds))), delimiter, null)
    fields = st.lists(st.sampled_from(_PIECES), max_size=len(kinds) + 1)
    texts = sampled.draw(st.lists(fields, max_size=4))
    lines = [delimiter.join(piece.encode() for piece in line) for line in texts]
    assert taken(*lines, **layout._asdict()) == plainly(lines, layout)


def test_space_is_content_where_it_is_no_delimiter() -> None:
    line = b'a b\t c \t \t"d\te"\tf \tg\r'
    assert taken(line, kinds="xcxcx", delimiter=b"\t") == [("a b", " c ", " ", "d\te", "f ", "g")]


def test_null_of_another_text_makes_the_hyphen_a_text() -> None:
    assert taken(b'- "-" NULL "NULL" NULLs', kinds="xcxcx", null=b"NULL") == [
        ("-", "-", None, None, "NULLs", None)
    ]
    assert taken(b"-", kinds="i", null=b"NULL") == []


def test_what_follows_the_last_field_is_verbatim() -> None:
    assert taken(b'a,"b",,-,NULL', kinds="c", delimiter=b",") == [("a", '"b",,-,NULL')]


SHAPES = (b"", b"\x80NotBefore=", b"\n", b"Success\nFailed", b"TID_")


def test_values_stand_in_their_own_fields_or_are_in_doubt() -> None:
    layout = Layout("ccccx", fewest=4, shapes=SHAPES)
    for texts in product(
        [b"TID_", b"-"],  # a field without a shape holds anything
        [b"-", b"NotBefore=", b"NotBefore=x", b"NotBefore", b"NotBefora=x", b"notBefore=x"],
        [b"-", b"0A", b"Success", b"Succes", b"TID_9"],
        [b"-", b"Success", b"Successful", b"Succesz", b"Failed", b"Failed:x", b"failed", b"Fail"],
        [b"-", b"TID_", b"TIDx1", b'"TID_ 1"', b""],
    ):
        line = b" ".join(texts)
        for lines in ([line], [b" ".join(texts[:4]), line + b"\r", line + b" tail"]):
            assert taken(*lines, **layout._asdict()) == plainly(lines, layout), lines


def test_beginning_of_every_length_is_compared_to_its_last_byte() -> None:
    for length in range(4, 13):
        begin = bytes(range(97, 97 + length))
        for at in range(length):
            other = begin[:at] + b"Z" + begin[at + 1 :]
            found = taken(begin, begin + b"x", begin[:-1], other, kinds="c", shapes=(begin,))
            assert found == [(begin.decode(), None), (begin.decode() + "x", None)]


@pytest.mark.parametrize(
    "line", [b"a\rb c", b"a b\rc", b"a b\r\r", b"\ra b", b'"a\r" b', b"a b c\rd"]
)
def test_stray_carriage_return_is_in_doubt(line: bytes) -> None:
    assert taken(line, b"a b\r", b"c d", kinds="cc") == [("a", "b", None), ("c", "d", None)]
