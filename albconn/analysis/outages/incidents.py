"""All incidents that a log holds, the strongest first, each with its cause and its kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import pandas as pd

from albconn.analysis.counting.counts import Counting, open_counting
from albconn.analysis.counting.stretch import keep_stretch
from albconn.analysis.outages import causes, manners
from albconn.analysis.outages.alone import alone_rows, scanner_rows
from albconn.analysis.outages.answer import (
    answer_of,
    lend,
    notes_of,
    once_each,
    overlap,
    plain,
    slow_row,
)
from albconn.analysis.outages.causes import Cause
from albconn.analysis.outages.events import NEEDED, OPTIONAL, make_sources, span_of
from albconn.analysis.outages.findings import again, search, taken_by
from albconn.analysis.outages.rows import row_of
from albconn.analysis.outages.search import window_of
from albconn.analysis.outages.slow import LATENCY, find_slow
from albconn.analysis.outages.strata import WIDTH, Series
from albconn.opened import Connections
from albconn.storage.places import StorageOptions

Looked = TypeVar("Looked")


def incidents(connections: Connections, *, storage_options: StorageOptions = None) -> pd.DataFrame:
    """Return every incident that a log holds, the strongest first, each with its cause.

    Clients are counted, and each is its own control: one that got through before and fails now
    is evidence, one that never gets through is background. Each load balancer, listener, node,
    failure reason and network is searched by itself, in bins of five minutes.

    Parameters
    ----------
    connections : what ``open_connections`` takes, or returned
        Log files, a converted dataset, a DataFrame or Arrow data. It needs ``timestamp``,
        ``outcome`` and ``failure_reason``. Pseudonymised and truncated addresses will do (of the
        latter a client is a network); without ``client_ip`` each failure counts by itself. What
        a cause can be of is what the source has of the other columns.
    storage_options : dict, optional
        Passed to the store (s3fs), where ``connections`` is a path.

    Returns
    -------
    DataFrame, shape (incidents, columns)
        Empty where nothing stands out. Windows that overlap are of different clients.

        ===========================  ==================  ========================================
        column                       type                meaning
        ===========================  ==================  ========================================
        start, end                   datetime64[us,UTC]  ends of bins, half-open
        going_on                     bool                still so when the log ends
        kind                         str                 ``policy raised``, ``one node``,
                                                         ``slow handshakes``, … (``kinds.Kind``)
        cause                        str                 in words; empty: all alike
        dimension, value             str                 the same, as in ``compare_windows``
        elb, network, reason         str                 that nearly all its failures share
        clients                      int64               addresses that failed; of a policy, those
                                                         that had last spoken what has vanished
        failures, connections        int64               of the cause, in the window
        failure_rate                 float64 [1]         failures / connections
        usual                        float64 [1]         the same outside of all incidents; NaN
                                                         where the cause had no connections
        place_failures,              int64               of the load balancer, listener or node
        place_connections                                that it was at, whatever the cause
        place_usual                  float64 [1]         their rate outside of all incidents
        share_of_excess              float64 [1]         of the window's failures beyond the usual
        spoken                       str                 what the clients last got through with
        vanished                     str                 what nobody gets through with any more
        change                       str                 of the policy, that is consistent with it
        policy_before, policy_after  str                 likewise
        subjects                     int64               client certificates of its failures
        subject, organization        str                 that nearly all of these share
        not_after                    datetime64[us,UTC]  end of these certificates, if one moment
        log_p                        float64             ln of the bound on its chance
        ===========================  ==================  ========================================

        Of slow handshakes ``connections`` are the successful ones, ``failure_rate`` and
        ``usual`` the shares that were slow, ``failures`` 0. What does not apply is missing.

        ``attrs`` holds what was looked at: ``start``, ``end`` (ISO 8601), ``connections``,
        ``failures``, ``clients``, ``failures_without_client`` (lines without an address), and
        ``background``, what is in no incident as it never gets through: ``clients``,
        ``failures``, and the ``source`` (address or network) with most, ``source_failures``;
        and ``over_time`` for the chart: lists ``bin_start``, ``clients`` (different ones that
        failed, without the background), ``background_failures``, and the width ``every``.
        ``last_spoken`` has a list for each incident: of a policy's ``clients`` how many had last
        spoken which ``last_tls_protocol`` and ``last_tls_cipher``, and their ``failures``. At
        most ten years are looked at, those with most connections: ``connections_outside`` is how
        many lie outside of them.

    Raises
    ------
    TableError
        The source lacks columns (all are named), or holds times without a zone.
    SourceError, DatasetError
        There is nothing at the path, or it cannot be read.

    Examples
    --------
    >>> minutes = pd.date_range("2026-09-23T10:00Z", periods=120, freq="min")
    >>> log = pd.DataFrame({"timestamp": minutes.repeat(4), "outcome": "success"})
    >>> log["client_ip"] = [f"203.0.113.{n % 40}" for n in range(480)]
    >>> struck = log["timestamp"].between("2026-09-23T11:00Z", "2026-09-23T11:19Z")
    >>> log.loc[struck, "outcome"] = "failed"
    >>> log["failure_reason"] = log["outcome"].map({"failed": "ClientCertCrlHit"})
    >>> incidents(log)[["kind", "clients", "failures", "usual"]]
                              kind  clients  failures  usual
    0  client certificates revoked       40        80    0.0
    """
    return incidents_and(lambda _: None, connections, storage_options=storage_options)[0]


def incidents_and(
    look: Callable[[Counting], Looked],
    connections: Connections,
    *,
    storage_options: StorageOptions = None,
) -> tuple[pd.DataFrame, Looked]:
    """Return the incidents, and what is seen when all sources are made, before the search.

    Whoever asks for more than incidents need not make the sources (``events``) once more.
    """
    told = (*manners.SPOKEN, LATENCY, "cert_not_after")
    with open_counting(
        connections, columns=NEEDED, optional=(*OPTIONAL, *told), storage_options=storage_options
    ) as counting:
        lend(counting, told)
        stretch = keep_stretch(counting)
        make_sources(counting, WIDTH)
        seen, notes = look(counting), notes_of(counting)
        rows, aside = _found(counting)
    answer = answer_of(rows)
    answer.attrs.update(notes)
    answer.attrs["last_spoken"] = [row.get("last_spoken", []) for row in rows]
    answer.attrs["no_outage"] = plain(answer_of(aside))
    answer.attrs["connections_outside"] = stretch.outside if stretch else 0
    return answer, seen


def _found(counting: Counting) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return incidents, and what is none but loud, as rows of the answer."""
    span = span_of(counting)
    if span is None:
        return [], []
    series = Series(counting, *span, WIDTH)
    everything = window_of(series, 0, series.bins)
    slow = [slow_row(each, everything) for each in find_slow(counting, series)]
    findings = search(counting, series, everything)
    rows: list[dict[str, Any]] = []
    for place, finding in enumerate(findings):
        told, baseline = again(counting, series, everything, findings, place)
        struck = taken_by(findings[:place])
        for cause in told:
            row = row_of(counting, finding.claim, cause, baseline, finding.window)
            if _is_news(counting, cause, row, rows, struck):
                rows.append(row | {"going_on": finding.window[1] >= everything[1]})
    alone = alone_rows(counting, everything, taken_by(findings))
    return [*once_each(rows), *slow], [*alone, *scanner_rows(counting, everything)]


def _is_news(
    counting: Counting,
    cause: Cause,
    row: dict[str, Any],
    told: Sequence[dict[str, Any]],
    struck: Sequence[str],
) -> bool:
    """Say whether a cause struck others than those before it: who failed tries again elsewhere."""
    at_once = any(row["reason"] == other["reason"] and overlap(row, other) for other in told)
    window = (row["start"], row["end"])
    return not at_once or causes.strikes_others(counting, cause.named, window, struck)
