"""Whose certificates they are: the subject, or the organization that many subjects share."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import NamedTuple, TypeVar

from albconn.analysis.counting.bursts import within
from albconn.analysis.counting.counts import Counting
from albconn.analysis.outages.causes import Named, taken
from albconn.analysis.tls.subjects import subject_parts
from albconn.times import Window, moment_of

_T = TypeVar("_T")
SUBJECT = "leaf_client_cert_subject"
NEARLY_ALL = 0.9  # of the failures, that share something


class Presented(NamedTuple):
    """The certificates of the failures of an incident.

    Attributes
    ----------
    subjects : int
        Different ones.
    subject : str or None
        The one that nearly all failures present.
    organization : str or None
        The O that nearly all share.
    not_after : datetime or None
        When those of nearly all failures end, where that is one moment.
    """

    subjects: int = 0
    subject: str | None = None
    organization: str | None = None
    not_after: datetime | None = None


def presented(counting: Counting, cause: Named, window: Window) -> Presented:
    """Return whose certificates the failures of a cause presented."""
    if not counting.has([SUBJECT]):
        return Presented()
    ends = "cert_not_after" if counting.has(["cert_not_after"]) else "NULL::TIMESTAMPTZ"
    rows = counting.database.sql(
        f"SELECT {SUBJECT}, epoch_us({ends}), count(*) FROM connections WHERE outcome = 'failed' "
        f"AND {SUBJECT} IS NOT NULL AND {within(window)} AND {taken(cause)} GROUP BY ALL"
    ).fetchall()
    subjects: Counter[str] = Counter()
    organizations: Counter[str] = Counter()
    moments: Counter[int] = Counter()
    for subject, moment, failures in rows:
        subjects[subject] += failures
        organizations[subject_parts(subject).get("O", "")] += failures
        moments[moment or 0] += failures
    moment = _shared(moments)
    return Presented(
        len(subjects),
        _shared(subjects),
        _shared(organizations) or None,
        None if not moment else moment_of(moment),
    )


def _shared(counts: Counter[_T]) -> _T | None:
    """Return what nearly all share; None where there is no such thing."""
    if not counts:
        return None
    value, most = counts.most_common(1)[0]
    return value if most >= NEARLY_ALL * counts.total() else None
