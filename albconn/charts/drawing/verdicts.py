"""What a security policy does to a handshake or a client, in colour and hatching.

Hatching says it again for a black-and-white print.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from albconn.charts.drawing.style import GREEN, INK, ORANGE, VERMILLION

VERDICTS = {"breaks": (VERMILLION, "xxx"), "at risk": (ORANGE, "//"), "fits": (GREEN, "")}


def rank_verdicts(verdicts: pd.Series) -> pd.Series:
    """Return each verdict's rank: 0 is the worst; one that is not known comes last."""
    places = {name: place for place, name in enumerate(VERDICTS)}
    return verdicts.astype(object).map(places).fillna(len(VERDICTS)).astype(int)


def draw_verdicts(ax: Axes, values: Any, verdicts: pd.Series, *, left: Any = 0.0) -> Any:
    """Draw one bar per row in its verdict's look; `left` is where the bars begin."""
    lengths = np.asarray(values, dtype="float64")
    looks = [VERDICTS.get(str(verdict), (INK, "")) for verdict in verdicts]
    colours = [colour for colour, _ in looks]
    bars = ax.barh(np.arange(len(lengths)), lengths, left=left, height=0.66, color=colours)
    for bar, (_, hatch) in zip(bars, looks, strict=True):
        bar.set_hatch(hatch)
        bar.set_edgecolor("white")
    return bars
