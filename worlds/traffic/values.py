"""What real logs hold: manners of speaking TLS, reasons of failure, names."""

from __future__ import annotations

from typing import NamedTuple

from worlds.lines import UNMAPPED


class Manner(NamedTuple):
    """What a client and a load balancer agree on, and how common that is."""

    protocol: str
    cipher: str
    group: str | None
    share: float


GCM, SHA = "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-SHA"
MANNERS = (
    Manner("TLSv1.3", "TLS_AES_128_GCM_SHA256", "X25519MLKEM768", 0.22),
    Manner("TLSv1.3", "TLS_AES_128_GCM_SHA256", "x25519", 0.27),
    Manner("TLSv1.3", "TLS_AES_256_GCM_SHA384", "x25519", 0.10),
    Manner("TLSv1.3", "TLS_AES_256_GCM_SHA384", "X25519MLKEM768", 0.03),
    Manner("TLSv1.3", "TLS_CHACHA20_POLY1305_SHA256", "x25519", 0.03),
    Manner("TLSv1.3", "TLS_AES_128_GCM_SHA256", "secp256r1", 0.03),
    Manner("TLSv1.2", GCM, "secp256r1", 0.11),
    Manner("TLSv1.2", GCM, "x25519", 0.05),
    Manner("TLSv1.2", "ECDHE-RSA-AES256-GCM-SHA384", "secp384r1", 0.03),
    Manner("TLSv1.2", "ECDHE-RSA-AES128-SHA256", "secp256r1", 0.03),
    Manner("TLSv1.2", "ECDHE-RSA-AES256-SHA", "secp256r1", 0.02),
    Manner("TLSv1.2", "AES128-GCM-SHA256", None, 0.02),
    Manner("TLSv1.2", "AES256-SHA", None, 0.01),
    Manner("TLSv1.1", SHA, "secp256r1", 0.02),
    Manner("TLSv1", SHA, "secp256r1", 0.02),
    Manner("TLSv1", "AES128-SHA", None, 0.01),
)
OLD = tuple(n for n, m in enumerate(MANNERS) if m.protocol in ("TLSv1.1", "TLSv1"))
MODERN = tuple(n for n, m in enumerate(MANNERS) if m.protocol in ("TLSv1.3", "TLSv1.2"))
FLEETS = tuple(n for n, m in enumerate(MANNERS) if m.group and n not in OLD)  # of devices
HYBRID = {1: 0, 2: 3}  # what x25519 becomes once a client learns the post-quantum group

CODE = "ClientCert"
REASONS = (
    UNMAPPED,
    "ClientCertUntrusted",
    "ClientCertExpired",
    "ClientCertNotYetValid",
    "ClientCertCrlHit",
    "ClientCertCrlProcessingError",
    "ClientCertInvalid",
    "ClientCertRejected",
    "ClientCertPurposeInvalid",
    "ClientCertTypeUnsupported",
)
# What fails on an ordinary day on a listener that asks for certificates.
PASSING = (UNMAPPED, "ClientCertCrlProcessingError", "ClientCertInvalid", "ClientCertRejected")
PASSING_SHARES = (0.7, 0.1, 0.1, 0.1)
MISFITTING = (
    "ClientCertUntrusted",
    "ClientCertExpired",
    "ClientCertPurposeInvalid",
    UNMAPPED,
)

BALANCERS = (
    "app/shop/50dc6c495c0c9188",
    "app/api/8f1b2c3d4e5f6a7b",
    "app/admin-tools/0c3d9e1f2a4b5c6d",
    "app/partner-gateway/a1b2c3d4e5f60718",
    "app/static/3e4f5a6b7c8d9e0f",
    "app/billing-eu/9d8c7b6a5f4e3d2c",
)
# What an unmapped failure logs: the load balancer's own, never the client's.
PLACEHOLDERS = (GCM, "ECDHE-ECDSA-AES128-GCM-SHA256")
ORGANIZATIONS = (
    ("Example Fleet", "devices"),
    ("Kyoto Meters", "meters"),
    ("Nordwind Logistik", "scanners"),
    ("Acme Payments", "terminals"),
    ("Helio Kiosk", "kiosks"),
    ("Blue Harbor Bank", "branches"),
)


def code(reason: str) -> int:
    """Return a reason's number."""
    return REASONS.index(reason)
