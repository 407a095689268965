"""Are failures few clients' or everyone's?"""

from __future__ import annotations

import pytest

from albconn import TableError
from albconn.analysis.concentration import failure_concentration
from worlds.rows import connection, frame_of


def test_concentration_by_hand() -> None:
    rows = [
        *(connection(n, "A", client_ip="10.0.0.1") for n in range(9)),
        connection(0, "A", client_ip="10.0.1.2"),
        *(connection(0, client_ip=f"10.0.2.{n}") for n in range(5)),
    ]
    told = failure_concentration(frame_of(rows))
    # Two clients with 9 and 1: the mean difference of all pairs is 4, the mean is 5: 4 / (2 × 5).
    assert told.values.tolist() == [[7, 2, 10, 0.9, 1.0, 0.4]]
    networks = failure_concentration(frame_of(rows), ipv4_prefix=16)
    assert networks.values.tolist() == [[1, 1, 10, 1.0, 1.0, 0.0]]
    nothing = failure_concentration(frame_of([]))
    assert nothing[["clients", "failing_clients", "failures"]].values.tolist() == [[0, 0, 0]]
    assert nothing[["top_1_share", "top_10_share", "gini"]].isna().all(axis=None)
    with pytest.raises(TableError, match="ipv4_prefix"):
        failure_concentration(frame_of(rows), ipv4_prefix=33)
