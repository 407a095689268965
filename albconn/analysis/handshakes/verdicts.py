"""What successful handshakes prove about their clients, judged under a security policy."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from albconn.analysis.counting.counts import KNOWN, open_counting
from albconn.analysis.tls.judging import VERDICTS, judge, key_types, offered_with
from albconn.analysis.tls.policies import PROTOCOLS, Policy, find_policy
from albconn.arrow import to_frame
from albconn.opened import Connections
from albconn.schema.kind import CATEGORY, INSTANT
from albconn.storage.places import StorageOptions

Pair: TypeAlias = tuple[str | None, str | None]  # a protocol and a cipher
_VERDICT = pd.CategoricalDtype(list(VERDICTS), ordered=True)


class Evidence(NamedTuple):
    """Successes by client and by what was negotiated; and what the load balancer showed of itself.

    Attributes
    ----------
    counts : DataFrame
        A row for each client, protocol and cipher: ``connections``, ``last_seen``.
    served : set of str
        The key types of certificates seen.
    offered : set of str
        The protocols seen, which were on offer therefore.
    never_succeeded : int
        Addresses that only ever failed: they show nothing of what they speak.
    """

    counts: pd.DataFrame
    served: set[str]
    offered: set[str]
    never_succeeded: int


def read_in_force(from_policy: str | None, known: Mapping[str, Policy]) -> Policy | None:
    """Return the policy in force, where it is known."""
    return None if from_policy is None else find_policy(from_policy, "from_policy", known)


def gather_evidence(connections: Connections, storage_options: StorageOptions) -> Evidence:
    """Count successful handshakes by client and by what was negotiated."""
    columns = ("timestamp", "client_ip", "outcome", "tls_protocol", "tls_cipher")
    with open_counting(connections, columns=columns, storage_options=storage_options) as counting:
        counting.database.execute(
            "CREATE TEMP TABLE attempts AS SELECT client_ip, outcome = 'success' AS succeeded, "
            "CASE WHEN succeeded THEN tls_protocol END AS tls_protocol, "
            "CASE WHEN succeeded THEN tls_cipher END AS tls_cipher, count(*) AS connections, "
            f"max(timestamp) AS last_seen FROM connections WHERE {KNOWN} GROUP BY ALL"
        )
        counted = counting.table(
            "SELECT * EXCLUDE (succeeded) FROM attempts WHERE succeeded ORDER BY ALL"
        )
        never = counting.table(
            "SELECT client_ip FROM attempts GROUP BY client_ip HAVING NOT bool_or(succeeded)"
        )
    spoken = set(counted["tls_protocol"].unique().to_pylist())
    return Evidence(
        _typed_counts(counted),
        served=key_types(counted["tls_cipher"].unique().to_pylist()),
        offered=spoken & set(PROTOCOLS),
        never_succeeded=never.num_rows,
    )


def _typed_counts(counted: pa.Table) -> pd.DataFrame:
    return _sorted_categories(to_frame(
        counted.cast(
            pa.schema(
                [("client_ip", CATEGORY), ("tls_protocol", CATEGORY), ("tls_cipher", CATEGORY),
                 ("connections", pa.int64()), ("last_seen", INSTANT)]
            )
        )
    ))  # fmt: skip


def _sorted_categories(counts: pd.DataFrame) -> pd.DataFrame:
    """Return counts whose categories are in the order of their text, so that rows sort by it."""
    texts = {
        name: counts[name].cat.set_categories(counts[name].cat.categories.sort_values())
        for name in ("client_ip", "tls_protocol", "tls_cipher")
    }
    return counts.assign(**texts)


def alike(evidence: Evidence, known: Iterable[Policy]) -> Evidence:
    """Return the evidence with what is judged alike as one: all that no policy knows.

    Whoever writes lines can name a new cipher in each; of all policies each would be judged anew.
    """
    ciphers = {cipher for policy in known for cipher in policy.ciphers}
    counts = evidence.counts
    told = counts[["client_ip", "connections"]].assign(
        tls_protocol=_only(counts["tls_protocol"], PROTOCOLS),
        tls_cipher=_only(counts["tls_cipher"], ciphers),
    )
    keys = ["client_ip", "tls_protocol", "tls_cipher"]
    summed = told.groupby(keys, observed=True, dropna=False)["connections"].sum().reset_index()
    return evidence._replace(counts=summed)


def _only(column: pd.Series, known: Container[str]) -> pd.Series:
    """Return a column of categories with only the known ones; the others are missing."""
    return column.cat.set_categories([text for text in column.cat.categories if text in known])


def judge_all(
    evidence: Evidence, policy: Policy, in_force: Policy | None, known: Iterable[Policy]
) -> pd.DataFrame:
    """Return the evidence with ``verdict``, and ``rank``: 0 is the worst.

    ``known`` are all policies, of which one was in force where none is named.
    """
    pairs, pair = pairs_of(evidence.counts)
    rank = judge_pairs(evidence, pairs, [policy], in_force, known)[0][pair]
    verdict = pd.Categorical.from_codes(rank, dtype=_VERDICT)
    return evidence.counts.assign(verdict=verdict, rank=rank)


def pairs_of(counts: pd.DataFrame) -> tuple[list[Pair], NDArray[np.intp]]:
    """Return the different protocols with their ciphers, and which of them each row is of."""
    names = ["tls_protocol", "tls_cipher"]
    pair = counts.groupby(names, observed=True, dropna=False, sort=False).ngroup().to_numpy()
    first = np.unique(pair, return_index=True)[1]
    told = counts[names].iloc[first].itertuples(index=False, name=None)
    return [(_text(protocol), _text(cipher)) for protocol, cipher in told], pair.astype(np.intp)


def judge_pairs(
    evidence: Evidence,
    pairs: Sequence[Pair],
    policies: Iterable[Policy],
    in_force: Policy | None,
    known: Iterable[Policy],
) -> list[NDArray[np.int8]]:
    """Return of each policy the ranks of its verdicts on pairs; 0 is the worst."""
    offered: dict[str | None, set[str]] = {
        protocol: evidence.offered | offered_with(protocol, known) for protocol in evidence.offered
    }
    return [
        np.array(
            [
                VERDICTS.index(
                    judge(
                        protocol, cipher, policy, in_force, evidence.served,
                        offered.get(protocol, ()),
                    )
                )
                for protocol, cipher in pairs
            ],
            dtype=np.int8,
        )
        for policy in policies
    ]  # fmt: skip


def worst_of(judged: pd.DataFrame) -> pd.Series:
    """Return the rank of each client's worst verdict."""
    return judged.groupby("client_ip", observed=True, dropna=False)["rank"].min()


def count_verdicts(worst: pd.Series | NDArray[np.int8]) -> dict[str, int]:
    """Return how many clients there are of each worst verdict."""
    names = ("clients_breaking", "clients_at_risk", "clients_fitting")
    return {name: int((worst == rank).sum()) for rank, name in enumerate(names)}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
