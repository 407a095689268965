"""Who breaks if the security policy is raised?

Only successful handshakes are evidence: they show a protocol and a cipher that the client has.
They do not show what else it has. So a cipher that the new policy lacks is a risk and no more,
unless the policy in force is known: a load balancer takes the cipher that *it* likes best, so a
client that ended up with a lesser one has none of the better ones.
"""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd
import pyarrow as pa

from albconn.analysis.counting.counts import open_counting
from albconn.analysis.stats.intervals import rate_of
from albconn.analysis.tls.policies import (
    VERDICTS,
    Policy,
    Verdict,
    find_policy,
    judge,
    key_types,
    policies,
)
from albconn.arrow import to_frame
from albconn.opened import Connections
from albconn.schema.kind import CATEGORY, INSTANT
from albconn.storage.places import StorageOptions

_VERDICT = pd.CategoricalDtype(list(VERDICTS), ordered=True)


class _Evidence(NamedTuple):
    """Successes by client and by what was negotiated; and the certificate key types seen."""

    counts: pd.DataFrame
    served: set[str]


def policy_impact(
    connections: Connections,
    policy: str,
    *,
    from_policy: str | None = None,
    storage_options: StorageOptions = None,
) -> pd.DataFrame:
    """Return which negotiated protocols and ciphers a security policy would still take.

    Parameters
    ----------
    connections : what ``open_connections`` takes, or returned
        Log files, a converted dataset, a DataFrame or Arrow data.
    policy : str
        The policy to be, such as ``ELBSecurityPolicy-TLS13-1-2-Res-2021-06``.
    from_policy : str, optional
        The policy in force while the connections were made.
    storage_options : dict, optional
        Passed to the store (s3fs), where ``connections`` is a path.

    Returns
    -------
    DataFrame, shape (protocols × ciphers seen, columns)
        The worst verdict first, then most connections.

        ====================  ============  =====================================================
        column                type          meaning
        ====================  ============  =====================================================
        tls_protocol          category      as negotiated
        tls_cipher            category      as negotiated
        verdict               category      breaks, at risk or fits
        connections           int64         successful handshakes
        clients               int64         different addresses with such a handshake
        share_of_connections  float64 [1]   of all successful handshakes
        share_of_clients      float64 [1]   of all addresses with a successful handshake
        ====================  ============  =====================================================

        *fits*: protocol and cipher are in the policy. *breaks*: the protocol is below the
        policy's floor. *at risk*: the cipher is not in the policy (or the protocol is newer than
        all of it); the client may support another. Given ``from_policy``, ciphers that it
        prefers to the negotiated one, for the same type of certificate key, are ruled out, and
        where no cipher of the policy is left the verdict is *breaks*; a newer protocol that
        ``from_policy`` did not offer cannot be ruled out, and the verdict is *at risk*.

        An address with several protocols or ciphers (a proxy, a household) counts as a client in
        each of its rows, so the shares of clients can add up to more than 1. ``attrs`` says how
        many addresses there are of each *worst* verdict: ``clients``, ``clients_breaking``,
        ``clients_at_risk``, ``clients_fitting``; and ``connections``, ``policy``, ``from_policy``.

    Raises
    ------
    TableError
        A policy is not known (close names are given), or the source lacks columns.
    SourceError, DatasetError
        There is nothing at the path, or it cannot be read.

    References
    ----------
    AWS, "Security policies for your Application Load Balancer".
    """
    target, in_force = find_policy(policy), _in_force(from_policy)
    evidence = _evidence(connections, storage_options)
    judged = _judged(evidence, target, in_force)
    keys = ["tls_protocol", "tls_cipher", "verdict"]
    rows = judged.groupby(keys, observed=True, dropna=False, as_index=False).agg(
        connections=("connections", "sum"), clients=("client_ip", "size")
    )
    worst = _worst(judged)
    rows["share_of_connections"] = rows["connections"] / max(rows["connections"].sum(), 1)
    rows["share_of_clients"] = rows["clients"] / max(len(worst), 1)
    rows = rows.sort_values(
        ["verdict", "connections", "tls_protocol", "tls_cipher"],
        ascending=[True, False, True, True],
    ).reset_index(drop=True)
    rows.attrs.update(
        policy=policy, from_policy=from_policy, connections=int(rows["connections"].sum()),
        clients=len(worst), **_by_verdict(worst),
    )  # fmt: skip
    return rows


