"""What a raised security policy would cut off: the hosts and paths that its clients ask for.

A verdict is of a client's handshake (``handshakes.verdicts``); what it is used for is in the access
log. A host that only crawlers reach with an old protocol needs no exception; one that a fleet of
devices posts to does.
"""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from albconn.analysis.counting.agents import CRAWLER, USER, agents_query
from albconn.analysis.counting.source import quoted
from albconn.analysis.counting.splits import By, Split, make_split, split_frame
from albconn.analysis.handshakes.verdicts import gather_evidence, judge_all, read_in_force
from albconn.analysis.joined.both import TRACE, open_both
from albconn.analysis.tls.described import PoliciesJson, known_policies
from albconn.analysis.tls.policies import find_policy
from albconn.errors import TableError, shown
from albconn.opened import Connections
from albconn.schema.requests import REQUESTS
from albconn.storage.places import StorageOptions

_ANSWER = (
    "requests", "requests_breaking", "requests_at_risk", "clients", "clients_breaking",
    "users_breaking", "crawlers_breaking",
)  # fmt: skip


def policy_exceptions(
    connections: Connections,
    requests: Connections,
    policy: str,
    *,
    by: By | None = None,
    from_policy: str | None = None,
    policies: PoliciesJson | None = None,
    storage_options: StorageOptions = None,
) -> pd.DataFrame:
    """Return what is asked for by clients that a security policy would no longer take.

    Parameters
    ----------
    connections, requests, storage_options
        As for ``requests_per_connection``.
    policy, from_policy, policies
        As for ``policy_impact``.
    by : str or sequence of str, optional
        Columns of requests: ``["request_host", "request_path"]``, ``elb``; the default is
        ``request_host``, and ``()`` counts all together.

    Returns
    -------
    DataFrame, shape (values of ``by``, columns)
        Most requests that would break first.

        =================  ============  ========================================================
        column             type          meaning
        =================  ============  ========================================================
        *by*               as in table   what was asked for
        requests           int64         whose connection is there and succeeded
        requests_breaking  int64         of them, those by connections whose verdict is breaks
        requests_at_risk   int64         likewise, at risk
        clients            int64         addresses that asked
        clients_breaking   int64         of them, those with a request that breaks
        users_breaking     int64         of these, those with a user's user agent
        crawlers_breaking  int64         of these, those with a crawler's and no user's
        =================  ============  ========================================================

        ``attrs`` holds ``policy`` and ``from_policy``.

    Raises
    ------
    TableError
        A policy is not known, a column is none of requests, or a source lacks columns.
    SourceError, DatasetError
        There is nothing at a path, or it cannot be read.
    """
    known = known_policies(policies)
    target, in_force = find_policy(policy, known=known), read_in_force(from_policy, known)
    split = make_split(None, "request_host" if by is None else by, answer=_ANSWER)
    if unknown := [name for name in split.by if name not in REQUESTS.columns]:
        raise TableError([f"by: {shown(name)} is no column of requests" for name in unknown])
    evidence = gather_evidence(connections, storage_options)
    judged = judge_all(evidence, target, in_force, known.values())
    with open_both(
        connections,
        requests,
        columns=(TRACE, "client_ip", "outcome", "tls_protocol", "tls_cipher"),
        of_requests=(TRACE, "user_agent", *split.by),
        storage_options=storage_options,
    ) as counting:
        counting.database.register("verdicts", _verdicts(judged))
        counted = counting.table(_query(split))
    rows = split_frame(counted, split).reset_index(drop=True)
    rows.attrs.pop("every", None)
    rows.attrs.update(policy=policy, from_policy=from_policy)
    return rows


def _verdicts(judged: pd.DataFrame) -> pa.Table:
    keys = ["tls_protocol", "tls_cipher", "verdict"]
    texts = judged[keys].drop_duplicates().astype(object)
    return pa.table({name: pa.array(texts[name], pa.string(), from_pandas=True) for name in keys})


def _query(split: Split) -> str:
    keys = "".join(f"asked.{quoted(name)}, " for name in split.by)
    breaks = "verdict = 'breaks'"
    return f"""
        WITH agents AS ({agents_query()}),
        judged AS (
            SELECT {TRACE}, client_ip, verdict FROM connections JOIN verdicts
            ON connections.tls_protocol IS NOT DISTINCT FROM verdicts.tls_protocol
            AND connections.tls_cipher IS NOT DISTINCT FROM verdicts.tls_cipher
            WHERE outcome = 'success'
        ),
        asked AS (
            SELECT {keys.replace("asked.", "requests.")}judged.client_ip AS client,
                count(*) AS n, count(*) FILTER ({breaks}) AS breaking,
                count(*) FILTER (verdict = 'at risk') AS at_risk,
                bool_or({breaks} AND agent = '{USER}') AS by_user,
                bool_or({breaks} AND agent = '{CRAWLER}') AS by_crawler
            FROM requests JOIN judged USING ({TRACE}) LEFT JOIN agents USING (user_agent)
            GROUP BY ALL
        )
        SELECT {keys}sum(n)::BIGINT AS requests, sum(breaking)::BIGINT AS requests_breaking,
            sum(at_risk)::BIGINT AS requests_at_risk, count(*) AS clients,
            count(*) FILTER (breaking > 0) AS clients_breaking,
            count(*) FILTER (by_user) AS users_breaking,
            count(*) FILTER (by_crawler AND by_user IS NOT TRUE) AS crawlers_breaking
        FROM asked GROUP BY {split.group_by}
        ORDER BY requests_breaking DESC, requests_at_risk DESC, requests DESC
            {"".join(f", {quoted(name)} NULLS LAST" for name in split.by)}
    """
