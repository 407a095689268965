"""AWS's security policies, as they are shipped."""

from __future__ import annotations

from albconn.analysis.tls.policies import find_policy, policies

RES = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"


def test_what_is_shipped() -> None:
    known = policies()
    assert len(known) == 49
    assert sum(policy.is_of_alb for policy in known.values()) == 45
    res = find_policy(RES)
    assert res.protocols == ("TLSv1.3", "TLSv1.2")
    assert res.ciphers[3] == "ECDHE-ECDSA-AES128-GCM-SHA256"
