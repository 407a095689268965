"""The same words mean the same in every public function, and what is wrong is said in one line."""

from __future__ import annotations

import inspect
import json
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import albconn as ac
from albconn.analysis.counting.splits import make_split, parse_width
from albconn.errors import shown
from albconn.report import write_report
from albconn.times import utc_date, utc_instant
from worlds.request_rows import requests_frame
from worlds.rows import BEGIN, connection, frame_of

LOG = Path(__file__).parents[2] / "data/sample/first_case.log"
WINDOW = (BEGIN, BEGIN + timedelta(minutes=1))
LATER = (BEGIN + timedelta(minutes=2), BEGIN + timedelta(minutes=3))
POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
NO_REQUESTS = requests_frame([])
METRIC = {"Datapoints": [{"Timestamp": "2026-09-23T10:02:00Z", "Sum": 1.0}]}


class Rowdy:
    """Nothing that anybody expects, with a text that nobody wants to read."""

    def __repr__(self) -> str:
        return "rowdy " * 100_000


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rows = [
        connection(n, "ClientCertExpired" if n % 5 == 0 else None, client_ip=f"203.0.{n % 9}.1")
        for n in range(200)
    ]
    return frame_of(rows)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dest = tmp_path_factory.mktemp("api") / "dataset"
    ac.convert(LOG, dest)
    return dest


COLUMN = pd.Series([f"203.0.113.{n}" for n in range(30_000)], name="client_ip")
# Wrong wherever a name, a width, a number, a time or a window is expected.
WRONG: dict[str, Any] = {
    "Series": COLUMN,
    "category": COLUMN.astype("category"),
    "DataFrame": COLUMN.to_frame(),
    "ndarray": COLUMN.to_numpy(),
    "Index": pd.Index(COLUMN),
    "arrow": pa.chunked_array([COLUMN.to_list()]),
    "object": Rowdy(),
    "dict": {n: n for n in range(10_000)},
    "list": list(range(10_000)),
    "float": float("nan"),
    "bytes": b"elb" * 10_000,
    "huge number": 10**10_000,
    "bool": True,
}

GIVEN: dict[Callable[..., Any], dict[str, Any]] = {
    ac.compare_windows: {"baseline": WINDOW, "incident": LATER},
    ac.quiet_window: {"incident": WINDOW},
    ac.client_certificates: {"as_of": BEGIN},
    ac.stopped_working: {"since": BEGIN},
    ac.policy_impact: {"policy": POLICY},
    ac.policy_clients: {"policy": POLICY},
    ac.requests_per_connection: {"requests": NO_REQUESTS},
    ac.felt_failures: {"requests": NO_REQUESTS},
    ac.handshake_agreement: {"requests": NO_REQUESTS},
    ac.policy_exceptions: {"requests": NO_REQUESTS, "policy": POLICY},
    ac.reconcile_metric: {"metric_json": METRIC},
    ac.ddl: {"dialect": "duckdb"},
}
FROM_FILES = [ac.read_connections, ac.load_connections, ac.iter_connections, ac.coverage]
# What connections are, the source says; what s3fs takes, s3fs.
UNCHECKED = {"connections", "requests", "storage_options"}
# What is right there: JSON that was parsed, a key that is long enough.
TAKEN = {("metric_json", "dict"), ("metric", "dict"), ("client_ip_key", "bytes")}
OPENED = (ac.open_connections, ac.open_requests, write_report)  # these take a DataFrame as a source


def first_argument(function: Callable[..., Any], frame: pd.DataFrame, dataset: Path) -> Any:
    first = next(iter(inspect.signature(function).parameters))
    return {"connections": frame, "source": LOG, "dest": dataset}[first]


def arguments_of(function: Callable[..., Any]) -> list[str]:
    return [name for name in inspect.signature(function).parameters if name not in UNCHECKED]


FUNCTIONS = [
    getattr(ac, name)
    for name in ac.__all__
    if inspect.isfunction(getattr(ac, name))
] + [write_report]  # fmt: skip
CASES = [
    pytest.param(function, argument, id=f"{function.__name__}-{argument}")
    for function in FUNCTIONS
    for argument in arguments_of(function)
]


