"""Any time that a line may say, from the year 1 to 9999, is survived by all that looks at it.

Three logs: of today with single lines of both ends of the calendar in it, and logs that lie
at either end whole, with an incident in their first or last twenty minutes.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from typer.testing import CliRunner

import albconn as ac
from albconn import analysis, charts
from albconn.cli import app
from albconn.cli.analyses import COMMANDS, name_of
from albconn.cli.contents import bytes_in
from albconn.cli.options import FileFormat, Format
from albconn.cli.printing import print_table
from albconn.lab import explore
from albconn.report import write_report
from worlds.lines import line

FIRST, LAST = datetime(1, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
TODAY = datetime(2026, 9, 23, 10, tzinfo=UTC)
ENDS = (
    "NotBefore=0001-01-01T00:00:00Z;NotAfter=9999-12-31T23:59:59Z",
    "NotBefore=2023-09-21T22:43:21Z;NotAfter=2026-06-17T22:43:21Z",
)
BEGINNINGS = {
    "at the beginning": FIRST,
    "at the end": datetime(9999, 12, 31, 21, tzinfo=UTC),
    "in between": TODAY,
}
POLICY = "ELBSecurityPolicy-TLS13-1-3-2021-06"
METRIC = {"Label": "errors", "Datapoints": [
    {"Timestamp": moment, "Sum": 3.0, "Unit": "Count"}
    for moment in ("0001-01-01T00:00:00Z", "2026-09-23T10:00:00Z", "9999-12-31T23:59:00Z")
]}  # fmt: skip
WIDTHS: list[dict[str, Any]] = [{"every": width} for width in ("7h", "1D", "W")]
ASKED: dict[str, list[dict[str, Any]]] = {
    "failure_rate": [*WIDTHS, {"every": "11h", "by": ["date", "client_network"]}],
    "failure_reasons": [{}, *WIDTHS],
    "outcome_totals": [{}],
    "change_points": [{}, *WIDTHS],
    "worst_window": [{}, *WIDTHS],
    "quiet_window": [{"incident": ("2026-09-23T10:20Z", "2026-09-23T10:30Z")},
                     {"incident": (FIRST, FIRST + timedelta(minutes=20))},
                     {"incident": (LAST - timedelta(minutes=20), LAST)}],
    "slow_window": [{}],
    "compare_windows": [{"baseline": (FIRST, TODAY), "incident": (TODAY, LAST)}],
    "failing_clients": [{}],
    "failure_concentration": [{}],
    "recoveries": [{}],
    "client_histories": [{}],
    "stopped_working": [{"since": moment} for moment in (FIRST, TODAY, LAST)],
    "incidents": [{}],
    "handshake_latency": WIDTHS,
    "slow_handshakes": WIDTHS,
    "client_certificates": [{"as_of": moment} for moment in (FIRST, TODAY, LAST)],
    "policy_impact": [{"policy": POLICY}],
    "policy_clients": [{"policy": POLICY}],
    "policy_overview": [{}],
    "key_exchange_share": WIDTHS,
    "reconcile_metric": [{"metric_json": METRIC}],
}  # fmt: skip
ZONES = ({}, {"timezone": "Asia/Tokyo"}, {"timezone": "America/New_York"})


def lines(start: datetime, *, at_the_end: bool) -> Iterator[str]:
    """Return three hours of forty clients, all of which fail in the first or last 20 minutes."""
    for n in range(720):
        moment = start + n * timedelta(seconds=15)
        fails = n >= 640 if at_the_end else n < 80
        yield line(
            moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ").zfill(27), client_ip=f"203.0.113.{n % 40}",
            tls_verify_status="Failed:ClientCertExpired" if fails else "Success",
            leaf_client_cert_subject=f"CN=c{n % 3}", leaf_client_cert_serial_number="0A",
            leaf_client_cert_validity=ENDS[n % 2], tls_handshake_latency=5.0 if n > 600 else 0.1,
        )  # fmt: skip


@pytest.fixture(scope="module", params=list(BEGINNINGS))
def log(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    start = BEGINNINGS[request.param]
    written = list(lines(start, at_the_end=start != FIRST))
    if start == TODAY:
        for moment in ("0001-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z"):
            written += [line(moment), line(moment, tls_verify_status="Failed:ClientCertExpired")]
    path = tmp_path_factory.mktemp("years") / "years.log"
    path.write_text("".join(f"{text}\n" for text in written))
    return path


@pytest.fixture(scope="module")
def connections(log: Path) -> Iterator[ac.Opened]:
    with ac.open_connections(log) as opened:
        assert opened.rejected == 0
        yield opened


def test_every_analysis_is_asked() -> None:
    assert set(ASKED) | {"coverage"} == set(analysis.__all__)


@pytest.mark.parametrize("name", list(ASKED))
def test_every_analysis_and_chart_survives(
    name: str, connections: ac.Opened, capsys: pytest.CaptureFixture[str]
) -> None:
    for asked in ASKED[name]:
        table = getattr(ac, name)(connections, **asked)
        if not isinstance(table, pd.DataFrame):
            continue
        for format in Format:
            print_table(table, format)
        for file_format in FileFormat:
            assert bytes_in(table, file_format)
        assert capsys.readouterr().out
        plot = getattr(charts, f"plot_{name}")
        for zone in ZONES if "timezone" in plot.__annotations__ else ZONES[:1]:
            plot(table, **zone).figure.canvas.draw()
            plt.close("all")


def test_the_incident_is_found_wherever_it_lies(log: Path, connections: ac.Opened) -> None:
    found = ac.incidents(connections)
    first = found[found["kind"] != "slow handshakes"].iloc[0]
    assert (first["clients"], first["failures"]) == (40, 80)
    assert ac.worst_window(connections) is not None
    assert found.attrs["connections_outside"] == (4 if first["start"].year == 2026 else 0)


@pytest.mark.long
def test_the_report_is_written_and_says_what_is_not_in_it(log: Path, tmp_path: Path) -> None:
    page = write_report(log, tmp_path / "report", metric=METRIC).page.read_text()
    between = "2026-09-23" in page
    assert ("4 lines say a time outside of these ten years" in page) is between


@pytest.mark.long
@pytest.mark.filterwarnings("default:coverage. no interval is known")  # of a file with this name
def test_every_command_and_the_dataset_survive(log: Path, tmp_path: Path) -> None:
    metric = tmp_path / "metric.json"
    metric.write_text(json.dumps(METRIC))
    dest = tmp_path / "dataset"
    ac.convert(log, dest)
    assert ac.check(dest, log).ok
    with_more = {
        "stopped-working": ["--since", "2026-09-23T10:00Z"],
        "certificates": ["--as-of", "2026-09-23T10:00Z"],
        "compare": ["--incident", "2026-09-23T12:40Z/2026-09-23T13:00Z", "--baseline",
                    "2026-09-23T10:00Z/2026-09-23T12:40Z"],
        "policy-impact": [POLICY], "policy-clients": [POLICY], "reconcile": [str(metric)],
    }  # fmt: skip
    for command in dict.fromkeys(COMMANDS.values()):
        name = name_of(command)
        done = CliRunner().invoke(app, [name, str(dest), *with_more.get(name, [])])
        assert done.exit_code == 0, (name, done.exception, done.stderr)


def test_the_lab_opens(connections: ac.Opened) -> None:
    explorer = explore(connections)
    assert 2 <= len(explorer.window.options) <= 1502


@pytest.mark.parametrize("end", ["00010101T0000Z", "99991231T2359Z"])
def test_files_named_so_are_listed_or_refused_in_one_line(end: str, tmp_path: Path) -> None:
    name = "conn_log_1_elasticloadbalancing_us-east-2_app.web.0123456789abcdef_{}_10.0.0.1_{}.log"
    for n, each in enumerate((end, "20260923T1005Z")):
        (tmp_path / name.format(each, f"r{n}")).write_text(line("2026-09-23T10:01:00.000000Z"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(ac.read_connections(tmp_path)) == 2
    with pytest.raises(ac.TableError, match=r"more than 20,000,000 intervals .*; give start and"):
        ac.coverage(tmp_path)
    seen = ac.coverage(tmp_path, start="2026-09-23T10:00Z", end="2026-09-23T11:00Z")
    assert 1 <= len(seen) <= 13
