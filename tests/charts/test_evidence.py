"""What few connections draw, where a log ends within a bin, and one colour for one thing."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.dates import date2num
from matplotlib.patches import StepPatch

from albconn import charts
from albconn.charts.drawing.colours import SPARE, reason_colours
from albconn.charts.drawing.look import Look
from tests.charts.small_tables import FIRST, bins, found, rates, subtitle, usual


def lines_of(ax: Any) -> list[float]:
    """Return every rate that a line of the Axes reaches."""
    reached = np.concatenate([np.asarray(line.get_ydata(), float) for line in ax.lines])
    return list(reached[np.isfinite(reached)])


def bands(ax: Any) -> list[float]:
    return [
        float(top)
        for patch in ax.patches
        if isinstance(patch, StepPatch)
        for top in patch.get_data()[0]
        if np.isfinite(top)
    ]


def wilson(failures: int, connections: int) -> tuple[float, float]:
    """Return the textbook's interval, not the package's."""
    z, n, p = 1.959964, connections, failures / connections
    middle, half = p + z * z / (2 * n), z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


def with_wilson(table: pd.DataFrame) -> pd.DataFrame:
    counts = zip(table["failures"], table["connections"], strict=True)
    ends = [wilson(int(k), int(n)) for k, n in counts]
    return table.assign(rate_low=[low for low, _ in ends], rate_high=[high for _, high in ends])


def an_incident() -> pd.DataFrame:
    """Return 100 connections a bin, 40 of them failing in two; one bin has a failure of four."""
    connections, failures = [100] * 20, [0] * 20
    failures[8:10] = [40, 40]
    connections[15], failures[15] = 4, 2
    return with_wilson(rates(connections, failures, bin_start=bins(range(20))))


def test_few_connections_draw_a_faint_dot_and_never_a_line() -> None:
    ax = charts.plot_failure_rate(an_incident())
    assert max(lines_of(ax)) == pytest.approx(0.4)
    assert sorted(set(lines_of(ax))) == [0.0, 0.4]
    (dots,) = ax.collections
    ((_, height),) = np.asarray(dots.get_offsets())
    assert 0.4 < height <= ax.get_ylim()[1] < 0.5
    assert float(dots.get_alpha() or 1) <= 0.4
    assert "dots: bins of fewer than 20" in subtitle(ax)


def test_no_band_where_nothing_failed_and_little_was_seen() -> None:
    quiet = with_wilson(rates([4, 30, 25, 22], [0, 0, 0, 0], bin_start=bins([0, 1, 2, 3])))
    assert bands(charts.plot_failure_rate(quiet)) == []
    assert max(bands(charts.plot_failure_rate(an_incident()))) == pytest.approx(wilson(40, 100)[1])


def test_the_rate_decides_the_axis() -> None:
    table = with_wilson(rates([200, 21, 200], [2, 0, 2], bin_start=bins([0, 1, 2])))
    assert charts.plot_failure_rate(table).get_ylim()[1] < 0.02


def test_small_multiples_know_the_same() -> None:
    split = an_incident().assign(ip_address="10.0.0.1")
    ax = charts.plot_failure_rate_panels(split)
    assert max(lines_of(ax)) == pytest.approx(0.4)


def veiled(ax: Any) -> list[float]:
    """Return where a last bin is veiled in each panel, in minutes after the first bin's start."""
    begin = date2num(FIRST)
    return [
        round((one.get_x() - begin) * 1440, 3)
        for panel in ax.figure.axes
        for one in panel.patches
        if one.get_gid() == "partial bin"
    ]


def ending(table: pd.DataFrame, minutes: float, note: str = "end") -> pd.DataFrame:
    """Return a table of bins of 5 minutes whose log ends so many minutes after the first."""
    noted = table.copy()
    noted.attrs |= {"every": "5min", note: (FIRST + pd.Timedelta(minutes=minutes)).isoformat()}
    return noted


def two_bins(**columns: list[Any]) -> pd.DataFrame:
    return pd.DataFrame({"bin_start": bins([0, 1]), **columns})


