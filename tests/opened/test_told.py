"""A dataset or a table that has nothing of what was asked for says what it has."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pytest

from albconn.errors import AlbconnWarning, IncompleteWarning
from albconn.logs.find.selection import Selection
from albconn.opened.told import tell_of_empty
from worlds.rows import connection, frame_of

FRAME = frame_of([connection(1, elb="app/shop/1"), connection(2, elb="app/web/2")])


def kinds() -> list[Any]:
    table = pa.Table.from_pandas(FRAME)
    return [FRAME, table, ds.InMemoryDataset(table)]


@pytest.mark.parametrize("rows", kinds(), ids=["frame", "table", "dataset"])
def test_names_that_are_there_are_said(rows: Any) -> None:
    with pytest.warns(IncompleteWarning) as caught:
        tell_of_empty("out", rows, Selection(load_balancer=("shpo",)))
    assert [str(w.message) for w in caught] == [
        "out: load_balancer: nothing is of 'shpo'; there are 'shop' and 'web'; did you mean 'shop'?"
    ]


@pytest.mark.parametrize("rows", [*kinds(), pd.DataFrame({"timestamp": []}), pa.table({"a": []})])
def test_where_no_name_is_missing_it_is_the_time(rows: Any) -> None:
    for selection in (Selection(region=("x",)), Selection(load_balancer=("shop",))):
        if selection.region and "region" in getattr(rows, "columns", ()):
            continue
        with pytest.warns(AlbconnWarning, match="^out: holds no connection of that time and those"):
            tell_of_empty("out", rows, selection)
