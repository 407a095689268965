"""Who breaks if the security policy is raised?

Only successful handshakes are evidence: they show a protocol and a cipher that the client has.
They do not show what else it has. So a cipher that the new policy lacks is a risk and no more,
unless the policy in force is known: a load balancer takes the cipher that *it* likes best, so a
client that ended up with a lesser one has none of the better ones.
"""

from __future__ import annotations

import pandas as pd

from albconn.analysis.counting.agents import AGENTS
from albconn.analysis.handshakes.asking import (
    clients_asking,
    count_agents_by_verdict,
    described,
    with_agents,
)
from albconn.analysis.handshakes.verdicts import (
    count_verdicts,
    gather_evidence,
    judge_all,
    read_in_force,
    worst_of,
)
from albconn.analysis.stats.intervals import rate_of
from albconn.analysis.tls.described import PoliciesJson, known_policies
from albconn.analysis.tls.policies import find_policy
from albconn.opened import Connections
from albconn.storage.places import StorageOptions


def policy_impact(
    connections: Connections,
    policy: str,
    *,
    from_policy: str | None = None,
    policies: PoliciesJson | None = None,
    requests: Connections | None = None,
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
    policies : dict, str or path, optional
        What ``aws elbv2 describe-ssl-policies`` printed: parsed, as text, or in a file. Its
        policies stand beside the shipped ones, and in place of those of the same name.
    requests : what ``open_requests`` takes, or returned, optional
        Access logs, or the dataset that holds both tables: users and crawlers are counted apart.
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
        policy's floor, and the client has no newer one: it was offered a newer one than it took.
        *at risk*: the cipher is not in the policy (or the protocol is newer than all of it);
        the client may support another. TLS 1.2 below a floor of TLS 1.3 is *at risk* too, until
        a TLS 1.3 handshake or ``from_policy`` shows that TLS 1.3 was on offer.

        Given ``from_policy``, a client that took a protocol or cipher although it prefers
        others has none of these, and where nothing of the policy is left the verdict is
        *breaks*. So verdicts get sharper, never weaker. A handshake that cannot happen under
        ``from_policy`` is judged as if it were not given.

        An address with several protocols or ciphers (a proxy, a household) counts as a client in
        each of its rows, so the shares of clients can add up to more than 1. ``attrs`` says how
        many addresses there are of each *worst* verdict: ``clients``, ``clients_breaking``,
        ``clients_at_risk``, ``clients_fitting``; and ``connections``, ``policy``, ``from_policy``.
        ``clients_never_succeeded`` are the addresses that only ever failed (scanners, or locked
        out already): they show nothing of what they speak and are in no row.

        Given ``requests``, the columns ``users`` and ``crawlers`` follow ``clients``: addresses
        with a request whose user agent is not a crawler's, and those with no other. The rest has
        no request with a user agent. ``attrs`` then has ``users_breaking``, ``crawlers_breaking``
        and so on, of each worst verdict.

    Raises
    ------
    TableError
        A policy is not known (close names are given), ``policies`` is not what AWS prints, or
        the source lacks columns.
    SourceError, DatasetError
        There is nothing at the path, or it cannot be read.

    References
    ----------
    AWS, "Security policies for your Application Load Balancer".
    """
    known = known_policies(policies)
    target, in_force = find_policy(policy, known=known), read_in_force(from_policy, known)
    evidence = gather_evidence(connections, storage_options)
    judged = judge_all(evidence, target, in_force, known.values())
    keys = ["tls_protocol", "tls_cipher", "verdict"]
    counts = {"connections": ("connections", "sum"), "clients": ("client_ip", "size")}
    worst, agents = worst_of(judged), {}
    if requests is not None:
        asking = clients_asking(requests, storage_options)
        judged = with_agents(judged, asking, "agent")
        judged = judged.assign(**{f"is_{a}": judged["agent"] == a for a in AGENTS})
        counts |= {f"{agent}s": (f"is_{agent}", "sum") for agent in AGENTS}
        agents = count_agents_by_verdict(worst, asking)
    rows = judged.groupby(keys, observed=True, dropna=False, as_index=False).agg(**counts)
    rows["share_of_connections"] = rows["connections"] / max(rows["connections"].sum(), 1)
    rows["share_of_clients"] = rows["clients"] / max(len(worst), 1)
    rows = rows.sort_values(
        ["verdict", "connections", "tls_protocol", "tls_cipher"],
        ascending=[True, False, True, True],
    ).reset_index(drop=True)
    rows.attrs.update(
        policy=policy, from_policy=from_policy, connections=int(rows["connections"].sum()),
        clients=len(worst), **count_verdicts(worst), **agents,
        clients_never_succeeded=evidence.never_succeeded,
    )  # fmt: skip
    return rows


def policy_clients(
    connections: Connections,
    policy: str,
    *,
    from_policy: str | None = None,
    policies: PoliciesJson | None = None,
    requests: Connections | None = None,
    storage_options: StorageOptions = None,
) -> pd.DataFrame:
    """Return each client's worst verdict under a security policy.

    Parameters
    ----------
    connections : what ``open_connections`` takes, or returned
        Log files, a converted dataset, a DataFrame or Arrow data.
    policy, from_policy, policies, requests
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

        Given ``requests``, there follow ``agent`` (category: user or crawler, by its user
        agents), ``requests`` (int64, how many it made) and ``user_agent`` (category, that of most
        of them). ``attrs`` holds ``policy``, ``from_policy`` and ``clients_never_succeeded``:
        addresses that only ever failed, and are not judged.

    Raises
    ------
    TableError
        A policy is not known (close names are given), ``policies`` is not what AWS prints, or
        the source lacks columns.
    SourceError, DatasetError
        There is nothing at the path, or it cannot be read.
    """
    known = known_policies(policies)
    target, in_force = find_policy(policy, known=known), read_in_force(from_policy, known)
    evidence = gather_evidence(connections, storage_options)
    judged = judge_all(evidence, target, in_force, known.values())
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
    rows = rows.sort_values(
        ["verdict", "affected", "client_ip"], ascending=[True, False, True]
    ).reset_index(drop=True)
    if requests is not None:
        rows = described(rows, clients_asking(requests, storage_options))
    rows.attrs.update(
        policy=policy, from_policy=from_policy, clients_never_succeeded=evidence.never_succeeded
    )
    return rows
