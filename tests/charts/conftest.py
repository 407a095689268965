"""Every chart test runs without a screen, changes no rcParams, and leaves no figure behind."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

mpl.use("Agg")


@pytest.fixture(autouse=True)
def settings_stay_untouched() -> Iterator[None]:
    before = dict(mpl.rcParams)
    yield
    changed = {name for name, value in mpl.rcParams.items() if before[name] != value}
    plt.close("all")
    assert not changed
