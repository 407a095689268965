"""The pictures of five cases, from their logs: no text is in the way at three sizes.

All charts alone, and those of the cases' reports as these draw them: with their titles and marks,
over their span of time, and narrow for a phone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import pytest

import albconn as ac
from albconn import charts
from albconn.report.drawing import narrow_size, plotted
from albconn.report.question import Asked, ask
from albconn.report.report import draw_all
from tests.cases import CASES, case_of
from tests.charts.looking import in_the_way
from tests.report.asking import Noting

POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"
SIZES = ((4, 2.5), (10, 5), (13.33, 7.5))


def tables(source: Any, moment: Any) -> dict[str, list[pd.DataFrame]]:
    """Return what each chart draws."""
    opened = ac.open_connections(source)
    rates, by_version = ac.failure_rate(opened), ac.failure_rate(opened, by="tls_protocol")
    window = ac.worst_window(opened)
    quiet = ac.quiet_window(opened, window) if window else None
    compared = (
        [ac.compare_windows(opened, baseline=quiet, incident=window)] if window and quiet else []
    )
    metric = rates[["bin_start"]].assign(
        log_failures=rates["failures"], metric_errors=rates["failures"] // 2
    )
    return {
        "plot_failure_rate": [rates, by_version, ac.failure_rate(opened, every=None, by="elb")],
        "plot_handshakes_over_time": [by_version],
        "plot_failure_rate_panels": [ac.failure_rate(opened, by=("elb", "ip_address"))],
        "plot_failure_heatmap": [ac.failure_rate(opened, every="15min", by="client_ip")],
        "plot_cipher_matrix": [
            ac.failure_rate(opened, every=None, by=("tls_protocol", "tls_cipher"))
        ],
        "plot_failure_reasons": [ac.failure_reasons(opened, every="5min"),
                                 ac.failure_reasons(opened)],
        "plot_outcome_totals": [ac.outcome_totals(opened)],
        "plot_change_points": [ac.change_points(opened)],
        "plot_compare_windows": compared,
        "plot_incident_and_usual": compared,
        "plot_failing_clients": [ac.failing_clients(opened)],
        "plot_failure_concentration": [ac.failure_concentration(opened)],
        "plot_recoveries": [ac.recoveries(opened)],
        "plot_client_histories": [ac.client_histories(opened)],
        "plot_stopped_working": [ac.stopped_working(opened, since=moment)],
        "plot_incidents": [ac.incidents(opened)],
        "plot_handshake_latency": [ac.handshake_latency(opened),
                                   ac.handshake_latency(opened, by="ip_address")],
        "plot_slow_handshakes": [ac.slow_handshakes(opened)],
        "plot_client_certificates": [ac.client_certificates(opened, as_of=moment)],
        "plot_policy_impact": [ac.policy_impact(opened, POLICY)],
        "plot_policy_clients": [ac.policy_clients(opened, POLICY)],
        "plot_policy_overview": [ac.policy_overview(opened)],
        "plot_key_exchange_share": [ac.key_exchange_share(opened, every="1h")],
        "plot_reconcile_metric": [
            metric.assign(difference=metric["log_failures"] - metric["metric_errors"])
        ],
        "plot_coverage": [ac.coverage(source)] if isinstance(source, str) else [],
    }  # fmt: skip


@pytest.mark.long
@pytest.mark.filterwarnings("ignore::albconn.AlbconnWarning")
@pytest.mark.parametrize("case", CASES)
def test_no_text_is_in_the_way(case: str, tmp_path: Path) -> None:
    found = tables(*case_of(case, tmp_path))
    assert set(found) == {name for name in charts.__all__ if name.startswith("plot_")}
    said = []
    for name, several in found.items():
        for table in several:
            for size in SIZES:
                ax = getattr(charts, name)(table, figsize=size)
                said += [f"{name} {size}: {one}" for one in in_the_way(ax.figure)]
                plt.close(ax.figure)
    assert said == []


@pytest.mark.long
@pytest.mark.filterwarnings("ignore::albconn.AlbconnWarning")
@pytest.mark.parametrize("case", CASES)
def test_no_text_is_in_the_way_on_the_page(case: str, tmp_path: Path) -> None:
    with ac.open_connections(case_of(case, tmp_path / "log").source) as opened:
        folder = Noting(tmp_path / "out")
        draw_all(ask(opened, Asked()), folder)
    said = []
    assert {chart.narrow for chart in folder.noted} == {"no", "too"}
    for chart in folder.noted:
        for size in (None, narrow_size(chart), *SIZES):
            ax: Any = plotted(chart, **({"figsize": size} if size else {}))
            said += [f"{chart.name} {size}: {one}" for one in in_the_way(ax.figure)]
            plt.close(ax.figure)
    assert said == []
