"""What successful handshakes prove about their clients, judged under a security policy."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd
import pyarrow as pa

from albconn.analysis.counting.counts import open_counting
from albconn.analysis.tls.policies import VERDICTS, Policy, Verdict, find_policy, judge, key_types
from albconn.arrow import to_frame
from albconn.opened import Connections
from albconn.schema.kind import CATEGORY, INSTANT
from albconn.storage.places import StorageOptions

_VERDICT = pd.CategoricalDtype(list(VERDICTS), ordered=True)


class Evidence(NamedTuple):
    """Successes by client and by what was negotiated; and the certificate key types seen."""

    counts: pd.DataFrame
    served: set[str]


def read_in_force(from_policy: str | None) -> Policy | None:
    """Return the policy in force, where it is known."""
    return None if from_policy is None else find_policy(from_policy, "from_policy")


def gather_evidence(connections: Connections, storage_options: StorageOptions) -> Evidence:
    """Count successful handshakes by client and by what was negotiated."""
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
    return Evidence(counts, key_types(counted["tls_cipher"].unique().to_pylist()))


def _sorted_categories(counts: pd.DataFrame) -> pd.DataFrame:
    """Return counts whose categories are in the order of their text, so that rows sort by it."""
    texts = {
        name: counts[name].cat.set_categories(counts[name].cat.categories.sort_values())
        for name in ("client_ip", "tls_protocol", "tls_cipher")
    }
    return counts.assign(**texts)


def judge_all(evidence: Evidence, policy: Policy, in_force: Policy | None) -> pd.DataFrame:
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


def worst_of(judged: pd.DataFrame) -> pd.Series:
    """Return the rank of each client's worst verdict."""
    return judged.groupby("client_ip", observed=True, dropna=False)["rank"].min()


def count_verdicts(worst: pd.Series) -> dict[str, int]:
    """Return how many clients there are of each worst verdict."""
    names = ("clients_breaking", "clients_at_risk", "clients_fitting")
    return {name: int((worst == rank).sum()) for rank, name in enumerate(names)}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
