"""Evidence about handshakes: certificates, versions and ciphers, policies, groups, latency."""

from __future__ import annotations

import pandas as pd

from albconn import analysis
from albconn.analysis.outages.kinds import SLOW
from albconn.report import tables
from albconn.report.drawing import Chart
from albconn.report.folder import Folder
from albconn.report.incidents import span
from albconn.report.page import Section
from albconn.report.question import Question
from albconn.words import counted, instant, number, percent, zone_name

# Asked when no policy is: today's recommended one, and TLS 1.3 alone.
USUAL_POLICIES = ("ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-TLS13-1-3-2021-06")

_EVIDENCE = (
    "Only successful handshakes are evidence. Breaks: the client chose a version or cipher that "
    "the policy lacks, although all that the policy has was on offer. At risk: the policy lacks "
    "its choice, but the client may support something else that the policy has."
)


def certificates(question: Question, folder: Folder) -> Section | None:
    """Show the client certificates: which fail, which expire next."""
    as_of = question.totals["last_timestamp"].to_pydatetime()
    found = analysis.client_certificates(question.connections, as_of=as_of)
    if found.empty:
        return None
    soon = found[(found["days_left"] >= 0) & (found["days_left"] < 30)]
    late = found["accepted_after_expiry"].sum()
    last = question.local(as_of)
    text = (
        f"{number(len(found))} client certificates were presented. As of the last connection "
        f"({instant(last)} {zone_name(last)}), {number((found['days_left'] < 0).sum())} had ended "
        f"and {number(len(soon))} end within 30 days. "
        f"{number(late)} connections succeeded with a certificate that had already ended."
    )
    return Section(
        "certificates",
        "Which certificates?",
        [text],
        figures=[folder.draw(Chart("client_certificates", "plot_client_certificates", found))],
        tables=[
            tables.save_and_print(
                folder, found, "client_certificates", "Ending first", tables.CERTIFICATES
            )
        ],
    )


def protocols(question: Question, folder: Folder) -> Section:
    """Show what clients speak, over time and with its failures, and unmapped failures apart."""
    rates = analysis.failure_rate(question.alike, every=question.every_split, by="tls_protocol")
    matrix = analysis.failure_rate(question.alike, every=None, by=("tls_protocol", "tls_cipher"))
    over_time = Chart(
        "handshakes_by_tls_protocol", "plot_handshakes_over_time", rates, question.over_time(),
        question.whole,
    )  # fmt: skip
    table = tables.save_and_print(
        folder, matrix, "protocols_and_ciphers", "TLS versions and ciphers", tables.HANDSHAKES
    )
    figures = [
        folder.draw(over_time), folder.draw(Chart("cipher_matrix", "plot_cipher_matrix", matrix)),
    ]  # fmt: skip
    return Section("protocols", "Which TLS versions and ciphers?", figures=figures, tables=[table])


def policies(question: Question, folder: Folder) -> Section | None:
    """Say who breaks if the security policy is raised; of all policies by one look at the log."""
    asked = question.asked
    known = {"from_policy": asked.from_policy, "policies": asked.policies}
    overview = analysis.policy_overview(question.connections, **known)
    if not _handshakes(overview).any():
        return None
    ranked = overview.sort_values(
        ["share_of_connections_fitting", "policy"], ascending=[True, True], kind="stable"
    )
    if asked.policy:
        impact = analysis.policy_impact(question.connections, asked.policy, **known)
        chart = Chart(f"policy_impact_{asked.policy.lower()}", "plot_policy_impact", impact)
    else:
        shown = ranked.head(tables.ROWS_SHOWN)
        chart = Chart("policy_overview", "plot_policy_overview", shown)
    wanted = (asked.policy,) if asked.policy else USUAL_POLICIES
    paragraphs = [_EVIDENCE, *(_verdict(policy, overview) for policy in wanted)]
    table = tables.save_and_print(
        folder, ranked, "policy_overview", "All policies, fewest handshakes fitting first",
        tables.POLICIES,
    )  # fmt: skip
    return Section(
        "policies",
        "Who breaks if the policy is raised?",
        [*paragraphs, _not_judged(overview.attrs["clients_never_succeeded"])],
        figures=[folder.draw(chart)],
        tables=[table],
    )


def key_exchange(question: Question, folder: Folder) -> Section | None:
    """Show how much of the traffic is post-quantum."""
    shares = analysis.key_exchange_share(question.alike, every=question.every_split)
    if shares.empty:
        return None
    whole = analysis.key_exchange_share(question.alike, every="1D")
    counted = whole.groupby("post_quantum")["connections"].sum()
    pq, known = int(counted.get(True, 0)), int(counted.sum())
    text = (
        f"{percent(pq / known)} of {number(known)} successful handshakes with a known group used "
        "a post-quantum one."
    )
    chart = Chart(
        "key_exchange_share", "plot_key_exchange_share", shares, question.over_time(),
        question.whole,
    )  # fmt: skip
    return Section(
        "key-exchange",
        "Post-quantum?",
        [text],
        figures=[folder.draw(chart)],
        tables=[
            tables.save_and_print(
                folder, whole, "key_exchange_share", "Groups by day", tables.GROUPS
            )
        ],
    )


def latency(question: Question, folder: Folder) -> Section | None:
    """Show handshake latency: slow rather than failing?"""
    percentiles = analysis.handshake_latency(question.connections, every=question.every_split)
    if percentiles.empty:
        return None
    slow = next((row for row in question.found if row.kind == SLOW), None)
    found = "No time range stands out." if slow is None else f"{span(slow)} it was unusual."
    by_node = analysis.handshake_latency(
        question.connections, every=None, by=("ip_address", "tls_protocol")
    )
    chart = Chart(
        "handshake_latency", "plot_handshake_latency", percentiles, question.over_time(),
        question.whole,
    )  # fmt: skip
    return Section(
        "latency",
        "Slow rather than failing?",
        [f"Successful handshakes only: a failed one has no latency in the log. {found}"],
        figures=[folder.draw(chart)],
        tables=[
            tables.save_and_print(
                folder,
                by_node,
                "latency_by_node",
                "By node and TLS version [s]",
                tables.LATENCY,
            )
        ],
    )


def _not_judged(never_succeeded: int) -> str:
    return (
        f"{counted(never_succeeded, 'address', 'addresses')} only ever failed (scanners, or locked "
        "out already) and so have no verdict."
    )


def _handshakes(overview: pd.DataFrame) -> pd.Series:
    """Return of how many handshakes each policy's verdicts are."""
    kinds = ("breaking", "at_risk", "fitting")
    return overview[[f"connections_{kind}" for kind in kinds]].sum(axis=1)


def _verdict(policy: str, overview: pd.DataFrame) -> str:
    row = overview[overview["policy"].astype("str") == policy]
    total = int(_handshakes(row).iloc[0])
    breaking, risky = (int(row[f"connections_{kind}"].iloc[0]) for kind in ("breaking", "at_risk"))
    return (
        f"{policy}: of {number(total)} successful handshakes {percent(breaking / total)} would "
        f"break and {percent(risky / total)} are at risk."
    )
