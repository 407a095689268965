"""What is logged is what ALB would log, in every kind of world."""

from __future__ import annotations

import numpy as np
import pytest

from albconn.schema.connections import CONNECTIONS, end_of, outcome_of, reason_of, start_of
from albconn.times import microseconds
from tests.worlds.traffic.small import frame, small
from worlds.lines import UNMAPPED
from worlds.traffic import KINDS
from worlds.traffic.logged import MISSING, category

SOME = ("policy_raised", "certificates_not_yet_valid", "http_flood", "missing_files", "nightly_job")


def test_equal_texts_are_one_category() -> None:
    made = category(np.array([2, MISSING, 0, 1]), ["a", "b", "a", "unused"])
    assert made.to_pylist() == ["a", None, "a", "b"]
    assert made.dictionary.to_pylist() == ["a", "b"]


@pytest.mark.parametrize("kind", KINDS)
def test_tables_have_the_whole_schema_and_lie_in_the_span(kind: str) -> None:
    world, rows = small(kind), frame(kind)
    assert world.connections.schema.equals(CONNECTIONS.memory_schema)
    assert rows["timestamp"].is_monotonic_increasing
    assert rows["timestamp"].between(world.begin, world.end).all()
    assert rows[[*CONNECTIONS.never_null, "client_ip", "elb", "ip_address"]].notna().all().all()


@pytest.mark.parametrize("kind", SOME)
def test_a_line_is_known_by_its_file_and_number(kind: str) -> None:
    rows = frame(kind)
    assert not rows.duplicated(["source_file", "line_number"]).any()
    assert (rows.groupby("source_file", observed=True)["line_number"].max() ==
            rows.groupby("source_file", observed=True).size()).all()  # fmt: skip
    one = rows.groupby("source_file", observed=True)[["elb", "ip_address"]].nunique()
    assert (one == 1).all().all()


@pytest.mark.parametrize("kind", KINDS)
def test_unmapped_failures_tell_nothing_of_the_client(kind: str) -> None:
    rows = frame(kind)
    unmapped = rows[rows["failure_reason"] == UNMAPPED]
    assert (unmapped["tls_protocol"] == "TLSv1.2").all()
    assert (unmapped.groupby("elb", observed=True)["tls_cipher"].nunique() <= 1).all()
    unknown = ["tls_keyexchange", "leaf_client_cert_subject", "tls_handshake_latency"]
    assert unmapped[unknown].isna().all().all()


@pytest.mark.parametrize("kind", SOME)
def test_plain_http_is_neither_success_nor_failure(kind: str) -> None:
    rows = frame(kind)
    plain = rows[rows["listener_port"] == 80]
    assert len(plain)
    tls = ["tls_protocol", "tls_cipher", "tls_handshake_latency", "tls_verify_status", "outcome"]
    assert plain[tls].isna().all().all()
    assert rows.loc[rows["listener_port"] != 80, "outcome"].notna().all()


@pytest.mark.parametrize("kind", SOME)
def test_derived_columns_follow_from_the_logged_ones(kind: str) -> None:
    names = ["tls_verify_status", "outcome", "failure_reason"]
    ends = small(kind).connections.select(names).group_by(names).aggregate([])
    for status, outcome, reason in zip(*(ends[name].to_pylist() for name in names), strict=True):
        assert outcome == (status and outcome_of(status))
        assert reason == (status and reason_of(status))
    names = ["leaf_client_cert_validity", "cert_not_before", "cert_not_after"]
    held = small(kind).connections.select(names).group_by(names).aggregate([])
    assert held.num_rows > 1
    for validity, start, end in zip(*(held[name].to_pylist() for name in names), strict=True):
        if validity is not None:
            assert start_of(validity) == microseconds(start)
            assert end_of(validity) == microseconds(end)
        assert (validity is None) is (start is None) is (end is None)


@pytest.mark.parametrize("kind", KINDS)
def test_certificates_are_refused_when_their_time_says_so(kind: str) -> None:
    rows = frame(kind)
    held = rows[rows["cert_not_after"].notna()]
    fine, reason = held["outcome"] == "success", held["failure_reason"]
    ended = held["cert_not_after"] <= held["timestamp"]
    early = held["cert_not_before"] > held["timestamp"]
    assert not (fine & (ended | early)).any()
    assert ended[reason == "ClientCertExpired"].all()
    assert early[reason == "ClientCertNotYetValid"].all()
