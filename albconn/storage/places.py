"""Whether a location is a local path or a store's URL."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

StorageOptions = dict[str, Any] | None


def is_remote(location: str) -> bool:
    """Say whether a location names a store (``s3://…``), not a local path."""
    return "://" in location and not location.startswith(("file://", "local://"))


def has_magic(location: str) -> bool:
    """Say whether a location is a glob."""
    return any(character in location for character in "*?[")


def local_path(location: str) -> Path:
    """Return the path of a local location, with ``~`` expanded."""
    for scheme in ("file://", "local://"):
        location = location.removeprefix(scheme)
    return Path(os.path.expanduser(location))  # noqa: PTH111  (Path's own fails for ~nobody)
