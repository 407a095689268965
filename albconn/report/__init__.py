"""Pictures become a page; before they are drawn, the finding is a few sentences.

The names are loaded when they are first used: who only draws needs no database.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from albconn.report.report import Report, write_report
    from albconn.report.short import Summary, summary

__all__ = ["Report", "Summary", "summary", "write_report"]
_HOMES = {
    "Report": "albconn.report.report",
    "write_report": "albconn.report.report",
    "Summary": "albconn.report.short",
    "summary": "albconn.report.short",
}


def __getattr__(name: str) -> Any:
    """Load a public name."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return found
