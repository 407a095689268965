"""What each check takes, and the one line with which it refuses the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import strategies as st

from albconn.arguments import (
    close_names,
    json_object,
    meant,
    names_given,
    noting,
    one_of,
    seconds,
    text,
    whole,
)
from albconn.errors import TableError
from albconn.schema.connections import CONNECTIONS

NAN = float("nan")


def refusal(check: Any, *given: Any, **how: Any) -> str:
    with pytest.raises(TableError) as refused:
        check(*given, **how)
    return str(refused.value)


# ---- names ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ("elb", ("elb",)),
        ("", ("",)),
        (["b", "a", "b"], ("b", "a", "b")),
        (("a",), ("a",)),
        ((), ()),
        ({"a": 1, "b": 2}, ("a", "b")),
        (iter("ab"), ("a", "b")),
        ([1, None], (1, None)),  # what they are is for the caller to check
    ],
)
def test_one_name_or_several(given: Any, names: tuple[Any, ...]) -> None:
    assert names_given("by", given, one="a column", example="by='elb'") == names


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (pd.Series(["elb"] * 1000), "this is a Series"),
        (pd.Index(["elb"]), "this is an Index"),
        (pd.DataFrame({"elb": [1]}), "this is a DataFrame"),
        (np.array(["elb"]), "this is a ndarray"),
        (pa.array(["elb"]), "this is a StringArray"),
        (pa.table({"elb": [1]}), "this is a Table"),
        (b"elb", "b'elb' is a bytes"),
        (bytearray(b"elb"), "bytearray(b'elb') is a bytearray"),
        (7, "7 is an int"),
        (None, "None is a NoneType"),
        (NAN, "nan is a float"),
    ],
)
def test_what_holds_no_names(given: Any, told: str) -> None:
    said = refusal(names_given, "by", given, one="a column", example="by=['elb']")
    assert said == f"by: {told}; give a column or a list of them, such as by=['elb']"


# ---- choices ----------------------------------------------------------------------------------


@pytest.mark.parametrize("choice", ["keep", "drop", "pseudonymize"])
def test_a_choice(choice: str) -> None:
    one_of("client_ip", choice, ["keep", "drop", "pseudonymize"])


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("colour", "'colour'"), ("", "''"), (None, "None"), (["keep"], "['keep']"), (True, "True"),
        (np.array(["keep", "drop"]), "<ndarray of shape (2,)>"),
    ],
)  # fmt: skip
def test_what_is_no_choice(given: Any, told: str) -> None:
    said = refusal(one_of, "client_ip", given, ["keep", "drop", "pseudonymize"])
    assert said == f"client_ip: {told}; expected 'keep', 'drop' or 'pseudonymize'"


@pytest.mark.parametrize("given", ["Keep", "kep", " keep "])
def test_a_choice_that_is_close_was_meant(given: str) -> None:
    said = refusal(one_of, "client_ip", given, ["keep", "drop", "pseudonymize"])
    assert said.endswith("'pseudonymize'; did you mean keep?")


COLUMNS = CONNECTIONS.columns


@pytest.mark.parametrize(
    ("given", "close"),
    [
        ("client_pi", ["client_ip"]),
        ("CLIENT-IP", ["client_ip"]),
        ("load_balancer", ["elb"]),  # as the option is called
        ("node", ["ip_address"]),
        ("cipher", ["tls_cipher"]),
        ("reason", ["failure_reason"]),
        ("port", ["client_port", "listener_port"]),
        ("colour", []),
        ("", []),
        ("ip", []),  # it is in "cipher", too
        ("_", []),
        (None, []),
        (7, []),
        ("client_pi" * 100_000, []),
    ],
)
def test_what_was_meant(given: Any, close: list[str]) -> None:
    assert close_names(given, COLUMNS) == close
    said = f"; did you mean {' or '.join(close)}?" if close else ""
    assert meant(given, COLUMNS) == said


@hypothesis.given(st.sampled_from(COLUMNS), st.data())
def test_two_neighbours_swapped_is_still_the_column(name: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(name) - 2))
    swapped = name[:place] + name[place + 1] + name[place] + name[place + 2 :]
    assert close_names(swapped, COLUMNS)[0] == name


# ---- numbers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [1, 32, np.int64(7), np.uint8(1)])
def test_a_whole_number_within_bounds(given: Any) -> None:
    found = whole("top", given, 1, 32)
    assert (found, type(found)) == (int(given), int)


def test_without_an_upper_bound_it_is_sqls() -> None:
    assert whole("top", 2**62, 1) == 2**62
    said = refusal(whole, "top", 2**62 + 1, 1)
    assert said == "top: 4611686018427387905 is no good; expected a whole number, at least 1"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (0, "0"), (33, "33"), (-1, "-1"), (1.0, "1.0"), (True, "True"), ("1", "'1'"),
        (None, "None"), (NAN, "nan"), pytest.param(10**10_000, "<int>", id="huge"),
    ],
)  # fmt: skip
def test_what_is_no_whole_number_within_bounds(given: Any, told: str) -> None:
    assert refusal(whole, "ipv4_prefix", given, 1, 32) == (
        f"ipv4_prefix: {told} is no good; expected a whole number, 1 to 32"
    )


@pytest.mark.parametrize("given", [0, 1, 0.25, np.float64(3.5), np.int64(2), 1e300])
def test_a_duration(given: Any) -> None:
    found = seconds("slower_than", given)
    assert (found, type(found)) == (float(given), float)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (-0.1, "-0.1"), (NAN, "nan"), (float("inf"), "inf"), (True, "True"), ("1", "'1'"),
        (None, "None"), pytest.param(10**10_000, "<int>", id="huge"),
        (pd.Timedelta("1s"), "Timedelta('0 days 00:00:01')"),
    ],
)  # fmt: skip
def test_what_is_no_duration(given: Any, told: str) -> None:
    assert refusal(seconds, "slower_than", given) == (
        f"slower_than: {told} is not a duration [s]; expected a number from 0"
    )


# ---- texts, and several problems at once ------------------------------------------------------


def test_a_text() -> None:
    assert text("policy", " ", "the name of a policy") == " "


@pytest.mark.parametrize(("given", "told"), [("", "''"), (None, "None"), (b"x", "b'x'"), (1, "1")])
def test_what_is_no_text(given: Any, told: str) -> None:
    said = refusal(text, "policy", given, "the name of a policy")
    assert said == f"policy: {told} is not the name of a policy"


def test_checks_go_on_after_the_first_problem() -> None:
    problems = ["first"]
    with noting(problems):
        raise TableError(["second", "third"])
    with noting(problems):
        pass
    with noting(problems):
        text("a", "", "a text")
    assert problems == ["first", "second", "third", "a: '' is not a text"]
    with pytest.raises(KeyError), noting(problems):  # only what we say ourselves is noted
        raise KeyError


# ---- what a command printed --------------------------------------------------------------------


def test_json_parsed_as_text_and_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "told.json").write_text('{"a": [1]}')
    for given in ({"a": [1]}, ' {"a": [1]}', tmp_path / "told.json", str(tmp_path / "told.json")):
        assert json_object("metric", given) == {"a": [1]}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (7, "7 is a int; give a file, JSON text, or a dict"),
        (b"{}", "b'{}' is a bytes; give a file, JSON text, or a dict"),
        ("", "'' cannot be read (Is a directory); give a file, JSON text, or a dict"),
        ("a\0b", "'a\\x00b' cannot be read (no path, or no UTF-8 text); "
         "give a file, JSON text, or a dict"),
        ("{]", "not JSON (Expecting property name enclosed in double quotes: line 1 column 2 "
         "(char 1)); give what the command printed"),
        ("[1]", "a JSON object is expected, as the command prints it"),
    ],
)  # fmt: skip
def test_what_holds_no_json_object(given: Any, told: str) -> None:
    assert refusal(json_object, "metric", given) == f"metric: {told}"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_file_as_any_shell_writes_it(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "told.json").write_bytes('{"a": "ü"}'.encode(encoding))
    assert json_object("metric", tmp_path / "told.json") == {"a": "ü"}


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    for stored in (b"\xff\xfe{", b"\xe4", b"\xff\xfe\0\0\xff\xff\xff\xff"):
        (tmp_path / "told.json").write_bytes(stored)
        said = refusal(json_object, "metric", str(tmp_path / "told.json"))
        assert "cannot be read (no path, or no UTF-8 text)" in said


@pytest.mark.parametrize("text", ['{"a":' * 100_000, "[" * 100_000])
def test_json_nested_without_end(tmp_path: Path, text: str) -> None:
    (tmp_path / "told.json").write_text(text)
    for given in (text, tmp_path / "told.json"):
        assert refusal(json_object, "metric", given) == (
            "metric: not JSON (nested too deeply); give what the command printed"
        )


def test_a_file_without_end_is_not_read_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("albconn.arguments._LONGEST_JSON", 1 << 20)
    said = refusal(json_object, "policies", "/dev/zero")
    assert said == "policies: '/dev/zero' has more than 1 MiB; give what the command printed"
