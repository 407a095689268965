"""Who connects to the sample's load balancers, with what, and with which certificate.

Every address is of a documentation range; 203.0.113.0/24 belongs to the fleet alone.
"""

from __future__ import annotations

from dataclasses import dataclass

FLEET = [f"203.0.113.{host}" for host in range(10, 49)]


@dataclass(frozen=True)
class Certificate:
    """A client certificate as the log writes it: subject, validity and serial number."""

    subject: str
    not_before: str
    not_after: str
    serial: str


FLEET_SUBJECT = "CN=fleet-7,OU=devices,O=Example Fleet,C=US"
FLEET_OLD = Certificate(FLEET_SUBJECT, "2025-09-23T10:00:00Z", "2026-09-23T10:00:00Z", "03A5B1")
FLEET_NEW = Certificate(FLEET_SUBJECT, "2026-09-23T10:35:00Z", "2027-09-23T10:00:00Z", "03F20C")
UNTRUSTED = Certificate(
    "CN=test-rig,O=Example Lab,C=DE", "2026-01-10T00:00:00Z", "2036-01-08T00:00:00Z", "02"
)
PARTNERS = [
    Certificate(subject, f"{begins}Z", f"{ends}Z", serial)
    for subject, begins, ends, serial in (
        (r"serialNumber=X-1,GN=MARI,SN=M\C3\84NNIK,CN=M\C3\84NNIK\,MARI\,X-1,C=EE",
         "2025-02-01T00:00:00", "2028-01-31T23:59:59", "0B2C77E1"),
        ("CN=client_.example.com,OU=client-3,O=mTLS,ST=Washington,C=US",
         "2025-09-29T08:00:00", "2026-09-29T08:00:00", "FEF257372D5C14D4"),
        ("CN=pos-terminal-12,OU=stores,O=Example Retail,C=GB",
         "2025-10-15T12:00:00", "2026-10-15T12:00:00", "0A"),
        ("CN=Client Certificate,O=My Organization,L=tokyo,C=jp",
         "2025-12-01T00:00:00", "2026-12-01T00:00:00", "4E9D01C2A7B35F68"),
        (r"CN=billing,O=Example Partner\, Inc.,C=US",
         "2026-03-01T00:00:00", "2027-03-01T00:00:00",
         "5A1B9C3D7E2F40618293A4B5C6D7E8F901234567"),
        ("CN=demo-client-v1.local,OU=v1-current,O=Demo-Client",
         "2026-01-01T00:00:00", "2031-01-01T00:00:00", "01"),
        ("emailAddress=ops@example.com,CN=ops,O=Example,C=FR",
         "2026-05-05T05:05:05", "2027-05-05T05:05:05", "7F10"),
        ("CN=warehouse-3,OU=logistics,O=Example Freight,C=NL",
         "2026-06-01T00:00:00", "2027-06-01T00:00:00", "00C4E2"),
        ("CN=meter-gw,O=Example Energy,C=SE",
         "2024-11-11T00:00:00", "2029-11-11T00:00:00", "6B0F5D21AA"),
        ("CN=kiosk,OU=airport,O=Example Retail,C=GB",
         "2026-02-02T00:00:00", "2028-02-02T00:00:00", "33DD90"),
    )
]  # fmt: skip


@dataclass(frozen=True)
class Client:
    """What one client negotiates, the same every time it connects."""

    address: str
    protocol: str = "TLSv1.3"
    cipher: str = "TLS_AES_128_GCM_SHA256"
    keyexchange: str = "x25519"
    hybrid_from: float = 2.0  # share of clients that take up hybrid key exchange before it


def spread(index: int, ratio: float) -> float:
    """Return the index-th point of an evenly spread sequence in [0, 1)."""
    return (index * ratio) % 1.0


def pool() -> list[Client]:
    """Return the ordinary clients, busiest first; every tenth speaks IPv6."""
    v4 = [f"198.51.100.{host}" for host in range(1, 180)]
    v4 += [f"192.0.2.{host}" for host in range(40, 250)]
    old_ciphers = (
        (0.55, "ECDHE-RSA-AES128-GCM-SHA256"),
        (0.75, "ECDHE-RSA-AES256-GCM-SHA384"),
        (0.87, "ECDHE-RSA-AES128-SHA256"),
        (0.95, "ECDHE-RSA-AES128-SHA"),
        (1.00, "AES128-SHA"),
    )
    clients = []
    for index in range(420):
        address = v4[(index * 167) % len(v4)]
        if index % 10 == 4:
            address = f"2001:db8:{index % 7 + 1:x}:{index:x}::{index * 37 % 4093:x}"
        place = spread(index, 0.7548776662)
        if spread(index, 0.6180339887) < 0.23:
            cipher = next(name for upto, name in old_ciphers if place < upto)
            group = "-" if cipher == "AES128-SHA" else ("x25519", "secp256r1")[place < 0.6]
            clients.append(Client(address, "TLSv1.2", cipher, group))
        else:
            suites = (
                "TLS_AES_128_GCM_SHA256",
                "TLS_AES_256_GCM_SHA384",
                "TLS_CHACHA20_POLY1305_SHA256",
            )
            suite = suites[(place > 0.88) + (place > 0.96)]
            ahead = spread(index, 0.5698402910)
            group = "secp256r1" if ahead > 0.93 else "x25519"
            clients.append(Client(address, "TLSv1.3", suite, group, ahead))
    return clients
