"""Certificates of clients: subject, validity and serial number, a row each."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np


@dataclass
class Certificates:
    """A growing table of certificates; a client holds one by its number."""

    subjects: list[str] = field(default_factory=list)
    not_before: list[datetime] = field(default_factory=list)
    not_after: list[datetime] = field(default_factory=list)
    serials: list[str] = field(default_factory=list)

    def add(self, subject: str, start: datetime, end: datetime, serial: str) -> int:
        """Add a certificate and return its number."""
        self.subjects.append(subject)
        self.not_before.append(start.replace(microsecond=0))
        self.not_after.append(end.replace(microsecond=0))
        self.serials.append(serial)
        return len(self.subjects) - 1

    def validity(self) -> list[str]:
        """Return the validity of each, as logged."""
        return [
            f"NotBefore={start:%Y-%m-%dT%H:%M:%SZ};NotAfter={end:%Y-%m-%dT%H:%M:%SZ}"
            for start, end in zip(self.not_before, self.not_after, strict=True)
        ]


def serial_of(random: np.random.Generator) -> str:
    """Return a serial number: mostly 16 or 20 bytes, sometimes a small authority's counter."""
    size = int(random.choice([2, 16, 20]))
    return random.bytes(size).hex().upper()


def validity_of(random: np.random.Generator, begin: datetime) -> tuple[datetime, datetime]:
    """Return a validity of a year or more that began before and ends long after the data."""
    start = begin - timedelta(days=float(random.uniform(20, 300)))
    return start, begin + timedelta(days=float(random.uniform(60, 700)))