def policy_clients(
    connections: Connections,
    policy: str,
    *,
    from_policy: str | None = None,
    storage_options: StorageOptions = None,
) -> pd.DataFrame:
    """Return each client's worst verdict under a security policy.

    Parameters
    ----------
    connections : what ``open_connections`` takes, or returned
        Log files, a converted dataset, a DataFrame or Arrow data.
    policy, from_policy : str
        As for ``policy_impact``.
    storage_options : dict, optional
        Passed to the store (s3fs), where ``connections`` is a path.

    Returns
    -------
    DataFrame, shape (clients with a successful handshake, columns)
        The worst verdict first, then most connections of that verdict.

        ==================  ==================  =================================================
        column              type                meaning
        ==================  ==================  =================================================
        client_ip           category            the address
        verdict             category            its worst: breaks, at risk or fits
        connections         int64               its successful handshakes
        affected            int64               of them, those with that verdict
        share_affected      float64 [1]         affected / connections
        tls_protocol        category            of the most frequent of those handshakes
        tls_cipher          category            of the same
        last_seen           datetime64[us,UTC]  last handshake with that verdict
        ==================  ==================  =================================================

    Raises
    ------
    TableError
        A policy is not known (close names are given), or the source lacks columns.
    SourceError, DatasetError
        There is nothing at the path, or it cannot be read.
    """
    target, in_force = find_policy(policy), _in_force(from_policy)
    judged = _judged(_evidence(connections, storage_options), target, in_force)
    clients = judged["client_ip"]
    total = judged.groupby(clients, observed=True, dropna=False)["connections"].transform("sum")
    worst = judged.groupby(clients, observed=True, dropna=False)["rank"].transform("min")
    judged = judged.assign(total=total)[judged["rank"] == worst]
    judged = judged.sort_values("connections", ascending=False, kind="stable")
    rows = judged.groupby("client_ip", observed=True, dropna=False, as_index=False).agg(
        verdict=("verdict", "first"), connections=("total", "first"),
        affected=("connections", "sum"), tls_protocol=("tls_protocol", "first"),
        tls_cipher=("tls_cipher", "first"), last_seen=("last_seen", "max"),
    )  # fmt: skip
    rows.insert(4, "share_affected", rate_of(rows["affected"], rows["connections"]))
    return rows.sort_values(
        ["verdict", "affected", "client_ip"], ascending=[True, False, True]
    ).reset_index(drop=True)


def policy_overview(
    connections: Connections,
    *,
    from_policy: str | None = None,
    storage_options: StorageOptions = None,
) -> pd.DataFrame:
    """Return what every security policy would do to the clients, side by side.

    Parameters
    ----------
    connections : what ``open_connections`` takes, or returned
        Log files, a converted dataset, a DataFrame or Arrow data.
    from_policy : str, optional
        The policy in force while the connections were made.
    storage_options : dict, optional
        Passed to the store (s3fs), where ``connections`` is a path.

    Returns
    -------
    DataFrame, shape (45 policies, columns)
        The policies that keep most clients first. A client counts by its worst verdict.

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
        The policy is not known (close names are given), or the source lacks columns.
    SourceError, DatasetError
        There is nothing at the path, or it cannot be read.
    """
    in_force = _in_force(from_policy)
    evidence = _evidence(connections, storage_options)
    rows = [
        _overview_row(evidence, policy, in_force)
        for policy in policies().values()
        if policy.is_of_alb
    ]
    return (
        pd.DataFrame(rows)
        .sort_values(
            ["clients_breaking", "clients_at_risk", "policy"], ascending=True, kind="stable"
        )
        .reset_index(drop=True)
    )


def _in_force(from_policy: str | None) -> Policy | None:
    return None if from_policy is None else find_policy(from_policy, "from_policy")


def _evidence(connections: Connections, storage_options: StorageOptions) -> _Evidence:
    columns = ("timestamp", "client_ip", "outcome", "tls_protocol", "tls_cipher")
    with open_counting(connections, columns=columns, storage_options=storage_options) as counting:
        counted = counting.table(
            "SELECT client_ip, tls_protocol, tls_cipher, count(*) AS connections, "
            "max(timestamp) AS last_seen FROM connections WHERE outcome = 'success' "
            "GROUP BY ALL ORDER BY ALL"
        )
    counts = _sorted_categories(to_frame(
        counted.cast(
            pa.schema(
                [("client_ip", CATEGORY), ("tls_protocol", CATEGORY), ("tls_cipher", CATEGORY),
                 ("connections", pa.int64()), ("last_seen", INSTANT)]
            )
        )
    ))  # fmt: skip
    return _Evidence(counts, key_types(counted["tls_cipher"].unique().to_pylist()))


def _sorted_categories(counts: pd.DataFrame) -> pd.DataFrame:
    """Return counts whose categories are in the order of their text, so that rows sort by it."""
    texts = {
        name: counts[name].cat.set_categories(counts[name].cat.categories.sort_values())
        for name in ("client_ip", "tls_protocol", "tls_cipher")
    }
    return counts.assign(**texts)


def _judged(evidence: _Evidence, policy: Policy, in_force: Policy | None) -> pd.DataFrame:
    """Return the evidence with ``verdict``, and ``rank``: 0 is the worst."""
    counts = evidence.counts
    seen = counts[["tls_protocol", "tls_cipher"]].drop_duplicates()
    verdicts: list[Verdict] = [
        judge(_text(protocol), _text(cipher), policy, in_force, evidence.served)
        for protocol, cipher in seen.itertuples(index=False)
    ]
    seen = seen.assign(verdict=pd.Categorical(verdicts, dtype=_VERDICT))
    judged = counts.merge(seen, how="left", on=["tls_protocol", "tls_cipher"])
    return judged.assign(rank=judged["verdict"].cat.codes)


def _worst(judged: pd.DataFrame) -> pd.Series:
    """Return the rank of each client's worst verdict."""
    return judged.groupby("client_ip", observed=True, dropna=False)["rank"].min()


def _by_verdict(worst: pd.Series) -> dict[str, int]:
    names = ("clients_breaking", "clients_at_risk", "clients_fitting")
    return {name: int((worst == rank).sum()) for rank, name in enumerate(names)}


def _overview_row(
    evidence: _Evidence, policy: Policy, in_force: Policy | None
) -> dict[str, object]:
    judged = _judged(evidence, policy, in_force)
    by_rank = judged.groupby("rank")["connections"].sum()
    handshakes = [int(by_rank.get(rank, 0)) for rank in range(len(VERDICTS))]
    clients = _by_verdict(_worst(judged))
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


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