IN_BINS = {
    "reasons": (charts.plot_failure_reasons, two_bins(
        failure_reason=["A", "A"], failures=[9, 3], connections=[90, 40])),
    "latency": (charts.plot_handshake_latency, two_bins(
        connections=[90, 40], p50=[0.1, 0.1], p95=[0.2, 0.2], p99=[0.3, 0.3], max=[1, 1])),
    "key exchange": (charts.plot_key_exchange_share, two_bins(
        tls_keyexchange=["x25519", "x25519"], connections=[90, 40])),
    "slow": (charts.plot_slow_handshakes, two_bins(
        connections=[90, 40], slow=[9, 4], slow_rate=[0.1, 0.1], rate_low=[0.0, 0.0],
        rate_high=[0.2, 0.2])),
    "metric": (charts.plot_reconcile_metric, two_bins(
        log_failures=[90, 40], metric_errors=[90, 80], difference=[0, -40])),
}  # fmt: skip


@pytest.mark.parametrize("name", IN_BINS)
def test_every_chart_of_bins_veils_the_last_one_where_the_log_ends_in_it(name: str) -> None:
    plot, table = IN_BINS[name]
    note = "log_end" if name == "metric" else "end"
    cut = plot(ending(table, 7.0, note))
    assert veiled(cut) == [5.0] * len(cut.figure.axes)
    assert "last bin partial: 2 min of 5 min" in subtitle(cut)
    whole = plot(ending(table, 9.95, note))
    assert veiled(whole) == []
    assert "partial" not in subtitle(whole)


def test_a_bin_of_several_reasons_is_not_busier_for_them() -> None:
    """Of five connections in three minutes, two minutes more without one are chance."""
    rows = [{"bin_start": at, "failure_reason": reason, "failures": 1, "connections": 5}
            for at in bins([0, 1]) for reason in "ABCDE"]  # fmt: skip
    assert veiled(charts.plot_failure_reasons(ending(pd.DataFrame(rows), 8.0))) == []


def test_the_incidents_veil_their_last_bin_above_and_below() -> None:
    table = found()
    last = pd.Timestamp(table.attrs["over_time"]["bin_start"][-1])
    table.attrs["end"] = (last + pd.Timedelta(minutes=6)).isoformat()
    ax = charts.plot_incidents(table)
    assert veiled(ax) == [225.0, 225.0]
    assert "last bin partial: 6 min of 15 min" in subtitle(ax)
    table.attrs["end"] = (last + pd.Timedelta(minutes=14.9)).isoformat()
    assert veiled(charts.plot_incidents(table)) == []


@pytest.mark.parametrize(("minutes", "is_partial"), [(14.9, False), (11.0, True), (12.0, True)])
def test_a_last_bin_in_which_the_log_ends_is_marked(minutes: float, *, is_partial: bool) -> None:
    table = rates([100, 100, 60], [1, 1, 1], bin_start=bins([0, 1, 2]))
    table.attrs["end"] = (FIRST + pd.Timedelta(minutes=minutes)).isoformat()
    ax = charts.plot_failure_rate(table)
    veils = [one for panel in ax.figure.axes for one in panel.patches
             if one.get_gid() == "partial bin"]  # fmt: skip
    assert len(veils) == (2 if is_partial else 0)
    assert ("last bin partial" in subtitle(ax)) is is_partial


def test_a_reason_has_its_colour_whatever_stands_beside_it() -> None:
    known = ["ClientCertExpired", "ClientCertUntrusted", "UnmappedConnectionError", "Brand-New"]
    every = reason_colours(known, Look())
    assert len(set(every.values())) == 4
    assert every["Brand-New"] in SPARE
    for name in known:
        assert reason_colours(["Another", name], Look())[name] == every[name]
    reasons = charts.plot_failure_reasons(
        pd.DataFrame({"failure_reason": known[:2], "failures": [5, 9]})
    )
    drawn = {to_hex(bar.get_facecolor()).upper() for bar in reasons.patches}
    assert drawn == {every[name].upper() for name in known[:2]}
    beside = charts.plot_incident_and_usual(usual())
    colours = {to_hex(bar.get_facecolor()).upper() for bar in beside.patches}
    assert every["ClientCertExpired"].upper() in colours


