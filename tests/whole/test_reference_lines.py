"""Every published line reads, with the values that a person reads in it."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import albconn as ac

LINES_TSV = Path(__file__).parents[1] / "data" / "reference_lines.tsv"
FIRST_CASE = "real, the case this project began with, 11 fields"

# Hand-written, in the order of the file: client_port, listener_port, tls_protocol, latency,
# subject, verify status, outcome, failure reason, trace id, key exchange, elb, node.
UNMAPPED = "UnmappedConnectionError"
FAILED = f"Failed:{UNMAPPED}"
K8S, NODE = "app/k8s-web-0123456789/0123456789abcdef", "192.0.2.57"
SUBJECT = "CN=amazondomains.com,O=endEntity,L=Seattle,ST=Washington,C=US"
NONE4 = (None, None, None, None)
EXPECTED: list[tuple[Any, ...]] = [
    (49823, 443, "TLSv1.2", None, None, FAILED, "failed", UNMAPPED, *NONE4),
    (34719, 443, "TLSv1.2", None, None, FAILED, "failed", UNMAPPED, *NONE4),
    (52081, 443, "TLSv1.2", None, None, FAILED, "failed", UNMAPPED, *NONE4),
    (48725, 443, "TLSv1.2", None, None, FAILED, "failed", UNMAPPED, *NONE4),
    (57233, 443, "TLSv1.2", None, None, FAILED, "failed", UNMAPPED, *NONE4),
    (36119, 443, "TLSv1.2", None, None, FAILED, "failed", UNMAPPED, *NONE4),
    (56745, 443, "TLSv1.2", None, None, FAILED, "failed", UNMAPPED, *NONE4),
    (54414, 443, "TLSv1.3", 0.057, None, "Success", "success", None, *NONE4),
    (36280, 443, "TLSv1.2", 4.036, SUBJECT, "Success", "success", None,
     "TID_3180a73013c8ca4bac2f731159d4b0fe", None, None, None),
    (36280, 443, "TLSv1.2", None, SUBJECT, "Failed:ClientCertUntrusted", "failed",
     "ClientCertUntrusted", "TID_1c71a68d70587445ad5127ff8b2687d7", None, None, None),
    (38910, 80, None, None, None, None, None, None,
     "TID_3f9ddfa803beb546812b02872b46c30b", None, None, None),
    (50000, 443, None, None, None, None, None, None, "TID_3", None, K8S, NODE),
    (64326, 443, "TLSv1.2", 0.337, None, "Success", "success", None,
     "TID_1", "secp256r1", K8S, NODE),
    (61814, 80, None, None, None, None, None, None, "TID_2", None, K8S, NODE),
]  # fmt: skip
FIELDS = (
    "client_port", "listener_port", "tls_protocol", "tls_handshake_latency",
    "leaf_client_cert_subject", "tls_verify_status", "outcome", "failure_reason",
    "conn_trace_id", "tls_keyexchange", "elb", "ip_address",
)  # fmt: skip


def published() -> list[dict[str, str]]:
    with LINES_TSV.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.fixture
def loaded(tmp_path: Path) -> ac.Loaded:
    log_file = tmp_path / "published.log"
    log_file.write_text("".join(row["line"] + "\n" for row in published()), encoding="utf-8")
    return ac.load_connections(log_file)


def test_every_published_line_is_a_row(loaded: ac.Loaded) -> None:
    assert len(loaded.connections) == len(published()) == len(EXPECTED) == 14
    assert loaded.rejected.empty
    assert loaded.connections["line_number"].tolist() == list(range(1, 15))


@pytest.mark.parametrize("place", range(len(EXPECTED)))
def test_published_line_has_the_values_that_a_person_reads(loaded: ac.Loaded, place: int) -> None:
    row = loaded.connections.iloc[place]
    read = tuple(None if pd.isna(row[name]) else row[name] for name in FIELDS)
    assert read == EXPECTED[place]


def test_published_times_are_utc_and_exact(loaded: ac.Loaded) -> None:
    assert loaded.connections["timestamp"][0] == pd.Timestamp("2023-12-05T14:39:18.169062+00:00")
    row = loaded.connections.iloc[8]
    assert row["leaf_client_cert_serial_number"] == "FEF257372D5C14D4"
    assert row["cert_not_before"] == pd.Timestamp("2023-09-21T22:43:21+00:00")
    assert row["cert_not_after"] == pd.Timestamp("2026-06-17T22:43:21+00:00")
    assert loaded.connections["client_ip"][0] == "54.92.36.xxx"


def test_first_case_is_seven_unmapped_failures_and_one_success(tmp_path: Path) -> None:
    lines = [row["line"] for row in published() if row["source"] == FIRST_CASE]
    log_file = tmp_path / "first_case.log"
    log_file.write_text("\n".join(lines), encoding="utf-8")  # no newline after the last
    connections = ac.read_connections(log_file)
    assert connections["outcome"].tolist() == ["failed"] * 7 + ["success"]
    assert connections["failure_reason"].dropna().tolist() == [UNMAPPED] * 7
    rates = ac.failure_rate(connections, every="1h")
    assert rates["connections"].sum() == 8
    assert rates["failures"].sum() == 7
    assert rates["unmapped_failures"].sum() == 7
    assert rates["failure_rate"].tolist() == [7 / 8]
