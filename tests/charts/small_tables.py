"""Small tables written by hand, as the analyses return them; no analysis is imported here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.text import Annotation, Text

FIRST = pd.Timestamp("2026-11-20 10:00", tz="UTC")


def bins(numbers: Iterable[int], every: str = "5min") -> pd.Series:
    """Return bin starts: the first one plus so many bins."""
    starts = [FIRST + number * pd.Timedelta(every) for number in numbers]
    return pd.Series(starts, dtype="datetime64[us, UTC]", name="bin_start")


def rates(
    connections: Sequence[int],
    failures: Sequence[int],
    unmapped: Sequence[int] | None = None,
    **columns: Sequence[object] | pd.Series,
) -> pd.DataFrame:
    """Return a table of rates; the interval is any interval, charts do not count it."""
    table = pd.DataFrame(
        {
            **columns,
            "connections": pd.Series(connections, dtype="int64"),
            "failures": pd.Series(failures, dtype="int64"),
            "unmapped_failures": pd.Series(unmapped or [0] * len(connections), dtype="int64"),
        }
    )
    table["failure_rate"] = [
        k / n if n else float("nan") for k, n in zip(failures, connections, strict=True)
    ]
    table["rate_low"] = table["failure_rate"] * 0.5
    table["rate_high"] = (table["failure_rate"] * 1.5).clip(upper=1.0)
    return table


def texts(ax: Axes, gid: str) -> list[str]:
    """Return the texts of `ax` with that role, as drawn."""
    return [text.get_text() for text in ax.texts if text.get_gid() == gid]


def subtitle(ax: Axes) -> str:
    """Return the subtitle, its lines joined."""
    (text,) = texts(ax, "subtitle")
    return text.replace("\n", " ")


def all_texts(ax: Axes) -> list[Text]:
    """Return every text of the figure that holds `ax`."""
    figure = ax.get_figure()
    assert figure is not None
    return [text for text in figure.findobj(Text) if isinstance(text, Text | Annotation)]


def caption_of(ax: Axes) -> str:
    """Return the caption, on whichever panel of the figure it stands."""
    figure = ax.get_figure()
    assert figure is not None
    captions = [text for panel in figure.axes for text in texts(panel, "caption")]
    return " ".join(captions).replace("\n", " ")
