"""RowSums of rows: which there are, not in which order."""

from __future__ import annotations

import pyarrow as pa

from albconn.dataset.checking.held import RowSums
from albconn.schema.connections import CONNECTIONS


def test_evidence_depends_on_every_row_and_on_no_order() -> None:
    rows = pa.table(
        {
            "timestamp": pa.array([1, 2, 3, 4], pa.timestamp("us", "UTC")),
            "source_file": ["a", "b", "a", "b"],
            "line_number": pa.array([1, 1, 2, 2], pa.int64()),
        }
    )

    def evidence(*tables: pa.Table) -> tuple[dict[str, int], dict[str, int]]:
        found = RowSums(CONNECTIONS)
        for table in tables:
            found.add(table)
        return found.rows, found.hashes

    whole = evidence(rows)
    assert whole[0] == {"a": 2, "b": 2}
    assert evidence(rows.take([3, 1, 0, 2])) == whole
    assert evidence(rows.slice(2), rows.slice(0, 2)) == whole
    assert evidence(rows.take([0, 0, 1, 3]))[1]["a"] != whole[1]["a"]
