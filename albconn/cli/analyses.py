"""Each analysis has a command, and each such command an analysis: one list says which.

A command takes its function's parameters by the same names, with the same defaults. What cannot
be typed is left out: the executor; the options of the store are ``--profile`` and
``--endpoint-url``.
"""

from __future__ import annotations

from collections.abc import Callable

import typer

from albconn.cli.completeness import coverage, reconcile
from albconn.cli.handshakes import (
    certificates,
    key_exchange,
    latency,
    policies,
    policy_clients,
    policy_impact,
    slow,
)
from albconn.cli.histories import histories, stopped_working
from albconn.cli.incidents import incidents
from albconn.cli.rates import clients, concentration, rates, reasons, recoveries, totals
from albconn.cli.requests import agreement, exceptions, felt, requests
from albconn.cli.windows import changes, compare, windows

COMMANDS: dict[str, Callable[..., None]] = {
    "failure_rate": rates,
    "failure_reasons": reasons,
    "outcome_totals": totals,
    "change_points": changes,
    "worst_window": windows,
    "quiet_window": windows,
    "slow_window": windows,
    "compare_windows": compare,
    "failing_clients": clients,
    "failure_concentration": concentration,
    "recoveries": recoveries,
    "client_histories": histories,
    "stopped_working": stopped_working,
    "incidents": incidents,
    "handshake_latency": latency,
    "slow_handshakes": slow,
    "client_certificates": certificates,
    "policy_impact": policy_impact,
    "policy_clients": policy_clients,
    "policy_overview": policies,
    "key_exchange_share": key_exchange,
    "requests_per_connection": requests,
    "felt_failures": felt,
    "policy_exceptions": exceptions,
    "handshake_agreement": agreement,
    "coverage": coverage,
    "reconcile_metric": reconcile,
}
EXAMPLES: dict[Callable[..., None], str] = {
    rates: "out/ --by tls_protocol --every 5min --format csv",
    reasons: "out/ --every 1h --by elb",
    totals: "out/ --start 2026-09-23T10:00Z",
    changes: "out/ --every 5min",
    windows: "out/ --format json",
    compare: "out/ --incident 2026-09-23T10:00Z/2026-09-23T10:40Z",
    clients: "out/ --top 10 --ipv4-prefix 24",
    concentration: "out/ --ipv4-prefix 24 --ipv6-prefix 64",
    recoveries: "out/ --start 2026-09-23T10:00Z",
    histories: "out/ --by client_network --since 2026-09-23",
    stopped_working: "out/ --since 2026-09-23T10:00Z --format csv",
    incidents: "out/ --start 2026-09-23 --format json",
    latency: "out/ --every 1h --by ip_address",
    slow: "out/ --every 1h --slower-than 0.5",
    certificates: "out/ --as-of 2026-09-24",
    policy_impact: "out/ ELBSecurityPolicy-TLS13-1-3-2021-06",
    policy_clients: "out/ ELBSecurityPolicy-TLS13-1-3-2021-06 --format csv",
    policies: "out/",
    key_exchange: "out/ --every 1D",
    requests: "out/ --requests out/ --by tls_protocol",
    felt: "out/ --requests out/ --within 1h",
    exceptions: "out/ ELBSecurityPolicy-TLS13-1-3-2021-06 --requests out/ --by request_host",
    agreement: "out/ --requests out/",
    coverage: "s3://bucket/prefix --start 2026-09-23 --format csv",
    reconcile: "out/ metric.json",
}


def name_of(command: Callable[..., None]) -> str:
    """Return the word that a command is typed as."""
    return command.__name__.replace("_", "-")


def register(app: typer.Typer) -> None:
    """Add the commands of the analyses to the command line."""
    for command in dict.fromkeys(COMMANDS.values()):
        name = name_of(command)
        app.command(name, epilog=f"Example: albconn {name} {EXAMPLES[command]}")(command)