def test_the_incident_stands_beside_the_usual() -> None:
    ax = charts.plot_incident_and_usual(usual())
    assert ax.get_title(loc="left") == "ClientCertExpired: 30 %, usually 0 %"
    notes = [note.get_text() for note in ax.texts if note.get_gid() == "row note"]
    assert notes == [
        "30 %, usually 0 % (120 of 400)",
        "2.0 %, usually 2.0 % (8 of 400)",
        "50 %, usually not seen (120 of 240)",
    ]
    widths = [bar.get_width() for bar in ax.patches]  # type: ignore[attr-defined]
    assert widths == [0.3, 0.0, 0.02, 0.02, 0.5]


def a_raised_policy() -> pd.DataFrame:
    """Return 20 bins: TLSv1 ends after the tenth, TLSv1.2 goes on, failures begin."""
    old = rates([6] * 10, [0] * 10, bin_start=bins(range(10))).assign(tls_protocol="TLSv1")
    new = rates([50] * 20, [0] * 20, [0] * 20, bin_start=bins(range(20)))
    new["unmapped_failures"] = [0] * 10 + [6] * 10
    return pd.concat([old, new.assign(tls_protocol="TLSv1.2")], ignore_index=True)


def test_the_version_that_ends_is_named_above_the_failures_that_begin() -> None:
    ax = charts.plot_handshakes_over_time(a_raised_policy())
    assert ax.get_title(loc="left") == "TLSv1 falls away about 10:50, failures begin"
    names = [text.get_text() for panel in ax.figure.axes for text in panel.texts
             if text.get_gid() == "panel name"]  # fmt: skip
    assert names == [
        "TLSv1.2\n1,000 successes",
        "TLSv1\n60 successes\nnone from 10:50",
        "TLS version unknown\n60 failures",
    ]
    heights = [
        next(p for p in panel.patches if isinstance(p, StepPatch)).get_data()[0]
        for panel in ax.figure.axes
    ]
    assert [float(np.nansum(one)) for one in heights] == [1000, 60, 60]


def test_no_end_is_claimed_where_there_is_none() -> None:
    table = a_raised_policy()
    without_failures = table.assign(unmapped_failures=0)
    steady = table[table["tls_protocol"] == "TLSv1.2"]
    at_night = rates([200] * 10 + [10] * 10, [0] * 20, bin_start=bins(range(20)))
    for one in (without_failures, steady, at_night.assign(tls_protocol="TLSv1.3")):
        ax = charts.plot_handshakes_over_time(one)
        assert ax.get_title(loc="left") == "Successful handshakes by TLS version"


def test_a_table_that_is_split_by_no_handshake_is_refused() -> None:
    with pytest.raises(ValueError, match="not split by a handshake"):
        charts.plot_handshakes_over_time(rates([9], [1], bin_start=bins([0]), elb=["a"]))


def test_a_version_that_few_still_speak_is_not_said_to_be_gone() -> None:
    fallen = rates([60] * 10 + [9] * 10, [0] * 20, bin_start=bins(range(20)))
    fallen["unmapped_failures"] = [0] * 10 + [60] * 10
    ax = charts.plot_handshakes_over_time(fallen.assign(tls_protocol="TLSv1"))
    names = [text.get_text() for panel in ax.figure.axes for text in panel.texts
             if text.get_gid() == "panel name"]  # fmt: skip
    assert names[0] == "TLSv1\n690 successes\nfewer from 10:50"


def test_of_very_many_values_the_most_frequent_are_looked_at() -> None:
    many = pd.concat(
        [
            a_raised_policy(),
            rates(
                [1] * 20_000, [0] * 20_000, bin_start=bins([n % 20 for n in range(20_000)])
            ).assign(tls_protocol=[f"v{n}" for n in range(20_000)]),
        ],
        ignore_index=True,
    )
    began = time.process_time()
    ax = charts.plot_handshakes_over_time(many)
    assert time.process_time() - began < 10
    assert "TLSv1 falls away about 10:50" in ax.get_title(loc="left")
    assert "the first 6 of 20,002 values" in subtitle(ax)
