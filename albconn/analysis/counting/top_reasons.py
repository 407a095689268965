"""The most frequent failure reason of each group, said the same way wherever it stands."""

from __future__ import annotations

from collections.abc import Sequence

from albconn.analysis.counting.counts import FAILED


def top_reasons(
    source: str, keys: Sequence[str], *, condition: str = FAILED, failures: str = "count(*)"
) -> str:
    """Return a query: for each group of ``keys`` that failed, its ``top_reason``.

    Of reasons equally frequent the first by name counts, a missing one last. ``source`` has
    ``failure_reason`` and the keys; ``failures`` counts those rows that meet the condition.
    """
    listed = ", ".join(keys)
    return (
        f"SELECT {listed}, failure_reason AS top_reason FROM {source} WHERE {condition} "
        f"GROUP BY {listed}, failure_reason QUALIFY row_number() OVER (PARTITION BY {listed} "
        f"ORDER BY {failures} DESC, failure_reason ASC NULLS LAST) = 1"
    )
