"""The zone in which a picture labels time."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from albconn.errors import TableError, shown


def read_zone(timezone: str) -> ZoneInfo:
    """Return the zone of that name.

    Raises
    ------
    TableError
        There is no such zone.
    """
    try:
        return ZoneInfo(timezone)
    except (KeyError, ValueError, TypeError, OSError) as error:
        raise TableError(
            f"timezone: {shown(timezone)} is not known; expected a name such as 'UTC' or "
            "'Europe/Berlin'"
        ) from error
