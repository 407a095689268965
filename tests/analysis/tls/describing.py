"""Security policies as ``aws elbv2 describe-ssl-policies`` prints them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def described(name: str, protocols: Sequence[str], ciphers: Sequence[str]) -> dict[str, Any]:
    return {
        "SslProtocols": list(protocols),
        "Ciphers": [{"Name": cipher, "Priority": n} for n, cipher in enumerate(ciphers, 1)],
        "Name": name,
        "SupportedLoadBalancerTypes": ["application", "network"],
    }
