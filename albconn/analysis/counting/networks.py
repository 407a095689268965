"""Addresses become networks.

IPv4 is computed by DuckDB, column-wise: there can be millions of different addresses. IPv6 text
has too many spellings for SQL; its different values are computed here and joined. An address
that is masked (``54.92.36.xxx``) or no address at all keeps its text.
"""

from __future__ import annotations

import ipaddress
import socket
from functools import lru_cache

import pyarrow as pa

from albconn.analysis.counting.counts import Counting
from albconn.arguments import whole

_MAPPED = b"\x00" * 10 + b"\xff\xff"  # ::ffff:203.0.113.7 is an IPv4 client on an IPv6 socket
_OCTET = "(0|[1-9][0-9]{0,2})"
_IPV4 = rf"^{_OCTET}\.{_OCTET}\.{_OCTET}\.{_OCTET}$"
_SHIFTS = (24, 16, 8, 0)


def check_prefixes(ipv4_prefix: int, ipv6_prefix: int) -> tuple[int, int]:
    """Return the lengths of networks that count as one client [bits].

    Raises
    ------
    TableError
        One is no whole number, or out of range.
    """
    return whole("ipv4_prefix", ipv4_prefix, 0, 32), whole("ipv6_prefix", ipv6_prefix, 0, 128)


def network_query(counting: Counting, table: str, *, ipv4_prefix: int, ipv6_prefix: int) -> str:
    """Return a query of ``table`` (with a column ``client_ip``) that adds a column ``client``.

    ``client`` is the address as it is where the prefix is the whole address, else the network.
    An IPv4 address mapped into IPv6 goes by the IPv4 prefix.
    """
    if ipv4_prefix == 32 and ipv6_prefix == 128:
        return f"SELECT *, client_ip AS client FROM {table}"
    counting.database.register(
        "ipv6_networks", _ipv6_networks(counting, table, ipv4_prefix, ipv6_prefix)
    )
    return (
        f"SELECT counted.*, coalesce({_ipv4_network(ipv4_prefix)}, network, client_ip) AS client "
        f"FROM {table} AS counted LEFT JOIN ipv6_networks ON client_ip = address"
    )


def _ipv4_network(prefix: int) -> str:
    """Return SQL for an IPv4 address's network; null where it is none."""
    if prefix == 32:
        return "NULL"
    parts = [f"try_cast(split_part(client_ip, '.', {n}) AS UTINYINT)" for n in (1, 2, 3, 4)]
    # A part above 255 is null, and so is the sum.
    number = " + ".join(
        f"({part}::BIGINT << {shift})" for part, shift in zip(parts, _SHIFTS, strict=True)
    )
    mask = (0xFFFFFFFF << (32 - prefix)) & 0xFFFFFFFF
    octets = " || '.' || ".join(
        f"(((({number}) & {mask}) >> {shift}) & 255)::VARCHAR" for shift in _SHIFTS
    )
    return f"CASE WHEN regexp_matches(client_ip, '{_IPV4}') THEN {octets} || '/{prefix}' END"


def _ipv6_networks(counting: Counting, table: str, ipv4_prefix: int, ipv6_prefix: int) -> pa.Table:
    addresses = counting.table(
        f"SELECT DISTINCT client_ip AS address FROM {table} WHERE contains(client_ip, ':')"
    )["address"]
    networks = [
        ipv6_network(text, ipv4_prefix=ipv4_prefix, ipv6_prefix=ipv6_prefix)
        for text in addresses.to_pylist()
    ]
    return pa.table({"address": addresses, "network": pa.array(networks, pa.string())})


def ipv6_network(address: str, *, ipv4_prefix: int, ipv6_prefix: int) -> str | None:
    """Return the network of an IPv6 address as text; None where its text is to stay.

    Examples
    --------
    >>> ipv6_network("2001:db8:0:1::7", ipv4_prefix=24, ipv6_prefix=64)
    '2001:db8:0:1::/64'
    >>> ipv6_network("::ffff:203.0.113.7", ipv4_prefix=24, ipv6_prefix=64)
    '203.0.113.0/24'
    """
    try:
        packed = socket.inet_pton(socket.AF_INET6, address)
    except (OSError, ValueError):
        return None
    prefix, packed = (
        (ipv4_prefix, packed[12:]) if packed.startswith(_MAPPED) else (ipv6_prefix, packed)
    )
    bits = len(packed) * 8
    if prefix == bits:
        return None
    number = int.from_bytes(packed) >> (bits - prefix) << (bits - prefix)
    return f"{_text(number.to_bytes(len(packed)))}/{prefix}"


@lru_cache(maxsize=65_536)
def _text(packed: bytes) -> str:
    return str(ipaddress.ip_address(packed))
