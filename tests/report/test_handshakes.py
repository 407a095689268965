"""Evidence about handshakes: each section is there where its columns have something to say."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from albconn import TableError
from albconn.report.handshakes import certificates, key_exchange, latency, policies, protocols
from tests.analysis.tls.describing import described
from tests.report.asking import folder_of, question_of
from worlds.rows import BEGIN, connection

FLEET = {
    "leaf_client_cert_subject": "CN=fleet-7,O=Example Fleet",
    "leaf_client_cert_serial_number": "03A5B1",
    "cert_not_before": BEGIN - timedelta(days=300),
    "cert_not_after": BEGIN + timedelta(days=1),
}
OLD = {"tls_protocol": "TLSv1.2", "tls_cipher": "AES128-SHA"}
ROWS = [
    *(connection(10 * n, tls_keyexchange="X25519MLKEM768", **FLEET) for n in range(60)),
    *(connection(10 * n, tls_keyexchange=None, client_ip="10.0.0.1", **OLD) for n in range(40)),
]


def test_each_section_says_its_numbers(tmp_path: Path) -> None:
    question = question_of(ROWS, policy="ELBSecurityPolicy-TLS13-1-3-2021-06")
    folder = folder_of(tmp_path)
    held = certificates(question, folder)
    assert held is not None
    assert held.tables[0].rows[0][:3] == ["fleet-7 · Example Fleet", "03A5B1", "2026-09-24 10:00"]
    spoken = protocols(question, folder)
    assert {row[0] for row in spoken.tables[0].rows} == {"TLSv1.3", "TLSv1.2"}
    raised = policies(question, folder)
    assert raised is not None
    assert len(raised.figures) == 1
    assert "40 %" in raised.paragraphs[1]
    groups = key_exchange(question, folder)
    assert groups is not None
    assert groups.tables[0].rows == [["2026-09-23", "X25519MLKEM768", "60", "100 %", "yes"]]
    waited = latency(question, folder)
    assert waited is not None
    assert {row[1] for row in waited.tables[0].rows} == {"TLSv1.3", "TLSv1.2"}


def test_without_successes_there_is_no_evidence(tmp_path: Path) -> None:
    question = question_of([connection(n, "A") for n in range(9)])
    folder = folder_of(tmp_path)
    assert (
        policies(question, folder)
        is key_exchange(question, folder)
        is latency(question, folder)
        is None
    )
    assert certificates(question, folder) is None


def test_a_policy_of_ones_own_and_who_is_not_judged(tmp_path: Path) -> None:
    told = described("ELBSecurityPolicy-Own", ["TLSv1.2"], ["AES128-SHA"])
    rows = [*ROWS, connection(1, "A", client_ip="10.0.0.9")]
    asked = {"policy": "ELBSecurityPolicy-Own", "policies": {"SslPolicies": [told]}}
    raised = policies(question_of(rows, **asked), folder_of(tmp_path))
    assert raised is not None
    assert raised.paragraphs[1].startswith("ELBSecurityPolicy-Own: of 100 successful")
    assert raised.paragraphs[2].startswith("1 address only ever failed")


def test_an_unknown_policy_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="'x' is not a security policy"):
        policies(question_of(ROWS, policy="x"), folder_of(tmp_path))
