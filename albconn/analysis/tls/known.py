"""The two files of facts: security policies, and ciphers with key-exchange groups."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def load_known(name: str) -> dict[str, Any]:
    """Return what a file of ``data/`` holds."""
    return json.loads((files("albconn.analysis.tls") / "data" / name).read_text(encoding="utf-8"))
