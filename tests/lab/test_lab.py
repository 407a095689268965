"""The lab without what it needs."""

from __future__ import annotations

import sys

import pytest

import albconn as ac


def test_without_ipywidgets_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    for name in [name for name in sys.modules if name.startswith("albconn.lab")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ac.AlbconnError, match=r"pip install 'albconn\[lab\]'"):
        __import__("albconn.lab")
