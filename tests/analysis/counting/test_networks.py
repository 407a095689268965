"""Networks of addresses, against the standard library's."""

from __future__ import annotations

import ipaddress
from collections import Counter

from hypothesis import given, settings, strategies as st

from albconn import failing_clients
from albconn.analysis.counting.networks import ipv6_network
from worlds.rows import connection, frame_of


def test_networks() -> None:
    addresses = [
        "203.0.113.7", "203.0.113.255", "::ffff:203.0.113.9", "2001:db8:0:1::1",
        "2001:DB8:0:1:ffff::", "54.92.36.xxx", "256.1.1.1", "010.1.1.1", "1.2.3", "fe80::1%eth0",
    ]  # fmt: skip
    rows = [connection(n, "A", client_ip=address) for n, address in enumerate(addresses)]
    clients = failing_clients(frame_of(rows), ipv4_prefix=24, ipv6_prefix=64)
    assert dict(zip(clients["client_ip"], clients["failures"], strict=True)) == {
        "203.0.113.0/24": 3, "2001:db8:0:1::/64": 2, "54.92.36.xxx": 1, "256.1.1.1": 1,
        "010.1.1.1": 1, "1.2.3": 1, "fe80::1%eth0": 1,
    }  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(st.lists(st.ip_addresses(v=4), min_size=1, max_size=20), st.integers(0, 31))
def test_ipv4_networks_are_those_of_the_standard_library(
    addresses: list[ipaddress.IPv4Address], prefix: int
) -> None:
    rows = [connection(0, "A", client_ip=str(address)) for address in addresses]
    clients = failing_clients(frame_of(rows), ipv4_prefix=prefix, top=50)
    expected = Counter(str(ipaddress.ip_network((ip, prefix), strict=False)) for ip in addresses)
    assert dict(zip(clients["client_ip"], clients["failures"], strict=True)) == expected


@given(st.ip_addresses(v=6), st.integers(0, 127))
def test_ipv6_networks_are_those_of_the_standard_library(
    address: ipaddress.IPv6Address, prefix: int
) -> None:
    if address.ipv4_mapped is None:
        expected = ipaddress.ip_network((address, prefix), strict=False)
        assert ipv6_network(str(address), ipv4_prefix=24, ipv6_prefix=prefix) == str(expected)
