"""An explorer for JupyterLab: pick a dimension, a bin, a window; chart and table follow.

Everything that is shown comes from the public functions, and the lines of code that make the same
picture stand below it: what was found by clicking can go into a notebook, and be run again.
Needs the extra ``lab`` (ipywidgets).
"""

try:
    import ipywidgets as _ipywidgets  # noqa: F401  (asked for here, to say how to get it)
except ImportError as error:
    from albconn.errors import AlbconnError

    raise AlbconnError(
        "albconn.lab: ipywidgets is not installed; run: pip install 'albconn[lab]'"
    ) from error

from albconn.lab.explorer import Explorer, explore

__all__ = ["Explorer", "explore"]
