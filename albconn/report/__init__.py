"""Pictures become a page."""

from albconn.report.report import Report, write_report

__all__ = ["Report", "write_report"]
