"""Every security policy side by side: what each would do to the clients."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from albconn.analysis.handshakes.verdicts import (
    Evidence,
    Pair,
    alike,
    count_verdicts,
    gather_evidence,
    judge_pairs,
    pairs_of,
    read_in_force,
)
from albconn.analysis.stats.intervals import rate_of
from albconn.analysis.tls.described import PoliciesJson, known_policies
from albconn.analysis.tls.judging import VERDICTS
from albconn.analysis.tls.policies import Policy
from albconn.opened import Connections
from albconn.storage.places import StorageOptions


def policy_overview(
    connections: Connections,
    *,
    from_policy: str | None = None,
    policies: PoliciesJson | None = None,
    storage_options: StorageOptions = None,
) -> pd.DataFrame:
    """Return what every security policy would do to the clients, side by side.

    Parameters
    ----------
    connections : what ``open_connections`` takes, or returned
        Log files, a converted dataset, a DataFrame or Arrow data.
    from_policy : str, optional
        The policy in force while the connections were made.
    policies : dict, str or path, optional
        What ``aws elbv2 describe-ssl-policies`` printed: parsed, as text, or in a file. Its
        policies stand beside the shipped ones, and in place of those of the same name.
    storage_options : dict, optional
        Passed to the store (s3fs), where ``connections`` is a path.

    Returns
    -------
    DataFrame, shape (45 policies and those of ``policies``, columns)
        The policies that keep most clients first. A client counts by its worst verdict.
        ``attrs`` holds ``from_policy`` and ``clients_never_succeeded``: addresses that only ever
        failed, and are not judged.

        =============================================  ============  ============================
        column                                         type          meaning
        =============================================  ============  ============================
        policy                                         str           its name
        lowest_protocol                                str           its floor
        ciphers                                        int64         how many it offers
        forward_secrecy_only, post_quantum, fips       bool          what it promises
        connections_breaking, _at_risk, _fitting       int64         handshakes by verdict
        clients_breaking, clients_at_risk, _fitting    int64         clients by worst verdict
        share_of_connections_fitting                   float64 [1]   of all handshakes
        share_of_clients_fitting                       float64 [1]   of all clients
        =============================================  ============  ============================

    Raises
    ------
    TableError
        The policy is not known (close names are given), ``policies`` is not what AWS prints, or
        the source lacks columns.
    SourceError, DatasetError
        There is nothing at the path, or it cannot be read.
    """
    known = known_policies(policies)
    in_force = read_in_force(from_policy, known)
    evidence = alike(gather_evidence(connections, storage_options), known.values())
    told = _numbered(evidence)
    asked = [policy for policy in known.values() if policy.is_of_alb]
    judged = judge_pairs(evidence, told.pairs, asked, in_force, known.values())
    rows = [_overview_row(told, policy, ranks) for policy, ranks in zip(asked, judged, strict=True)]
    overview = (
        pd.DataFrame(rows)
        .sort_values(
            ["clients_breaking", "clients_at_risk", "policy"], ascending=True, kind="stable"
        )
        .reset_index(drop=True)
    )
    overview.attrs.update(from_policy=from_policy, clients_never_succeeded=evidence.never_succeeded)
    return overview


class _Numbered(NamedTuple):
    """The evidence by client: which pair of protocol and cipher a row is of, and how often."""

    pairs: list[Pair]
    pair: NDArray[np.intp]
    connections: NDArray[np.int64]
    starts: NDArray[np.intp]  # of each client's rows


def _numbered(evidence: Evidence) -> _Numbered:
    counts = evidence.counts.sort_values("client_ip", kind="stable", ignore_index=True)
    pairs, pair = pairs_of(counts)
    starts = np.flatnonzero(~counts["client_ip"].duplicated().to_numpy())
    return _Numbered(pairs, pair, counts["connections"].to_numpy(np.int64), starts)


def _overview_row(told: _Numbered, policy: Policy, ranks: NDArray[np.int8]) -> dict[str, object]:
    """Return the row of a policy, whose verdicts on the pairs are ``ranks``."""
    of_row = ranks[told.pair]
    worst = np.minimum.reduceat(of_row, told.starts) if len(of_row) else of_row
    handshakes = np.bincount(of_row, told.connections, len(VERDICTS)).astype(int).tolist()
    clients = count_verdicts(worst)
    return {
        "policy": policy.name,
        "lowest_protocol": policy.protocols[-1],
        "ciphers": len(policy.ciphers),
        "forward_secrecy_only": policy.forward_secrecy_only,
        "post_quantum": policy.post_quantum,
        "fips": policy.fips,
        "connections_breaking": handshakes[0],
        "connections_at_risk": handshakes[1],
        "connections_fitting": handshakes[2],
        **clients,
        "share_of_connections_fitting": float(rate_of(handshakes[2], sum(handshakes))),
        "share_of_clients_fitting": float(
            rate_of(clients["clients_fitting"], sum(clients.values()))
        ),
    }
