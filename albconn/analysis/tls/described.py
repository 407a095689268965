"""A user's own security policies: what ``aws elbv2 describe-ssl-policies`` prints.

AWS adds policies faster than a toolkit is released. Those in the answer stand beside the shipped
ones, and in place of those of the same name. ::

    {"SslPolicies": [{"Name": "ELBSecurityPolicy-…", "SslProtocols": ["TLSv1.2", "TLSv1.3"],
                      "Ciphers": [{"Name": "TLS_AES_128_GCM_SHA256", "Priority": 1}, …],
                      "SupportedLoadBalancerTypes": ["application", "network"]}, …]}

What the answer does not say is read from names: AWS puts PQ and FIPS into those of such policies.

References
----------
AWS, Elastic Load Balancing API, ``SslPolicy`` and ``Cipher``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from albconn.analysis.tls.policies import Policy, policies
from albconn.arguments import Json, json_object
from albconn.errors import SHOWN_CHARACTERS, TableError, shown

PoliciesJson = Json
_COMMAND = "aws elbv2 describe-ssl-policies"
_FORWARD_SECRET = ("TLS_", "ECDHE-", "DHE-")


def known_policies(described: PoliciesJson | None) -> Mapping[str, Policy]:
    """Return all known policies by name: the shipped ones, and those of the user's own JSON.

    Raises
    ------
    TableError
        It is not what ``aws elbv2 describe-ssl-policies`` prints.

    Examples
    --------
    >>> told = {"SslPolicies": [{"Name": "ELBSecurityPolicy-New", "SslProtocols": ["TLSv1.3"],
    ...     "Ciphers": [{"Name": "TLS_AES_128_GCM_SHA256", "Priority": 1}]}]}
    >>> known_policies(told)["ELBSecurityPolicy-New"].ciphers
    ('TLS_AES_128_GCM_SHA256',)
    """
    if described is None:
        return policies()
    told = json_object("policies", described)
    if "SslPolicies" not in told:
        raise TableError(f"policies: keys {shown(list(told))} are not of {_COMMAND} (SslPolicies)")
    own = [_policy(f"SslPolicies[{n}]", one) for n, one in enumerate(_list(told, "SslPolicies"))]
    return {**policies(), **{policy.name: policy for policy in own}}


def _policy(where: str, told: Any) -> Policy:
    name = _text(told, "Name", where)
    where = f"{where} ({name[:SHOWN_CHARACTERS]})"
    ciphers, types = _ciphers(where, told), told.get("SupportedLoadBalancerTypes")
    return Policy(
        name=name,
        protocols=tuple(sorted(map(str, _list(told, "SslProtocols", where)), reverse=True)),
        ciphers=ciphers,
        post_quantum="-PQ-" in name,
        fips="-FIPS-" in name,
        forward_secrecy_only=all(cipher.startswith(_FORWARD_SECRET) for cipher in ciphers),
        is_of_alb=not isinstance(types, list | tuple) or "application" in types,
    )


def _ciphers(where: str, told: Any) -> tuple[str, ...]:
    """Return the names of a policy's ciphers, the most preferred (priority 1) first."""
    ranked = []
    for n, cipher in enumerate(_list(told, "Ciphers", where)):
        name, priority = _text(cipher, "Name", f"{where}.Ciphers[{n}]"), cipher.get("Priority")
        if not isinstance(priority, int):
            raise _wrong(f"{where}.Ciphers[{n}].Priority", f"{shown(priority)} is not a number")
        ranked.append((priority, n, name))
    return tuple(name for _, _, name in sorted(ranked))


def _list(told: Any, key: str, where: str = "") -> list[Any]:
    """Return a list that is not empty."""
    value = told.get(key) if isinstance(told, Mapping) else None
    if not isinstance(value, list | tuple) or not value:
        raise _wrong(f"{where}.{key}".lstrip("."), f"{shown(value)} is not a list of any")
    return list(value)


def _text(told: Any, key: str, where: str) -> str:
    value = told.get(key) if isinstance(told, Mapping) else None
    if not isinstance(value, str) or not value:
        raise _wrong(f"{where}.{key}", f"{shown(value)} is not a name")
    return value


def _wrong(where: str, what: str) -> TableError:
    return TableError(f"policies: {where}: {what}; give what {_COMMAND} printed")
