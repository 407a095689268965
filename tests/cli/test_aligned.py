"""Which columns of a table a terminal has room for, and how they look there."""

from __future__ import annotations

import io
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from rich.cells import cell_len
from rich.console import Console

import albconn as ac
from albconn.cli.aligned import GAP, LEAST_TELLING, columns_of, fitting, folded, laid_out
from tests.cli.running import FIRST_CASE

RATES = pd.DataFrame(
    {
        "bin_start": pd.to_datetime(["2026-09-22", "2026-09-23"], utc=True),
        "elb": pd.Series(["app/api/8f1b2c3d4e5f6a7b", "app/shop/50dc6c495c0c9188"]),
        "connections": [1249, 5757],
        "failures": [10, 36],
        "unmapped_failures": [10, 31],
        "failure_rate": [0.008, 0.0063],
        "rate_low": [0.0044, 0.0045],
        "rate_high": [0.0147, 0.0087],
    }
)


def shown(table: pd.DataFrame, width: int, **how: Any) -> tuple[list[str], list[str]]:
    """Return the lines that a terminal of that width shows, and the columns that it does not."""
    columns = columns_of(table, **how)
    widths, dropped = fitting(columns, width)
    stream = io.StringIO()
    Console(file=stream, width=width, markup=False, highlight=False).print(
        laid_out(columns, widths)
    )
    return stream.getvalue().splitlines(), dropped


def test_all_is_there_where_there_is_room() -> None:
    lines, dropped = shown(RATES, 120, short_times=True)
    assert dropped == []
    assert [line.split()[0] for line in lines] == ["bin", "2026-09-22", "2026-09-23"]
    assert lines[1].split()[-4:] == ["0.44", "%", "1.5", "%"]


def test_bounds_go_first_and_rates_stay_with_their_counts() -> None:
    lines, dropped = shown(RATES, 80, short_times=True)
    assert dropped == ["rate_low", "rate_high"]
    lines, dropped = shown(RATES, 66, short_times=True)
    assert dropped == ["unmapped_failures", "rate_low", "rate_high"]
    assert lines == [
        "                                                           failure",
        "bin start   elb                     connections  failures     rate",
        "2026-09-22  app/api/8f1b2c3d4e5f6…        1,249        10   0.80 %",
        "2026-09-23  app/shop/50dc6c495c0c…        5,757        36   0.63 %",
    ]


def test_what_is_nowhere_known_goes_before_all_else() -> None:
    table = RATES.assign(top_reason=pd.Series([None, None], dtype="str"))
    assert shown(table, 98, short_times=True)[1] == ["top_reason"]


def test_of_what_nothing_is_said_the_last_goes() -> None:
    table = pd.DataFrame({name * 9: ["x" * 9] for name in "abcde"})
    assert shown(table, 42)[1] == ["eeeeeeeee"]
    assert shown(table, 20)[1] == ["ccccccccc", "ddddddddd", "eeeeeeeee"]
    assert shown(table, 1)[1][0] == "bbbbbbbbb"  # one is always there


def test_texts_are_cut_before_the_last_columns_go() -> None:
    table = pd.DataFrame({"subject_of": ["CN=" + "x" * 60], "failures": [1], "clients": [2]})
    lines, dropped = shown(table, 40)
    assert dropped == []
    assert lines[1] == f"CN={'x' * 17}…         1        2"
    assert len(lines[1]) == 40


def test_an_empty_table_is_its_header() -> None:
    lines, dropped = shown(RATES.iloc[:0], 80, short_times=True)
    assert dropped == []
    assert "connections" in " ".join(lines)


@pytest.mark.parametrize(
    ("times", "texts"),
    [
        (["2026-09-22", "2026-09-23"], ["2026-09-22", "2026-09-23"]),
        (["2026-09-22", "2026-09-23T10:05"], ["2026-09-22 00:00", "2026-09-23 10:05"]),
        (["2026-09-22", "2026-09-23T10:05:01"], ["2026-09-22 00:00:00", "2026-09-23 10:05:01"]),
        (["2026-09-22T00:00:00.5"], ["2026-09-22 00:00:00"]),
        ([None, "2026-09-22"], ["–", "2026-09-22"]),
        ([None], ["–"]),
    ],
)
def test_times_are_as_short_as_all_of_a_column_are(times: list[Any], texts: list[str]) -> None:
    column = pd.to_datetime(pd.Series(times), utc=True, format="ISO8601")
    (found,) = columns_of(pd.DataFrame({"start": column}), short_times=True)
    assert found.cells == texts
    (whole,) = columns_of(pd.DataFrame({"start": column}))
    assert {len(cell) for cell in whole.cells} <= {19, 1}


WORDS = st.text("abc_ é漢🙂", min_size=1, max_size=12)
NAMES = st.one_of(st.sampled_from(LEAST_TELLING), WORDS, st.just("failure_rate"))
VALUES = st.one_of(
    st.none(), st.integers(-(10**9), 10**9), st.floats(0, 1), st.booleans(),
    st.text(max_size=60),
)  # fmt: skip


@given(
    st.dictionaries(NAMES, st.lists(VALUES, min_size=2, max_size=2), min_size=1, max_size=12),
    st.integers(30, 120),
)
@settings(max_examples=200)
def test_no_line_is_wider_and_no_column_is_lost(values: dict[str, list[Any]], width: int) -> None:
    table = pd.DataFrame({name: pd.Series(each, dtype=object) for name, each in values.items()})
    columns = columns_of(table)
    widths, dropped = fitting(columns, width)
    assert [name for name in table if name in widths or name in dropped] == list(table)
    assert set(widths).isdisjoint(dropped)
    assert widths
    if len(widths) > 1:
        assert sum(widths.values()) + GAP * (len(widths) - 1) <= width
        lines, _ = shown(table, width)
        assert all(cell_len(line) <= width for line in lines)
    if not dropped:
        return
    whole = sum(column.whole for column in columns) + GAP * (len(columns) - 1)
    assert whole > width  # nothing goes that has room


@pytest.mark.parametrize(
    ("header", "width", "lines"),
    [
        ("share of failures", 8, ["share of", "failures"]),
        ("share of failures", 17, ["share of failures"]),
        ("share of failures", 1, ["share", "of", "failures"]),
        ("", 5, [""]),
    ],
)
def test_headers_fold_between_words(header: str, width: int, lines: list[str]) -> None:
    assert folded(header, width) == lines


def test_what_is_least_telling_is_a_column_of_some_table() -> None:
    told = set(LEAST_TELLING)
    tables = [
        ac.failure_rate(FIRST_CASE), ac.outcome_totals(FIRST_CASE), ac.change_points(FIRST_CASE),
        ac.failing_clients(FIRST_CASE), ac.failure_concentration(FIRST_CASE),
        ac.recoveries(FIRST_CASE), ac.client_histories(FIRST_CASE), ac.incidents(FIRST_CASE),
        ac.client_certificates(FIRST_CASE, as_of="2023-12-06T00:00Z"),
        ac.policy_overview(FIRST_CASE),
        ac.policy_clients(FIRST_CASE, "ELBSecurityPolicy-TLS13-1-3-2021-06"),
        ac.policy_impact(FIRST_CASE, "ELBSecurityPolicy-TLS13-1-3-2021-06"),
        ac.compare_windows(FIRST_CASE, baseline=("2023-12-05T14:00Z", "2023-12-05T14:30Z"),
                           incident=("2023-12-05T14:30Z", "2023-12-05T15:00Z")),
    ]  # fmt: skip
    assert told <= {str(name) for table in tables for name in table.columns}
    assert len(told) == len(LEAST_TELLING)
