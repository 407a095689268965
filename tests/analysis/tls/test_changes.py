"""Changes of policy, made by hand: what stopped and what works name the policies."""

from __future__ import annotations

from typing import Any

import pytest

from albconn.analysis.tls.changes import PolicyChange, fitting_change
from albconn.analysis.tls.described import known_policies
from tests.analysis.tls.describing import described

A = ("TLSv1.3", "TLS_AES_128_GCM_SHA256")
B = ("TLSv1.3", "TLS_CHACHA20_POLY1305_SHA256")
C = ("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256")
D = ("TLSv1.2", "ECDHE-RSA-AES128-SHA256")
E = ("TLSv1.2", "AES128-SHA")
F = ("TLSv1.1", "ECDHE-RSA-AES128-SHA")
G = ("TLSv1", "AES128-SHA")
H = ("TLSv1", "ECDHE-RSA-AES128-SHA")
I = ("TLSv1.2", "AES128-GCM-SHA256")  # noqa: E741

Weights = dict[tuple[str, str], float]
RAISED: Weights = {G: 40, F: 8, E: 3, I: 5}
MODERN: Weights = {A: 500, B: 20, C: 300, D: 20}

# old, new, and what is seen: before without stopped, stopped, working
CASES: dict[str, tuple[str, str, Weights, Weights, Weights]] = {
    "TLS 1.2 and newer, without RSA key exchange": (
        "2016-08", "TLS13-1-2-2021-06", {C: 800, D: 20}, RAISED, MODERN,
    ),
    "TLS 1.2 and newer": (
        "2016-08", "TLS13-1-2-2021-06", {C: 800, D: 20}, {G: 40, F: 8}, MODERN,
    ),
    "TLS 1.3 only": (
        "TLS13-1-2-2021-06", "TLS13-1-3-2021-06", {A: 500, B: 30}, {C: 200, D: 20}, {A: 500, B: 30},
    ),
    "without CBC ciphers": (
        "TLS13-1-2-Ext2-2021-06", "TLS13-1-2-Res-2021-06", {A: 500, B: 30, C: 100},
        {D: 30, E: 9, ("TLSv1.2", "ECDHE-RSA-AES256-SHA"): 5}, {A: 510, B: 30, C: 99},
    ),
    "without RSA key exchange": (
        "2016-08", "FS-2018-06", {C: 500, D: 4, H: 20, F: 6}, {I: 30, E: 9, G: 5},
        {C: 500, D: 3, H: 20, F: 6},
    ),
}  # fmt: skip


@pytest.mark.parametrize("noise", [0, 4])
@pytest.mark.parametrize("summary", CASES)
def test_the_policies_are_named(summary: str, noise: int) -> None:
    old, new, before, vanished, working = CASES[summary]
    by_chance: Weights = {max(working, key=lambda manner: working[manner]): noise}
    change = fitting_change({**vanished, **by_chance}, working, before={**before, **vanished})
    assert change.summary == summary
    assert change.old[0] == f"ELBSecurityPolicy-{old}"
    assert change.new[0] == f"ELBSecurityPolicy-{new}"
    assert not set(change.old) & set(change.new)
    stopped = sum(vanished.values())
    assert change.explained == pytest.approx(stopped / (stopped + noise))


def test_floor_and_ciphers_are_told_apart() -> None:
    before = {C: 800, D: 20, **RAISED}
    change = fitting_change(RAISED, MODERN, before=before)
    assert change.floor == "TLSv1.2"
    assert change.removed_ciphers == ("AES128-GCM-SHA256", "AES128-SHA")
    assert fitting_change({G: 40}, MODERN, before=before).removed_ciphers == ()


def test_without_what_was_before_it_is_what_stopped_and_what_works() -> None:
    change = fitting_change({G: 40, F: 8}, {A: 500, C: 300})
    assert change.old == (
        "ELBSecurityPolicy-TLS13-1-0-2021-06", "ELBSecurityPolicy-TLS13-1-0-PQ-2025-09",
        "ELBSecurityPolicy-TLS13-1-0-FIPS-2023-04", "ELBSecurityPolicy-TLS13-1-0-FIPS-PQ-2025-09",
    )  # fmt: skip
    assert change.new[0] == "ELBSecurityPolicy-TLS13-1-2-2021-06"


def test_few_that_stopped_among_many_still_rule_the_new_policy_out_as_the_old_one() -> None:
    change = fitting_change({G: 6}, {A: 90_000, C: 30_000}, before={A: 90_000, C: 30_000, G: 6})
    assert change.new
    assert not set(change.old) & set(change.new)


def test_a_straggler_does_not_hide_the_change() -> None:
    change = fitting_change({G: 40, F: 8}, {**MODERN, G: 2}, before={C: 800, G: 42, F: 8})
    assert change.new[0] == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    assert change.floor == "TLSv1.2"


@pytest.mark.parametrize(
    ("vanished", "working"),
    [
        pytest.param({}, MODERN, id="nothing stopped"),
        pytest.param({G: 0}, MODERN, id="nothing of any weight"),
        pytest.param({G: 40}, {}, id="nothing works"),
        pytest.param({A: 50, C: 30}, MODERN, id="what stopped still works for most"),
        pytest.param({A: 50, G: 6}, MODERN, id="most stopped by chance"),
        pytest.param({C: 50}, {("TLSv1.2", "ECDHE-RSA-AES128-SHA"): 90}, id="no such policy"),
        pytest.param({G: 5}, {("TLSv1.2", "NEW"): 9}, id="a cipher of no policy"),
        pytest.param({A: 50}, {C: 30, G: 60, ("TLSv1.3", "TLS_NEW"): 60}, id="neither"),
    ],
)
def test_nothing_fits(vanished: Any, working: Any) -> None:
    assert fitting_change(vanished, working) == PolicyChange()


def test_ciphers_without_a_family_are_named() -> None:
    told = {"SslPolicies": [
        described("Old", ["TLSv1.2"], [C[1], D[1], E[1]]), described("New", ["TLSv1.2"], [C[1]]),
        described("Odd", ["TLSv1.2"], [D[1]]),
    ]}  # fmt: skip
    known = {name: p for name, p in known_policies(told).items() if name in ("Old", "New", "Odd")}
    change = fitting_change({D: 5, E: 9}, {C: 100}, known=known)
    assert (change.old, change.new, change.summary) == (("Old",), ("New",), "without CBC ciphers")
    mixed = fitting_change({C: 5, E: 9}, {D: 100}, known=known)
    assert (mixed.old, mixed.new) == (("Old",), ("Odd",))
    assert mixed.summary == "without AES128-SHA and 1 other cipher"
