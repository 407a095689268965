"""Key-exchange groups: spellings are one, shares add up, failures are no evidence."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from albconn import TableError
from albconn.analysis.handshakes.keyexchange import key_exchange_share
from worlds.rows import BEGIN, SOURCES, Row, connection, frame_of


def world() -> list[Row]:
    groups = ["x25519"] * 3 + ["X25519MLKEM768", "x25519mlkem768", "X25519mlkem768", "secp256r1"]
    rows = [connection(n, tls_keyexchange=name) for n, name in enumerate(groups)]
    rows += [connection(86400 + n, tls_keyexchange="NewMLKEM9", client_ip="198.51.100.1")
             for n in range(2)]  # fmt: skip
    rows += [connection(9, "ClientCertExpired", tls_keyexchange="secp521r1"), connection(10)]
    return rows


def test_by_hand() -> None:
    shares = key_exchange_share(frame_of(world()))
    day = BEGIN.replace(hour=0)
    assert shares.values.tolist() == [
        [day, "X25519MLKEM768", 3, 3 / 7, True],
        [day, "x25519", 3, 3 / 7, False],
        [day, "secp256r1", 1, 1 / 7, False],
        [day + timedelta(days=1), "NewMLKEM9", 2, 1.0, True],
    ]
    assert (shares.attrs["every"], shares.attrs["unknown"]) == ("1D", 1)


def test_by_network_and_without_bins() -> None:
    shares = key_exchange_share(frame_of(world()), every=None, by="client_network")
    assert list(shares.columns)[:2] == ["client_network", "tls_keyexchange"]
    assert shares.groupby("client_network", observed=True)["connections"].sum().to_dict() == {
        "198.51.100.0/24": 2, "203.0.113.0/24": 7,
    }  # fmt: skip
    totals = shares.groupby("client_network", observed=True)["share"].sum()
    assert totals.tolist() == pytest.approx([1.0, 1.0])


def test_what_is_refused() -> None:
    with pytest.raises(TableError, match="already"):
        key_exchange_share(frame_of(world()), by="tls_keyexchange")
    with pytest.raises(TableError, match="no column 'tls_keyexchange'"):
        key_exchange_share(frame_of(world()).drop(columns="tls_keyexchange"))


def test_empty_has_the_same_columns_and_types() -> None:
    full = key_exchange_share(frame_of(world()))
    empty = key_exchange_share(frame_of([connection(0)]))
    assert len(empty) == 0
    assert [str(kind) for kind in empty.dtypes] == [str(kind) for kind in full.dtypes]


@pytest.mark.parametrize("kind", SOURCES)
def test_same_answer_whatever_went_in(kind: str, tmp_path: Path) -> None:
    expected = key_exchange_share(frame_of(world()), by="client_network")
    found = key_exchange_share(SOURCES[kind](world(), tmp_path), by="client_network")
    texts = {"client_network": "str", "tls_keyexchange": "str"}
    pd.testing.assert_frame_equal(found.astype(texts), expected.astype(texts))
