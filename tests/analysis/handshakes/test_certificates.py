"""Client certificates: hand counts, what expires, and subjects as strangers write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from albconn import TableError
from albconn.analysis.handshakes.certificates import client_certificates
from worlds.rows import BEGIN, SOURCES, Row, connection, frame_of

AS_OF = datetime(2026, 9, 24, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def shown(subject: str | None, serial: str, seconds: float, reason: str | None = None,
          ends: datetime | None = AS_OF + 10 * DAY, **fields: Any) -> Row:  # fmt: skip
    return connection(
        seconds, reason, leaf_client_cert_subject=subject, leaf_client_cert_serial_number=serial,
        cert_not_before=BEGIN - 300 * DAY, cert_not_after=ends, **fields,
    )  # fmt: skip


def world() -> list[Row]:
    fleet = "CN=fleet-7,OU=devices,O=Example Fleet,C=US"
    return [
        connection(0),
        shown(fleet, "03A5B1", 1, ends=BEGIN + timedelta(seconds=60)),
        shown(fleet, "03A5B1", 61, ends=BEGIN + timedelta(seconds=60), client_ip="10.0.0.2"),
        *(shown(fleet, "03A5B1", 70 + n, "ClientCertExpired", BEGIN + timedelta(seconds=60))
          for n in range(3)),
        shown(fleet, "03A5B1", 80, "ClientCertRejected", BEGIN + timedelta(seconds=60)),
        shown(fleet, "02", 90, ends=AS_OF + DAY / 2),
        shown("CN=no-end", "04", 5, ends=None),
        shown(None, "05", 6),
        shown("CN=http", "06", 7, outcome=None, tls_verify_status=None),
    ]  # fmt: skip


def test_by_hand() -> None:
    certificates = client_certificates(frame_of(world()), as_of=AS_OF)
    assert list(certificates["serial"]) == ["03A5B1", "02", "05", "04"]
    assert certificates["days_left"].tolist()[1:3] == [0.5, 10.0]
    assert certificates["days_left"].isna().tolist() == [False, False, False, True]
    fleet: Any = certificates.iloc[0]
    assert fleet["days_left"] == pytest.approx(-1 + 60 / 86400)
    assert fleet[["handshakes", "failures", "addresses"]].tolist() == [6, 4, 2]
    assert fleet["accepted_after_expiry"] == 1
    assert fleet["top_reason"] == "ClientCertExpired"
    assert fleet[["common_name", "organization", "organizational_unit"]].tolist() == [
        "fleet-7", "Example Fleet", "devices",
    ]  # fmt: skip
    assert fleet["first_seen"] == BEGIN + timedelta(seconds=1)
    assert fleet["last_seen"] == BEGIN + timedelta(seconds=80)
    assert certificates.iloc[3]["common_name"] == "no-end"
    assert pd.isna(certificates.iloc[2]["subject"])


def test_as_of_is_aware() -> None:
    with pytest.raises(TableError, match=r"as_of: .* has no time zone"):
        client_certificates(frame_of(world()), as_of=datetime(2026, 9, 24))  # noqa: DTZ001
    with pytest.raises(TableError, match="no column 'cert_not_after'"):
        client_certificates(frame_of(world()).drop(columns="cert_not_after"), as_of=AS_OF)


def test_empty_has_the_same_columns_and_types() -> None:
    full = client_certificates(frame_of(world()), as_of=AS_OF)
    for rows in ([], [connection(0)]):
        empty = client_certificates(frame_of(rows), as_of=AS_OF)
        assert len(empty) == 0
        assert [str(kind) for kind in empty.dtypes] == [str(kind) for kind in full.dtypes]


@pytest.mark.parametrize("kind", SOURCES)
def test_same_answer_whatever_went_in(kind: str, tmp_path: Path) -> None:
    expected = client_certificates(frame_of(world()), as_of=AS_OF)
    found = client_certificates(SOURCES[kind](world(), tmp_path), as_of=AS_OF)
    texts = ["subject", "serial", "top_reason"]
    pd.testing.assert_frame_equal(
        found.astype(dict.fromkeys(texts, "str")), expected.astype(dict.fromkeys(texts, "str"))
    )
