"""Verdicts: never weaker for knowing more, and just what playing the handshakes out gives."""

from __future__ import annotations

from collections import Counter
from itertools import product
from random import Random

import pytest
from hypothesis import given, settings, strategies as st

from albconn.analysis.tls.judging import VERDICTS, judge, key_types, offered_with
from albconn.analysis.tls.policies import PROTOCOLS, Policy, find_policy, policies
from tests.analysis.tls.slow_handshake import AGES, OF_13, cipher_is_of, verdict_of

KEYS = [{"RSA"}, {"ECDSA"}, {"RSA", "ECDSA"}]
# Policies that differ in what they take, each once.
DIFFERENT = list({(p.protocols, p.ciphers): p for p in policies().values()}.values())
CIPHERS = sorted({cipher for policy in DIFFERENT for cipher in policy.ciphers})
OFFERED = {protocol: offered_with(protocol, policies().values()) for protocol in PROTOCOLS}
EXT2 = find_policy("ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06")
RES = find_policy("ELBSecurityPolicy-TLS13-1-2-Res-2021-06")
OF_2016 = find_policy("ELBSecurityPolicy-2016-08")


def test_to_know_the_policy_in_force_never_weakens_a_verdict() -> None:
    sharpened: Counter[tuple[str, str]] = Counter()
    for policy, protocol, cipher, served in product(DIFFERENT, PROTOCOLS, CIPHERS, KEYS):
        offered = OFFERED[protocol]
        alone = judge(protocol, cipher, policy, None, served, offered)
        for in_force in DIFFERENT:
            known = judge(protocol, cipher, policy, in_force, served, offered)
            if known != alone:
                sharpened[alone, known] += 1
    assert set(sharpened) == {("at risk", "breaks")}


def test_nor_does_to_know_that_more_was_on_offer() -> None:
    for policy, protocol, cipher in product(DIFFERENT, PROTOCOLS, CIPHERS):
        for in_force in (None, EXT2, OF_2016):
            ranks = [
                VERDICTS.index(judge(protocol, cipher, policy, in_force, {"RSA"}, offered))
                for offered in ((), OFFERED[protocol], PROTOCOLS)
            ]
            assert ranks == sorted(ranks, reverse=True)


def test_what_every_policy_with_a_version_offers() -> None:
    assert {protocol: sorted(offered) for protocol, offered in OFFERED.items()} == {
        "TLSv1": ["TLSv1", "TLSv1.1", "TLSv1.2"],
        "TLSv1.1": ["TLSv1.1", "TLSv1.2"],
        "TLSv1.2": ["TLSv1.2"],
        "TLSv1.3": ["TLSv1.3"],
    }
    assert offered_with("TLSv1.4", policies().values()) == frozenset()


# ---- beside handshakes that are played out ----------------------------------------------------


def agree(
    negotiated: tuple[str, str],
    policy: Policy,
    in_force: Policy,
    served: set[str],
    universe: list[str],
    others: int,
) -> bool:
    """Say whether both give one verdict; of what could not happen, judge knows no policy."""
    served = served | key_types([negotiated[1]])  # what was taken was served
    slow = verdict_of(negotiated, policy, in_force, served, universe, others)
    if slow is not None:
        return judge(*negotiated, policy, in_force, served) == slow
    assert not cipher_is_of(negotiated[1], negotiated[0])
    return judge(*negotiated, policy, in_force, served) == judge(*negotiated, policy, None, served)


@pytest.mark.parametrize("cases", [250, pytest.param(20_000, marks=pytest.mark.long)])
def test_shipped_policies_agree_with_handshakes_played_out(cases: int) -> None:
    random = Random(cases)
    for _ in range(cases):
        policy, in_force = random.choice(DIFFERENT), random.choice(DIFFERENT)
        negotiated = (random.choice(in_force.protocols), random.choice(in_force.ciphers))
        served = random.choice(KEYS)
        assert agree(negotiated, policy, in_force, served, CIPHERS, 1), (
            negotiated, policy.name, in_force.name, served,
        )  # fmt: skip


FEW = [
    "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-SHA", "ECDHE-ECDSA-AES128-SHA",
]  # fmt: skip


@st.composite
def made_up(draw: st.DrawFn) -> Policy:
    """Draw a policy that no protocol of which lacks a cipher, in any order of preference."""
    low = draw(st.integers(0, 3))
    protocols = AGES[low : draw(st.integers(low, 3)) + 1]
    ciphers = draw(st.lists(st.sampled_from(FEW), unique=True).map(tuple))
    for protocol in protocols:
        has = any(cipher_is_of(cipher, protocol) for cipher in ciphers)
        ciphers += () if has else (FEW[0] if protocol == "TLSv1.3" else FEW[4],)
    if "TLSv1.3" not in protocols:
        ciphers = tuple(c for c in ciphers if c not in OF_13) or (FEW[4],)
    return Policy("made up", tuple(protocols[::-1]), ciphers, False, False, False, True)


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_made_up_policies_agree_with_handshakes_played_out(data: st.DataObject) -> None:
    policy, in_force = data.draw(made_up()), data.draw(made_up())
    negotiated = (
        data.draw(st.sampled_from(in_force.protocols)),
        data.draw(st.sampled_from(in_force.ciphers)),
    )
    served = data.draw(st.sampled_from(KEYS))
    assert agree(negotiated, policy, in_force, served, FEW, others=5)


# ---- corners ----------------------------------------------------------------------------------


def test_the_newest_common_version_is_taken_though_an_older_one_would_do() -> None:
    # The client has CHACHA20 alone. FIPS has TLS 1.2 too, but both have 1.3 and agree on that.
    fips = find_policy("ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04")
    assert judge("TLSv1.3", "TLS_CHACHA20_POLY1305_SHA256", fips, EXT2, {"RSA"}) == "breaks"


def test_while_no_certificate_is_known_any_key_type_is_a_way_out() -> None:
    manner = ("TLSv1.3", "TLS_AES_128_GCM_SHA256")
    assert judge(*manner, OF_2016, EXT2, ()) == "at risk"


def test_a_version_without_its_cipher_tells_what_the_version_tells() -> None:
    assert judge("TLSv1", None, RES, OF_2016, {"RSA"}, OFFERED["TLSv1"]) == "breaks"
    assert judge("TLSv1.2", None, RES, OF_2016, {"RSA"}) == "at risk"
    assert judge(None, None, RES, OF_2016, {"RSA"}) == "at risk"


def test_versions_that_nobody_knows_yet() -> None:
    new = Policy("New", ("TLSv1.4",), ("TLS_NEW",), False, False, False, True)
    assert judge("TLSv1.4", "TLS_NEW", new, None, {"RSA"}) == "fits"
    assert judge("TLSv1.4", "TLS_NEW", RES, EXT2, {"RSA"}) == "at risk"
    assert judge("TLSv1.3", "TLS_AES_128_GCM_SHA256", new, EXT2, {"RSA"}) == "at risk"
    assert judge("TLSv1.2", "AES128-SHA", new, EXT2, {"RSA"}) == "breaks"


def test_key_types_that_ciphers_show() -> None:
    assert key_types(["TLS_AES_128_GCM_SHA256", None]) == set()
    assert key_types(["AES128-SHA", "ECDHE-RSA-NEW"]) == {"RSA"}
    assert key_types(["ECDHE-ECDSA-NEW", "ECDHE-RSA-AES128-SHA"]) == {"RSA", "ECDSA"}
