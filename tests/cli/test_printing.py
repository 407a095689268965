"""Facts and tables on a terminal and in a pipe."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from albconn.cli.formats import Printed
from albconn.cli.options import Format, Summary
from albconn.cli.printing import LONGEST, MOST_ROWS, print_facts, print_table, say
from tests.cli.running import albconn, on_terminal


def test_table_is_readable(dataset: str) -> None:
    done = albconn("clients", dataset, "--top", "2")
    assert done.stdout.splitlines()[-1].startswith("other")
    assert "%" in done.stdout


def test_facts_are_aligned_or_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    facts = {"rows": 1200, "dates": (), "top_reason": "A", "is_new": True, "changed": ["a", "b"]}
    print_facts(facts)
    assert capsys.readouterr().out.splitlines() == [
        "rows        1,200", "dates       none", "top reason  A", "is new      True",
        "changed     a, b",
    ]  # fmt: skip
    print_facts(facts, Summary.json)
    assert json.loads(capsys.readouterr().out) == {**facts, "dates": []}


def test_a_strangers_value_cannot_write_to_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    table = pd.DataFrame(
        {
            "subject": ["CN=\x1b[31m[red]x", None],
            "failure_rate": [0.5, float("nan")],
            "n": [1, 1200],
        }
    )
    print_table(table, Format.table)
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert r"CN=\x1b[31m[red]x" in shown
    assert "50 %" in shown
    assert "1,200" in shown
    print_table(table, Format.csv)
    assert capsys.readouterr().out.splitlines()[0] == "subject,failure_rate,n"
    print_table(table, Format.json)
    assert json.loads(capsys.readouterr().out.splitlines()[1]) == {
        "subject": None, "failure_rate": None, "n": 1200,
    }  # fmt: skip


def test_whatever_is_missing_is_a_dash(capsys: pytest.CaptureFixture[str]) -> None:
    table = pd.DataFrame(
        {
            "cause": pd.array([1, None], dtype="Int8"),
            "since": [pd.Timestamp("2026-09-23T10:00Z"), pd.NaT],
            "rate": [0.5, None],
            "name": pd.Series(["a", None], dtype="str"),
        }
    )
    print_table(table, Format.table)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[1:] == [["1", "2026-09-23", "10:00:00", "50", "%", "a"], ["–"] * 4]


def test_an_aligned_table_ends_somewhere_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    table = pd.DataFrame({"subject": ["x" * 1_000_000, *["y"] * MOST_ROWS]})
    print_table(table, Format.table)
    out, err = capsys.readouterr()
    assert len(out.splitlines()) <= MOST_ROWS + 2
    assert max(map(len, out.splitlines())) <= LONGEST + 1
    assert err == "albconn: 1 more row; --format csv or json prints all\n"
    print_table(table, Format.csv)
    assert len(capsys.readouterr().out.splitlines()) == MOST_ROWS + 2


def test_facts_and_sayings_do_nothing_to_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    path = "/out/\x1b]0;owned\x07\u202e\udcff\n"
    for format in Summary:
        print_facts({"page": path}, format)
    say(path)
    out, err = capsys.readouterr()
    assert out.replace("\n", "").isprintable()
    assert err == "albconn: /out/\\x1b]0;owned\\x07\\u202e\\udcff\\n\n"
    assert json.loads(out.splitlines()[1]) == {"page": path}


def test_a_sink_takes_the_table_itself() -> None:
    table, taken = pd.DataFrame({"n": [1]}), []
    print_table(table, taken.append)
    assert taken[0] is table


def test_a_pipe_gets_every_column_on_one_line_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    table = pd.DataFrame({f"column_{n}": ["x" * 40] for n in range(30)})
    print_table(table, Format.table)
    out, err = capsys.readouterr()
    header, row = out.splitlines()
    assert header.split() == [word for n in range(30) for word in ("column", str(n))]
    assert row.split() == ["x" * 40] * 30
    assert err == ""


def test_wide_cuts_no_value(capsys: pytest.CaptureFixture[str]) -> None:
    table = pd.DataFrame({"subject": ["x" * 5000]})
    print_table(table, Printed(Format.table, wide=True))
    assert capsys.readouterr().out.splitlines()[1] == "x" * 5000


def test_a_file_holds_all_of_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = pd.DataFrame({"subject": ["é" * 5000, *["y"] * MOST_ROWS]})
    for format in (Format.table, Format.json, Format.csv):
        file = tmp_path / format
        print_table(table, Printed(format, file))
        assert capsys.readouterr() == (f"{file}\n", "")
        told = file.read_text(encoding="utf-8").splitlines()
        assert len(told) == len(table) + (format is not Format.json)
    assert (tmp_path / "table").read_text(encoding="utf-8").splitlines()[1] == "é" * 5000


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_a_terminal_shows_what_fits_and_says_what_does_not(dataset: str, columns: int) -> None:
    code, lines = on_terminal(columns, "compare", dataset)
    assert code == 0
    (said,) = (line for line in lines if "more column" in line)
    shown = lines[2 : lines.index(said)]  # behind what was rejected, and the windows
    assert max(map(len, shown)) <= columns
    head = " ".join(shown[:3]).split()
    assert "dimension" in head
    dropped = said.removeprefix("albconn: ").partition(": ")[2].partition("; ")[0].split(", ")
    assert said.startswith(f"albconn: {len(dropped)} more columns: ")
    assert said.endswith("; --wide shows them")
    assert {"q_value", "difference_low"} <= set(dropped)


def test_wide_shows_all_on_a_terminal_too(dataset: str) -> None:
    code, lines = on_terminal(40, "totals", dataset, "--wide")
    assert code == 0
    assert not any("more column" in line for line in lines)
    assert "last timestamp" in " ".join(lines)
    piped = albconn("totals", dataset).stdout.splitlines()
    assert [line.rstrip() for line in lines if line][-2:] == [line.rstrip() for line in piped]


def test_what_is_printed_as_csv_is_whole_on_a_terminal(dataset: str) -> None:
    code, lines = on_terminal(40, "totals", dataset, "--format", "csv")
    assert code == 0
    assert albconn("totals", dataset, "--format", "csv").stdout.splitlines() == lines[1:3]
