"""Attributes of connections, and the combinations of their values that occur.

A load balancer's nodes are its own, and ciphers go with protocols; beyond that, attributes hang
together because there are kinds of clients: each kind has favourite values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from worlds.traffic.logged import category
from worlds.traffic.values import BALANCERS, GCM, ORGANIZATIONS, SHA

CHILDREN = {"ip_address": "elb", "tls_cipher": "tls_protocol"}
_CIPHERS = {
    "TLSv1.3": ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
                "TLS_CHACHA20_POLY1305_SHA256"),
    "TLSv1.2": (GCM, "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-SHA256"),
    "TLSv1.1": (SHA, "ECDHE-RSA-AES256-SHA"),
    "TLSv1": (SHA, "AES128-SHA"),
}  # fmt: skip
_GROUPS = ("x25519", "X25519MLKEM768", "secp256r1", "secp384r1")
_PORTS = ("443", "8443", "9443", "10443")
ELSEWHERE = 3000  # clients where networks are no attribute


@dataclass(frozen=True)
class Leaves:
    """Combinations of values, with weights of sum 1 and usual failure rates.

    ``values`` has the possible values of each attribute, ``codes`` their numbers by leaf.
    """

    values: dict[str, list[str]]
    codes: dict[str, np.ndarray]
    weights: np.ndarray
    rates: np.ndarray

    def value_of(self, name: str, leaf: int) -> str:
        """Return the value of an attribute at a leaf."""
        return self.values[name][int(self.codes[name][leaf])]

    def where(self, named: Mapping[str, str]) -> np.ndarray:
        """Return which leaves have all of these values."""
        there = np.ones(len(self.weights), bool)
        for name, value in named.items():
            there &= self.codes[name] == self.values[name].index(value)
        return there

    def columns(self, random: np.random.Generator, leaf: np.ndarray) -> dict[str, pa.Array]:
        """Return the columns of connections of these leaves; networks become addresses."""
        columns: dict[str, pa.Array] = {}
        for name, values in self.values.items():
            codes = self.codes[name][leaf]
            if name == "listener_port":
                columns[name] = pa.array(np.array(values, "int32")[codes])
            elif name != "client_network":
                columns[name] = category(codes, values)
        columns["client_ip"] = self._addresses(random, leaf)
        columns["client_port"] = pa.array(random.integers(1024, 65536, len(leaf)).astype("int32"))
        return columns

    def _addresses(self, random: np.random.Generator, leaf: np.ndarray) -> pa.Array:
        if "client_network" not in self.values:
            hosts = [f"198.18.{n // 250}.{n % 250 + 1}" for n in range(ELSEWHERE)]
            uneven = (random.random(len(leaf)) ** 2 * ELSEWHERE).astype(int)
            return category(uneven, hosts)
        networks = [network.removesuffix("0/24") for network in self.values["client_network"]]
        hosts = [f"{network}{host}" for network in networks for host in range(1, 41)]
        host = (random.random(len(leaf)) ** 2 * 40).astype(int)
        return category(self.codes["client_network"][leaf] * 40 + host, hosts)


def draw_leaves(random: np.random.Generator) -> Leaves:
    """Return leaves of four to six attributes, some hundred of them."""
    values = _draw_values(random)
    count = int(random.integers(300, 1200))
    kinds = random.integers(0, int(random.integers(4, 12)), count)
    codes = {name: _draw_codes(random, len(of), kinds) for name, of in values.items()}
    for child, parent in CHILDREN.items():
        if child in values and parent in values:
            codes[child] = _of_parent(random, values, codes[parent], child, parent)
    stacked, place = np.unique(np.column_stack(list(codes.values())), axis=0, return_inverse=True)
    weights = np.bincount(place.ravel(), random.gamma(0.5, 1, count) + 0.02)
    usual = float(np.exp(random.uniform(np.log(0.002), np.log(0.01))))
    return Leaves(
        values=values,
        codes={name: stacked[:, n] for n, name in enumerate(codes)},
        weights=weights / weights.sum(),
        rates=np.minimum(usual * random.gamma(1.5, 1 / 1.5, len(weights)), 0.2),
    )


def _draw_values(random: np.random.Generator) -> dict[str, list[str]]:
    """Return four to six attributes and their values; a child never without its parent."""
    elbs = list(BALANCERS[: int(random.integers(3, 7))])
    subjects = [f"CN={unit},O={o},C=US" for o, unit in ORGANIZATIONS]
    subjects += [f"CN={unit}-2,OU=more,O={o},C=DE" for o, unit in ORGANIZATIONS]
    possible = {
        "elb": elbs,
        "ip_address": [f"10.0.{n % 3 + 1}.{20 + n}" for n in range(3 * len(elbs))],
        "listener_port": list(_PORTS[: int(random.integers(2, 5))]),
        "tls_protocol": list(_CIPHERS),
        "tls_cipher": sorted({cipher for some in _CIPHERS.values() for cipher in some}),
        "tls_keyexchange": list(_GROUPS),
        "leaf_client_cert_subject": subjects[: int(random.integers(4, 13))],
        "client_network": [f"100.64.{n}.0/24" for n in range(int(random.integers(8, 40)))],
    }
    chosen = set(random.choice(list(possible), int(random.integers(4, 7)), replace=False))
    for child, parent in CHILDREN.items():
        if child in chosen and parent not in chosen:
            chosen = (chosen - {child}) | {parent}
    spare = [n for n in ("elb", "listener_port", "tls_protocol", "client_network")
             if n not in chosen]  # fmt: skip
    chosen |= set(spare[: max(4 - len(chosen), 0)])
    return {name: values for name, values in possible.items() if name in chosen}


def _draw_codes(random: np.random.Generator, values: int, kinds: np.ndarray) -> np.ndarray:
    """Return a value by leaf: the favourite of its kind of clients, or any, the first ones more."""
    weights = np.arange(1, values + 1) ** -float(random.uniform(0.5, 1.2))
    weights = random.permutation(weights / weights.sum())
    favourite = random.choice(values, int(kinds.max()) + 1, p=weights)
    anything = random.choice(values, len(kinds), p=weights)
    is_favourite = random.random(len(kinds)) < random.uniform(0.0, 0.6)
    return np.where(is_favourite, favourite[kinds], anything)


def _of_parent(
    random: np.random.Generator,
    values: dict[str, list[str]],
    parents: np.ndarray,
    child: str,
    parent: str,
) -> np.ndarray:
    """Return for each leaf a child that goes with its parent's value."""
    drawn = random.random(len(parents)) ** 1.5
    if child == "ip_address":
        return parents * 3 + (drawn * 3).astype(int)
    families = [[values[child].index(c) for c in _CIPHERS[p]] for p in values[parent]]
    return np.array(
        [families[p][int(u * len(families[p]))] for p, u in zip(parents, drawn, strict=True)]
    )
