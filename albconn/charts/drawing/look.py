"""How a reader wants a picture: what it is called, how large, in which colours and zone.

Every chart takes the same six options by name and hands them on as one `Look`. What is wrong with
an option is said before a figure exists. An option that a picture has no use for (a zone, where
there is no time) is checked all the same and changes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict
from zoneinfo import ZoneInfo

from matplotlib.colors import is_color_like

from albconn.errors import TableError, shown
from albconn.times import read_zone

Palette: TypeAlias = Sequence[str] | Mapping[str, str] | None
LogAxis: TypeAlias = Literal["x", "y"] | None

USUAL_SIZE = (10.0, 5.0)  # [inch] for which the points of texts were chosen
SMALLEST, LARGEST = 0.78, 1.5  # of those points


class LookOptions(TypedDict):
    """What every ``plot_…`` takes by name.

    Attributes
    ----------
    title : str
        Instead of the picture's own; "" for none.
    subtitle : str
        Instead of the counts, the range and the zone; "" for none.
    figsize : (float, float)
        Width and height of the new figure [inch]; without effect where `ax` is given.
    palette : sequence or mapping of colours
        Colours in the order of drawing, or for the names that the picture shows.
    log : "x" or "y"
        The axis with a logarithmic scale.
    timezone : str
        IANA name of the zone of labels; times stay what they are.
    """

    title: NotRequired[str | None]
    subtitle: NotRequired[str | None]
    figsize: NotRequired[tuple[float, float] | None]
    palette: NotRequired[Palette]
    log: NotRequired[LogAxis]
    timezone: NotRequired[str]


@dataclass(frozen=True)
class Look:
    """The options of one picture, read: None where the picture decides."""

    title: str | None = None
    subtitle: str | None = None
    figsize: tuple[float, float] | None = None
    palette: Palette = None
    log: LogAxis = None
    timezone: str = "UTC"

    @property
    def zone(self) -> ZoneInfo:
        """Return the zone of labels."""
        return read_zone(self.timezone)

    def colour(self, name: str, place: int, usual: str) -> str:
        """Return the colour of what is called `name` and drawn as number `place`."""
        if not self.palette:
            return usual
        if isinstance(self.palette, Mapping):
            return self.palette.get(name, usual)
        return self.palette[place % len(self.palette)]

    def colours(self, **usual: str) -> tuple[str, ...]:
        """Return a colour for each role; a palette of fewer colours leaves the rest as usual."""
        given = self.palette or ()
        if isinstance(given, Mapping):
            return tuple(given.get(role, colour) for role, colour in usual.items())
        return (*given[: len(usual)], *list(usual.values())[len(given) :])


def read_look(options: Mapping[str, Any]) -> Look:
    """Return the options as one value.

    Raises
    ------
    TypeError
        There is no such option.
    TableError
        An option is not what it should be, or the zone is unknown.
    """
    unknown = set(options) - set(LookOptions.__annotations__)
    if unknown:
        raise TypeError(
            f"unexpected keyword argument {min(unknown)!r}; charts also take "
            f"{', '.join(LookOptions.__annotations__)}"
        )
    look = Look(**options)
    for name in ("title", "subtitle"):
        text = getattr(look, name)
        if not isinstance(text, str | None):
            raise TableError(f"{name}: {shown(text)} is not a text")
    _check_size(look.figsize)
    _check_palette(look.palette)
    if not (look.log is None or (isinstance(look.log, str) and look.log in ("x", "y"))):
        raise TableError(f"log: {shown(look.log)} is not an axis; expected 'x', 'y' or None")
    read_zone(look.timezone)
    return look


def _check_size(size: Any) -> None:
    if size is None:
        return
    try:
        width, height = (float(side) for side in size)
    except (TypeError, ValueError):
        width = height = math.nan
    if not (1 <= width <= 200 and 1 <= height <= 200):
        raise TableError(
            f"figsize: {shown(size)} is not a size; expected (width, height) from 1 to 200 inches"
        )


def _check_palette(palette: Any) -> None:
    if palette is None:
        return
    if isinstance(palette, str | bytes) or not isinstance(palette, Sequence | Mapping):
        raise TableError(
            f"palette: {shown(palette)} is not a palette; expected a list of colours, or a dict "
            "of names and colours"
        )
    values = palette.values() if isinstance(palette, Mapping) else palette
    wrong = [colour for colour in values if not is_color_like(colour)]
    if wrong:
        raise TableError(
            f"palette: {shown(wrong[0])} is not a colour; expected a name or '#RRGGBB'"
        )


def scale_of(width: float, height: float) -> float:
    """Return by how much texts grow or shrink in a place of that size [inch].

    Examples
    --------
    >>> scale_of(10, 5), scale_of(4, 2.5), scale_of(20, 10)
    (1.0, 0.78, 1.5)
    """
    ratio = min(width / USUAL_SIZE[0], height / USUAL_SIZE[1])
    roomy = ratio if ratio >= 1 else ratio / 0.6  # half a page still has room for usual texts
    return min(LARGEST, max(SMALLEST, roomy if ratio >= 1 else min(1.0, roomy)))
