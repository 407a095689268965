"""Key-exchange groups: their usual spelling, and which resist quantum computers."""

from __future__ import annotations

from functools import cache

from albconn.analysis.tls.known import load_known


@cache
def groups() -> dict[str, tuple[str, bool]]:
    """Return key-exchange groups by lower-case name: usual spelling, and if it is post-quantum."""
    known = load_known("ciphers_and_groups.json")["groups"]
    return {name.lower(): (name, told["pq"]) for name, told in known.items()}


def is_post_quantum(group: str) -> bool:
    """Say whether a key-exchange group resists quantum computers; also one not known yet.

    Examples
    --------
    >>> is_post_quantum("x25519mlkem768"), is_post_quantum("x25519"), is_post_quantum("MLKEM512")
    (True, False, True)
    """
    known = groups().get(group.lower())
    return known[1] if known else "mlkem" in group.lower()
