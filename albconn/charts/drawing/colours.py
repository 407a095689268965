"""One colour for one thing, in every picture: known failure reasons have theirs by name.

A reason that AWS adds gets a colour by its name, too: the same in each picture, whatever stands
beside it. What is unmapped or left over is grey: it says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zlib import crc32

from matplotlib.colors import Colormap, LinearSegmentedColormap

from albconn.charts.drawing.labels import UNMAPPED
from albconn.charts.drawing.look import Look
from albconn.charts.drawing.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PALE,
    PURPLE,
    RATE_COLOURS,
    SKY,
    VERMILLION,
    YELLOW,
)
from albconn.charts.drawing.tables import OTHER

NO_CODE = "no code logged"
REASONS = {
    UNMAPPED: GREY,
    OTHER: PALE,
    NO_CODE: "#C8BFB0",
    "ClientCertExpired": VERMILLION,
    "ClientCertUntrusted": BLUE,
    "ClientCertNotYetValid": ORANGE,
    "ClientCertCrlHit": PURPLE,
    "ClientCertCrlProcessingError": "#7A4E8A",
    "ClientCertInvalid": GREEN,
    "ClientCertRejected": BLACK,
    "ClientCertIncompatible": SKY,
    "ClientCertMaxChainDepthExceeded": "#5B7F95",
    "ClientCertMaxSizeExceeded": "#8FB8A8",
    "ClientCertTypeUnsupported": YELLOW,
    "ClientCertPurposeInvalid": "#A0522D",
}  # fmt: skip
SPARE = (
    "#6B8E23", "#B5651D", "#4682B4", "#C06C84", "#2F6F6F", "#9C7A00", "#7B68A6", "#B0413E",
    "#3E7CB1", "#8A9A5B", "#D98880", "#546E7A",
)  # fmt: skip


def reason_colours(names: Sequence[str], look: Look) -> dict[str, str]:
    """Return the colour of each reason; a palette colours all but what says nothing."""
    silent, place, colours = (UNMAPPED, OTHER, NO_CODE), 0, {}
    for name in names:
        usual = REASONS.get(name) or SPARE[crc32(name.encode()) % len(SPARE)]
        is_named = isinstance(look.palette, Mapping) or name not in silent
        colours[name] = look.colour(name, place, usual) if is_named else usual
        place += name not in silent
    return colours


def rate_colours(look: Look) -> Colormap:
    """Return the colours of rates from none to the highest: the reader's, if they are several."""
    if look.palette is None or isinstance(look.palette, Mapping) or len(look.palette) < 2:
        return RATE_COLOURS
    return LinearSegmentedColormap.from_list("own colours", list(look.palette))
