"""What a failure reason means, and what to do next: a line each, with AWS's own page.

The set of reasons is open: of one that is not known here, AWS's list is given.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import NamedTuple

ALL_REASONS = (
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/"
    "load-balancer-connection-logs.html"
)


class Meaning(NamedTuple):
    """What a failure reason means, what to do next, and where AWS writes of it."""

    meaning: str
    next_step: str
    url: str


def meaning_of(reason: str) -> Meaning:
    """Return what a failure reason means.

    Examples
    --------
    >>> meaning_of("ClientCertExpired").meaning
    "The client's certificate has ended."
    >>> meaning_of("NewInTheYear2031").meaning
    'A reason that albconn does not know yet.'
    """
    unknown = Meaning("A reason that albconn does not know yet.", "Look it up.", ALL_REASONS)
    return known_reasons().get(reason, unknown)


@cache
def known_reasons() -> dict[str, Meaning]:
    """Return what is known of failure reasons, by their code."""
    text = (files("albconn.report") / "data" / "failure_reasons.json").read_text("utf-8")
    return {reason: Meaning(**told) for reason, told in json.loads(text).items()}
