"""Who connects to the load balancers of ``policy_raised/``, and what each one's software offers.

What a client ends up with is not written down but negotiated, as a load balancer does it: the
highest protocol that both have, then the first cipher of the *policy* that the client has too.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """A security policy, as far as an RSA certificate goes: the best protocol and cipher first."""

    name: str
    protocols: tuple[str, ...]
    ciphers: tuple[str, ...]


BEFORE = Policy(
    "ELBSecurityPolicy-2016-08",
    ("TLSv1.2", "TLSv1.1", "TLSv1"),
    (
        "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-SHA256", "ECDHE-RSA-AES128-SHA",
        "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-SHA384", "ECDHE-RSA-AES256-SHA",
        "AES128-GCM-SHA256", "AES128-SHA256", "AES128-SHA",
        "AES256-GCM-SHA384", "AES256-SHA256", "AES256-SHA",
    ),
)  # fmt: skip
AFTER = Policy(
    "ELBSecurityPolicy-TLS13-1-2-2021-06",
    ("TLSv1.3", "TLSv1.2"),
    (
        "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
        "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-SHA256",
        "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-SHA384",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Software:
    """What a client offers: protocols, ciphers, and the group of its ephemeral key exchange."""

    name: str
    protocols: tuple[str, ...]
    ciphers: tuple[str, ...]
    group: str = "secp256r1"


def negotiate(software: Software, policy: Policy) -> tuple[str, str, str] | None:
    """Return protocol, cipher and group of a handshake, None where nothing is in common."""
    for protocol in policy.protocols:
        if protocol in software.protocols:
            break  # the version is chosen first, and not again
    else:
        return None
    for cipher in policy.ciphers:
        if cipher in software.ciphers and goes_with(cipher, protocol):
            has_group = cipher.startswith(("ECDHE", "TLS_"))
            return protocol, cipher, software.group if has_group else "-"
    return None


def goes_with(cipher: str, protocol: str) -> bool:
    """Say whether a cipher is one of that version: SHA-1 suites are of all up to 1.2."""
    if protocol == "TLSv1.3":
        return cipher.startswith("TLS_")
    return cipher.endswith("-SHA") or (protocol == "TLSv1.2" and not cipher.startswith("TLS_"))


GCM = ("ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384")
SHA1 = ("ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES256-SHA", "AES128-SHA", "AES256-SHA")
TLS13 = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")

BROWSER = Software("browser", ("TLSv1.3", "TLSv1.2"), TLS13 + GCM, "x25519")
HARDENED = Software(
    "hardened client", ("TLSv1.3", "TLSv1.2"), (TLS13[1], GCM[1], "ECDHE-RSA-AES256-SHA384")
)
JAVA_8 = Software("Java 8", ("TLSv1.2", "TLSv1.1", "TLSv1"), GCM + SHA1)
GCM_256 = Software("appliance", ("TLSv1.2",), (GCM[1], "AES256-SHA256"))
CBC = Software("Windows Server 2012", ("TLSv1.2", "TLSv1.1"), ("ECDHE-RSA-AES128-SHA256", *SHA1))
CBC_256 = Software("older appliance", ("TLSv1.2",), ("ECDHE-RSA-AES256-SHA384", SHA1[1]))

JAVA_7 = Software("Java 7", ("TLSv1",), SHA1)
JAVA_6 = Software("Java 6", ("TLSv1",), ("AES128-SHA",))
DOTNET = Software(".NET 4.0 on Windows Server 2003", ("TLSv1",), ("AES128-SHA", "AES256-SHA"))
ANDROID_4 = Software("Android 4", ("TLSv1",), SHA1)
TERMINAL = Software("payment terminal", ("TLSv1.1", "TLSv1"), SHA1)
TERMINAL_256 = Software("older payment terminal", ("TLSv1.1", "TLSv1"), ("AES256-SHA",))

NEW_TERMINAL = Software("payment terminal, new firmware", ("TLSv1.2",), GCM)

RSA_GCM = Software("batch job, RSA key exchange", ("TLSv1.2",), ("AES128-GCM-SHA256",), "-")
RSA_CBC = Software("batch job, RSA key exchange, CBC", ("TLSv1.2",), ("AES256-SHA256",), "-")


@dataclass(frozen=True)
class Client:
    """An ordinary client: one address, one software."""

    address: str
    software: Software = BROWSER


@dataclass(frozen=True)
class Device:
    """A client that comes by a timetable, and what becomes of it once it is locked out.

    Several devices may share an address: they are behind one NAT. ``tries`` is after how many
    failures it gives up, ``updated`` at what hour of the day it gets ``new_software``.
    """

    address: str
    software: Software
    every: int  # minutes
    tries: int | None = None
    updated: float | None = None
    new_software: Software = JAVA_8


STORES = "203.0.113"  # tills and terminals of stores, many behind a NAT
OLD = (
    Device(f"{STORES}.11", JAVA_7, 12), Device(f"{STORES}.11", JAVA_7, 17),
    Device(f"{STORES}.11", TERMINAL, 23),
    Device(f"{STORES}.12", JAVA_7, 14), Device(f"{STORES}.12", JAVA_7, 19),
    Device(f"{STORES}.13", TERMINAL, 16), Device(f"{STORES}.13", TERMINAL, 21, tries=12),
    Device(f"{STORES}.14", JAVA_7, 20), Device(f"{STORES}.15", JAVA_7, 26, tries=11),
    Device(f"{STORES}.16", TERMINAL, 18, updated=19.2, new_software=NEW_TERMINAL),
    Device(f"{STORES}.17", TERMINAL_256, 22), Device(f"{STORES}.18", TERMINAL_256, 31, tries=14),
    Device(f"{STORES}.19", TERMINAL, 24, updated=20.1, new_software=NEW_TERMINAL),
    Device("198.51.100.201", JAVA_6, 15), Device("198.51.100.202", DOTNET, 30, tries=9),
    Device("198.51.100.203", DOTNET, 35), Device("198.51.100.204", DOTNET, 40, tries=10),
    Device("198.51.100.205", JAVA_7, 27, updated=20.8),
    Device("198.51.100.206", JAVA_7, 33, updated=21.5, new_software=BROWSER),
    Device("192.0.2.211", ANDROID_4, 38, tries=7), Device("192.0.2.212", ANDROID_4, 29),
    Device("192.0.2.213", ANDROID_4, 42, tries=8), Device("192.0.2.214", ANDROID_4, 25),
    Device("192.0.2.215", JAVA_6, 36), Device("192.0.2.216", JAVA_7, 45, updated=22.3),
    Device("192.0.2.217", DOTNET, 28),
)  # fmt: skip

# TLS 1.2, but only with ciphers that the new policy lacks. They come every six hours, and so are
# found out four hours after everybody else.
BATCH = (
    Device("192.0.2.221", RSA_GCM, 360, tries=12),
    Device("192.0.2.222", RSA_GCM, 360, tries=9),
    Device("192.0.2.223", RSA_CBC, 360),
)
BATCH_STARTS = 15  # minutes after midnight

# They never get through, before or after: SSL 3.0 or RC4 alone, and people who try doors.
MISFITS = tuple(f"198.51.100.{host}" for host in range(221, 226)) + tuple(
    f"192.0.2.{host}" for host in range(231, 236)
)
SCANNERS = tuple(f"198.51.100.{host}" for host in range(250, 255))

# Old clients of the other load balancer, whose policy stays as it is: nothing happens to them.
OLD_ELSEWHERE = tuple(
    Device(f"203.0.113.{201 + place}", software, 25 + 4 * place)
    for place, software in enumerate((JAVA_7, JAVA_7, ANDROID_4, DOTNET, TERMINAL, JAVA_6))
)

_MIX = (
    (0.64, BROWSER), (0.68, HARDENED), (0.84, JAVA_8), (0.90, GCM_256), (0.96, CBC), (1.0, CBC_256)
)  # fmt: skip


def pool() -> list[Client]:
    """Return the ordinary clients, busiest first; every eighth speaks IPv6."""
    v4 = [f"198.51.100.{host}" for host in range(1, 180)]
    v4 += [f"192.0.2.{host}" for host in range(20, 200)]
    clients = []
    for index in range(320):
        address = v4[(index * 167) % len(v4)]
        if index % 8 == 3:
            address = f"2001:db8:{index % 5 + 1:x}:{index:x}::{index * 41 % 4093:x}"
        place = (index * 0.6180339887) % 1.0
        software = next(one for upto, one in _MIX if place < upto)
        clients.append(Client(address, software))
    return clients
