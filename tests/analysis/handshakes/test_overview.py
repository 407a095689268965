"""All policies side by side."""

from __future__ import annotations

from typing import Any

from albconn.analysis.handshakes.overview import policy_overview
from albconn.analysis.handshakes.policies import policy_impact
from tests.analysis.handshakes.test_policies import world
from tests.analysis.tls.describing import described
from worlds.rows import frame_of


def test_overview_has_every_policy_of_alb() -> None:
    overview = policy_overview(frame_of(world())).set_index("policy")
    assert len(overview) == 45
    assert not any("CNSA2" in name or "2015-05" in name for name in overview.index)
    raised: Any = overview.loc["ELBSecurityPolicy-TLS13-1-2-Res-2021-06"]
    assert raised[["clients_breaking", "clients_at_risk"]].tolist() == [3, 2]
    assert raised[["connections_breaking", "share_of_clients_fitting"]].tolist() == [14, 3 / 8]
    assert overview.index[0] == "ELBSecurityPolicy-TLS13-1-0-2021-06"
    total = overview[["connections_breaking", "connections_at_risk", "connections_fitting"]]
    assert (total.sum(axis=1) == 30).all()


def test_of_no_connections_nothing_breaks() -> None:
    overview = policy_overview(frame_of(world()).head(0))
    assert len(overview) == 45
    assert (overview["clients_breaking"] == 0).all()


def test_policies_of_ones_own_are_in_it_but_not_those_of_other_load_balancers() -> None:
    told = {"SslPolicies": [
        described("ELBSecurityPolicy-Own", ["TLSv1.3"], ["TLS_AES_128_GCM_SHA256"]),
        {**described("ELBSecurityPolicy-Net", ["TLSv1.3"], ["TLS_AES_128_GCM_SHA256"]),
         "SupportedLoadBalancerTypes": ["network"]},
    ]}  # fmt: skip
    overview = policy_overview(frame_of(world()), policies=told)
    assert len(overview) == 46
    assert "ELBSecurityPolicy-Own" in set(overview["policy"])
    assert overview.attrs == {"from_policy": None, "clients_never_succeeded": 1}


def test_each_policy_is_judged_as_if_asked_for_alone() -> None:
    source = frame_of(world())
    for row in policy_overview(source).itertuples():
        alone = policy_impact(source, str(row.policy))
        connections = alone.groupby("verdict", observed=False)["connections"].sum()
        told = (row.connections_breaking, row.connections_at_risk, row.connections_fitting)
        assert tuple(connections[["breaks", "at risk", "fits"]]) == told
        clients = (row.clients_breaking, row.clients_at_risk, row.clients_fitting)
        names = ("clients_breaking", "clients_at_risk", "clients_fitting")
        assert tuple(alone.attrs[name] for name in names) == clients
