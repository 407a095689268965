"""What stands on the line of an incident: when it was, how many it hit, and of what."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pandas as pd

from albconn.charts.drawing.labels import label_of
from albconn.charts.drawing.timeaxis import in_zone
from albconn.charts.drawing.told import told
from albconn.words import counted, instant, percent

SLOW = "slow handshakes"


def when_told(row: pd.Series, zone: ZoneInfo) -> str:
    """Return when it was, or since when it is."""
    start, end = (in_zone(row[name], zone) for name in ("start", "end"))
    if row["going_on"]:
        return f"since {instant(start)}"
    return f"{instant(start)} – {end:{'%H:%M' if start.date() == end.date() else '%Y-%m-%d %H:%M'}}"


def facts_told(row: pd.Series) -> str:
    """Return how many, from which rate to which, and of what."""
    usual = "none before" if pd.isna(row["usual"]) else percent(row["usual"])
    is_slow = row["kind"] == SLOW
    cause = row["cause"]
    return told(
        counted(row["clients"], "client"),
        "" if is_slow else counted(row["failures"], "failure"),
        f"{usual} → {percent(row['failure_rate'])}{' slow' if is_slow else ''}",
        "" if pd.isna(cause) or not cause else label_of(cause, 200),
    )
