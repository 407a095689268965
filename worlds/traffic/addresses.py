"""Networks and addresses of clients: IPv4 /24, IPv6 /48 and /64, and what masks leave of them."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from ipaddress import ip_address, ip_network

import numpy as np

_BLOCKS = [*range(0x6440, 0x6480), 0xC612, 0xC613]  # 100.64/10 and 198.18/15


class Networks:
    """A source of networks that gives each once."""

    def __init__(self, random: np.random.Generator) -> None:
        self._fours = iter(random.permutation(len(_BLOCKS) * 256))
        self._sixes = iter(random.permutation(0xFFFF))

    def four(self) -> str:
        """Return a /24 by its first three numbers: ``"100.64.3"``."""
        n = int(next(self._fours))
        block = _BLOCKS[n // 256]
        return f"{block >> 8}.{block & 0xFF}.{n % 256}"

    def six(self) -> str:
        """Return a /48 by its first three groups: ``"2001:db8:4f2a"``."""
        return f"2001:db8:{int(next(self._sixes)) + 1:x}"


def hosts_of(random: np.random.Generator, network: str, count: int) -> list[str]:
    """Return different addresses of a network, as ``Networks`` gives it."""
    if ":" not in network:
        hosts = random.choice(np.arange(1, 255), min(count, 254), replace=False)
        return [f"{network}.{hosts[n % len(hosts)]}" for n in range(count)]
    subnets = random.integers(0, max(count // 3, 1), count)  # some share a /64
    return [f"{network}:{subnet:x}::{n + 16:x}" for n, subnet in enumerate(subnets)]


def networks_of(address: str) -> tuple[str, str]:
    """Return an address' narrow and wide network: the /24 twice, or the /64 and the /48.

    Examples
    --------
    >>> networks_of("100.64.3.7")
    ('100.64.3.0/24', '100.64.3.0/24')
    >>> networks_of("2001:db8:4f2a:1::10")
    ('2001:db8:4f2a:1::/64', '2001:db8:4f2a::/48')
    """
    if ":" not in address:
        narrow = address.rpartition(".")[0] + ".0/24"
        return narrow, narrow
    return (
        str(ip_network(f"{address}/64", strict=False)),
        str(ip_network(f"{address}/48", strict=False)),
    )


def shown_network(network: str) -> str:
    """Return the text of a whole network that ``Networks`` gave."""
    return f"{network}::/48" if ":" in network else f"{network}.0/24"


def masked(addresses: list[str], how: str) -> Iterator[str]:
    """Yield addresses as a mask leaves them.

    ``"xxx"`` as in published samples, ``"zero"`` with the host cut off, ``"token"`` as
    pseudonyms.
    """
    for address in addresses:
        if how == "token":
            yield sha256(b"k" + ip_address(address).packed).hexdigest()[:32]
        elif ":" in address:
            wide = networks_of(address)[1].removesuffix("/48")
            yield wide + ("xxxx" if how == "xxx" else "")
        else:
            yield address.rpartition(".")[0] + (".xxx" if how == "xxx" else ".0")