@pytest.mark.parametrize(("function", "argument"), CASES)
def test_the_wrong_kind_of_thing_is_refused_in_one_short_line(
    function: Any, argument: str, frame: pd.DataFrame, dataset: Path, tmp_path: Path
) -> None:
    first, *_ = inspect.signature(function).parameters
    given = {first: first_argument(function, frame, dataset), **GIVEN.get(function, {})}
    given |= {"dest": tmp_path / "new"} if function is ac.convert else {}
    given |= {"out": tmp_path / "out"} if function is write_report else {}
    given |= {"client_ip": "pseudonymize"} if argument == "client_ip_key" else {}
    # A path or URL that is none is the destination's own error.
    kind = ac.DatasetError if argument == "dest" else ac.TableError
    for name, wrong in WRONG.items():
        is_source = function in OPENED and (argument, name) == ("source", "DataFrame")
        if is_source or (argument, name) in TAKEN:
            continue
        began = time.monotonic()
        with pytest.raises(kind) as refused:
            function(**{**given, argument: wrong})
        said = str(refused.value)
        assert len(said) < 200, (name, len(said))
        assert len(said.splitlines()) == 1, name
        assert said.startswith(f"{argument}: "), (name, said)
        assert time.monotonic() - began < 5, name


@pytest.mark.parametrize("name", ["Series", "category", "DataFrame", "ndarray", "Index"])
def test_a_column_given_as_by_is_called_what_it_is(name: str, frame: pd.DataFrame) -> None:
    kind = type(WRONG[name]).__name__
    for analysis in (ac.failure_rate, ac.key_exchange_share):
        with pytest.raises(ac.TableError, match=rf"^by: this is an? {kind}; give the name of a "):
            analysis(frame, by=WRONG[name])


def test_only_what_is_shown_of_a_value_is_looked_at() -> None:
    assert shown("x" * 10_000_000) == f"'{'x' * 78}…"
    assert shown([1, "two", None]) == "[1, 'two', None]"
    assert shown(np.zeros((1000, 3))) == "<ndarray of shape (1000, 3)>"
    assert len(shown(Rowdy())) <= 80
    assert shown(10**10_000) == "<int>"
    assert shown(pd.Timestamp("2026-09-23", tz="UTC")).startswith("Timestamp('2026-09-23")


def test_many_problems_are_told_in_a_few_words() -> None:
    error = ac.TableError([f"by: {n} is wrong" for n in range(1000)] * 2)
    assert len(error.problems) == 1000
    assert str(error).endswith("by: 4 is wrong; and 995 more")


# ---- bin widths -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("every", "text"),
    [
        ("h", "1h"), ("D", "1D"), ("W", "7D"), ("min", "1min"), ("s", "1s"), ("2h", "2h"),
        ("2W", "14D"), ("7D", "7D"), ("T", "1min"), ("H", "1h"), ("1h30min", "90min"),
        (timedelta(hours=2), "2h"), (pd.Timedelta("1D"), "1D"), (np.timedelta64(1, "W"), "7D"),
        (np.timedelta64(90, "s"), "90s"),
    ],
)  # fmt: skip
def test_pandas_aliases_are_bin_widths_that_charts_read(every: Any, text: str) -> None:
    split = make_split(every, (), answer=())
    assert split.text == text
    assert pd.Timedelta(text) == pd.Timedelta(seconds=split.width or 0)


@pytest.mark.parametrize("every", ["M", "ME", "1M", "MS", "Q", "QS-JAN", "YE", "A", "BME"])
def test_what_has_no_fixed_width_is_refused(every: str) -> None:
    with pytest.raises(ac.TableError, match=r"^every: .*years have no fixed width$"):
        parse_width(every)


def test_a_week_that_begins_elsewhere_is_refused() -> None:
    with pytest.raises(ac.TableError, match=r"a week begins on Monday$"):
        parse_width("W-WED")


@pytest.mark.parametrize("every", ["W", "7D", timedelta(weeks=1), "2W"])
def test_weeks_begin_on_monday_as_iso_weeks_do(every: Any) -> None:
    days = [datetime(1969, 12, 20, 12, tzinfo=UTC) + timedelta(days=n) for n in range(40)]
    days += [datetime(2026, 9, 20, 23, 59, 59, 999_999, tzinfo=UTC) + timedelta(days=n)
             for n in range(20)]  # fmt: skip
    rows = [connection(timestamp=day) for day in days]
    rates = ac.failure_rate(frame_of(rows), every=every)
    assert (rates["bin_start"].dt.day_of_week == 0).all()
    assert (rates["bin_start"].dt.strftime("%H%M%S%f") == "000000000000").all()
    assert rates["connections"].sum() == len(rows)
    if every != "2W":
        iso = pd.Series(days).map(lambda day: tuple(day.isocalendar()[:2])).value_counts()
        counted = {
            tuple(start.isocalendar()[:2]): n
            for start, n in zip(rates["bin_start"], rates["connections"], strict=True)
        }
        assert counted == iso.to_dict()


