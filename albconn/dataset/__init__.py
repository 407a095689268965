"""Tables become Parquet by date: written exactly once, read as committed, provable.

Names load their module on first use, so that ``convert`` imports nothing that reads.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

_HOME = {
    "Conversion": "conversion",
    "convert": "converting",
    "CheckResult": "checking",
    "check": "checking",
    "Compaction": "compacting",
    "compact": "compacting",
    "ddl": "contract",
    "schema_json": "contract",
    "schema_markdown": "contract",
    "open_dataset": "read",
    "read_dataset": "read",
}

if TYPE_CHECKING:
    from albconn.dataset.checking import CheckResult, check
    from albconn.dataset.compacting import Compaction, compact
    from albconn.dataset.contract import ddl, schema_json, schema_markdown
    from albconn.dataset.conversion import Conversion
    from albconn.dataset.converting import convert
    from albconn.dataset.read import open_dataset, read_dataset

__all__ = [
    "CheckResult",
    "Compaction",
    "Conversion",
    "check",
    "compact",
    "convert",
    "ddl",
    "open_dataset",
    "read_dataset",
    "schema_json",
    "schema_markdown",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'albconn.dataset' has no attribute {name!r}")
    value = getattr(import_module(f"albconn.dataset.{_HOME[name]}"), name)
    globals()[name] = value
    return value
