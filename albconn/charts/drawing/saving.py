"""A picture becomes a file: PNG, SVG or PDF, by the name's ending; the last two with real text.

Text that is text can be searched, copied, read aloud and edited; as outlines it could not.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes

from albconn.errors import TableError, shown

ENDINGS = ("png", "svg", "pdf")
RESOLUTION = 160  # [dots per inch] of a PNG
REAL_TEXT: dict[Any, Any] = {"svg.fonttype": "none", "pdf.fonttype": 42, "svg.hashsalt": "albconn"}
UNDATED: dict[str, dict[str, Any]] = {
    "svg": {"Date": None},
    "pdf": {"CreationDate": None, "ModDate": None},
    "png": {},
}


def write_picture(ax: Axes, path: str | Path, *, resolution: float = RESOLUTION) -> Path:
    """Write the figure of a chart to a file; SVG and PDF hold their text as text.

    Parameters
    ----------
    ax : Axes
        What a ``plot_…`` returned.
    path : str or Path
        The file; it ends in ``.png``, ``.svg`` or ``.pdf``. The same chart gives the same bytes.
    resolution : float
        Dots per inch of a PNG.

    Returns
    -------
    Path
        The file that was written.

    Raises
    ------
    TableError
        The ending is another one.
    OSError
        The file cannot be written.
    """
    file, figure = Path(path), ax.get_figure(root=True)
    assert figure is not None
    kind = check_ending(file)
    with rc_context(REAL_TEXT):
        figure.savefig(file, format=kind, dpi=resolution, metadata=UNDATED[kind])
    return file


def check_ending(path: Path) -> str:
    """Return the kind of picture that a file's name asks for.

    Raises
    ------
    TableError
        There is no such kind.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in ENDINGS:
        raise TableError(
            f"path: {shown(path.name)} is no picture's name; expected one that ends in .png, .svg "
            "or .pdf"
        )
    return kind