def test_where_bins_are_needed_none_is_refused(frame: pd.DataFrame) -> None:
    nothing: Any = None
    for function in (ac.worst_window, ac.change_points, ac.slow_window):
        with pytest.raises(ac.TableError, match=r"^every: None is not a bin width"):
            function(frame, every=nothing)


# ---- times ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["2026-09-23T10:00Z", "2026-09-23T12:00:00.000+02:00", "20260923T100000Z"]
)
def test_a_text_with_its_zone_is_a_time(text: str) -> None:
    expected = datetime(2026, 9, 23, 10, tzinfo=UTC)
    assert utc_instant("start", text) == utc_instant("start", pd.Timestamp(text)) == expected
    assert type(utc_instant("start", pd.Timestamp(text))) is datetime


@pytest.mark.parametrize("text", ["2026-09-23T10:00", "2026-09-23", "2026-09-23 10:00:00"])
def test_a_text_without_zone_is_refused(text: str) -> None:
    with pytest.raises(ac.TableError, match=f"^start: {text} has no time zone; give an aware time"):
        utc_instant("start", text)


@pytest.mark.parametrize("wrong", ["soon", "", "NaT", pd.NaT, 5, date(2026, 9, 23)])
def test_what_is_no_time_is_refused(wrong: Any) -> None:
    with pytest.raises(ac.TableError, match=r"^start: .* is not a datetime or ISO 8601 text"):
        utc_instant("start", wrong)


def test_a_date_is_a_date() -> None:
    assert utc_date("before", "2026-09-23") == date(2026, 9, 23)
    assert utc_date("before", date(2026, 9, 23)) == date(2026, 9, 23)
    for wrong in ("2026-09-23T10:00Z", datetime(2026, 9, 23, tzinfo=UTC), "soon", 5):
        with pytest.raises(ac.TableError, match=r"^before: .*expected a datetime.date or its text"):
            utc_date("before", wrong)  # type: ignore[arg-type]


def test_texts_do_wherever_a_time_is_asked(
    frame: pd.DataFrame, dataset: Path, tmp_path: Path
) -> None:
    quiet, busy = ((a.isoformat(), pd.Timestamp(b)) for a, b in (WINDOW, LATER))
    told = ac.compare_windows(frame, baseline=quiet, incident=busy)
    pd.testing.assert_frame_equal(told, ac.compare_windows(frame, baseline=WINDOW, incident=LATER))
    assert ac.quiet_window(frame, busy) == ac.quiet_window(frame, LATER)
    assert len(ac.client_certificates(frame, as_of="2026-09-24T00:00Z")) == 0
    span: Any = {"start": "2023-12-05T14:00Z", "end": "2023-12-05T16:00:00+01:00"}
    half: Any = {"start": datetime(2023, 12, 5, 14, tzinfo=UTC),
            "end": datetime(2023, 12, 5, 15, tzinfo=UTC)}  # fmt: skip
    for function in FROM_FILES[:2]:
        texts, times = function(LOG, **span), function(LOG, **half)
        assert len(getattr(texts, "connections", texts)) == len(
            getattr(times, "connections", times)
        )
    pd.testing.assert_frame_equal(
        ac.read_dataset(dataset, **span), ac.read_dataset(dataset, **half)
    )
    assert sum(map(len, ac.iter_connections(LOG, **span))) == len(ac.read_connections(LOG, **half))
    with pytest.warns(ac.AlbconnWarning, match="do not tell node and interval"):
        pd.testing.assert_frame_equal(ac.coverage(LOG, **span), ac.coverage(LOG, **half))
    assert ac.convert(LOG, tmp_path / "new", **span).rows == len(ac.read_connections(LOG, **half))
    assert ac.compact(dataset, before="2023-12-06").dates == ()
    json.dumps(told.attrs)  # what charts and files keep of it
