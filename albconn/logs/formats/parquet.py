"""Parquet: delivered by CloudWatch with texts in all columns, or exported with types.

The columns' names say what they are; those with ``-`` in AWS's name have ``_``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from albconn.logs.lines.layout import Layout
from albconn.logs.lines.naming import is_described, names_of
from albconn.schema.table import LogTable

NAME = "parquet"
MAGIC = b"PAR1"


def recognises(head: bytes) -> bool:
    """Say whether a file begins as Parquet does."""
    return head.startswith(MAGIC)


def describe(keys: Sequence[str], table: LogTable) -> Layout | None:
    """Return what columns of these names are, None where they are no table's row."""
    return _layout(tuple(keys), table) if is_described(keys, table) else None


@lru_cache(maxsize=256)
def _layout(keys: tuple[str, ...], table: LogTable) -> Layout:
    return Layout(
        table, names_of(keys, table), 1, format=NAME, keys=keys, form="object", zone="utc"
    )
