"""The explorer: what it shows is what plain pandas counts, and its code makes its picture."""

from __future__ import annotations

import io
import ipaddress
from html import unescape
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from PIL import Image

import albconn as ac
from albconn.lab import Explorer, explore
from albconn.schema.connections import CONNECTIONS

SAMPLE = Path(__file__).parents[2] / "data/sample/AWSLogs"
KINDS = ("frame", "table", "dataset", "in memory", "path", "text")
START, END = "2026-09-23T10:00:00+00:00", "2026-09-23T10:40:00+00:00"


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    with pytest.warns(ac.AlbconnWarning, match="more fields"):
        return ac.read_connections(SAMPLE)


@pytest.fixture(scope="module")
def dest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("lab") / "dataset"
    with pytest.warns(ac.AlbconnWarning, match="more fields"):
        ac.convert(SAMPLE, place)
    return place


def connections_as(kind: str, frame: pd.DataFrame, dest: Path) -> Any:
    if kind == "frame":
        return frame
    if kind in ("path", "text"):
        return dest if kind == "path" else str(dest)
    dataset = ac.open_dataset(dest)
    if kind == "in memory":  # of nobody's layout: without a column for the folder's date
        return ds.dataset(dataset.to_table().drop_columns(["date"]))
    return dataset if kind == "dataset" else dataset.to_table()


def choose_window(explorer: Explorer, start: str, end: str) -> None:
    moments = [moment for _, moment in explorer.window.options]
    edges = (pd.Timestamp(start).to_pydatetime(), pd.Timestamp(end).to_pydatetime())
    explorer.window.index = (moments.index(edges[0]), moments.index(edges[1]))


@pytest.mark.parametrize("kind", KINDS)
def test_table_follows_the_choices(kind: str, frame: pd.DataFrame, dest: Path) -> None:
    explorer = explore(connections_as(kind, frame, dest))
    known = frame[frame["outcome"].notna()]
    assert explorer.table["connections"].tolist() == [len(known)]
    before = explorer.chart.value
    choose_window(explorer, START, END)
    explorer.dimension.value = "client_ip"
    explorer.top.value = 4
    inside = known[known["timestamp"].between(START, END, inclusive="left")]
    failed = inside[inside["outcome"] == "failed"]["client_ip"].astype(str).value_counts()
    shown = explorer.table.set_index(explorer.table["client_ip"].astype(str))
    assert len(shown) == 4
    assert shown["failures"].tolist() == failed.nlargest(4).tolist()
    assert all(shown.loc[client, "failures"] == failed[client] for client in shown.index)
    assert explorer.chart.value not in (b"", before)
    assert not plt.get_fignums()


def network_of(address: str) -> str:
    length = 64 if ":" in address else 24
    return str(ipaddress.ip_network(f"{address}/{length}", strict=False))


def test_networks_are_counted_as_networks(frame: pd.DataFrame) -> None:
    explorer = explore(frame)
    assert not explorer.every.disabled
    choose_window(explorer, START, END)
    explorer.top.value = 3
    explorer.dimension.value = "client_network"
    assert explorer.every.disabled
    inside = frame[frame["timestamp"].between(START, END, inclusive="left")]
    failed = inside.loc[inside["outcome"] == "failed", "client_ip"].astype(str).map(network_of)
    named = explorer.table[explorer.table["client_ip"] != "other"]
    assert named["failures"].tolist() == failed.value_counts().nlargest(3).tolist()
    assert named["client_ip"].tolist()[0] == failed.value_counts().idxmax() == "203.0.113.0/24"
    assert explorer.table["failures"].sum() == len(failed)


def test_reasons_follow_the_top(frame: pd.DataFrame) -> None:
    explorer = explore(frame)
    explorer.dimension.value = "failure_reason"
    before = explorer.chart.value
    explorer.top.value = 1
    assert explorer.table["failure_reason"].tolist() == [frame["failure_reason"].mode()[0]]
    assert explorer.chart.value != before
    assert "plot_failure_reasons(counted, top=1)" in explorer.code.value


@pytest.mark.parametrize(
    ("kind", "dimension"),
    [
        *((kind, "tls_protocol") for kind in KINDS),
        *(("frame", dimension) for dimension in ("", "failure_reason", "client_network")),
    ],
)
def test_its_code_makes_its_picture(
    kind: str,
    dimension: str,
    frame: pd.DataFrame,
    dest: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    connections = connections_as(kind, frame, dest)
    explorer = explore(connections)
    choose_window(explorer, "2026-09-23T09:00:00+00:00", "2026-09-23T12:00:00+00:00")
    explorer.dimension.value = dimension
    explorer.path.value = 'by "click".png'
    explorer.export.click()
    assert explorer.message.value == "saved by &quot;click&quot;.png"
    clicked = Path('by "click".png').read_bytes()
    Path('by "click".png').unlink()
    exec(compile(explorer.code.value, "code", "exec"), {"connections": connections})
    plt.close("all")
    with (
        Image.open(io.BytesIO(clicked)) as one,
        Image.open('by "click".png') as other,
    ):
        assert one.format == "PNG"
        assert one.size == other.size
        assert one.size[0] >= 2000
        assert one.convert("RGB").tobytes() == other.convert("RGB").tobytes()


def test_the_code_follows_the_path(frame: pd.DataFrame) -> None:
    explorer = explore(frame.head(1000))
    explorer.path.value = "elsewhere.png"
    assert "savefig('elsewhere.png', dpi=200)" in explorer.code.value


def test_an_empty_window_is_said_in_a_sentence(frame: pd.DataFrame) -> None:
    explorer = explore(frame)
    whole = explorer.chart.value
    explorer.window.index = (3, 3)
    assert explorer.message.value == (
        "<b>There are no TLS connections from 2026-09-22 00:15 to 2026-09-22 00:15 UTC; "
        "choose another window.</b>"
    )
    assert explorer.table.empty
    assert (explorer.chart.value, explorer.chart.layout.display) == (b"", "none")
    explorer.window.index = (0, len(explorer.window.options) - 1)
    assert explorer.message.value == ""
    assert (explorer.chart.value, explorer.chart.layout.display) == (whole, None)


def test_only_dimensions_that_are_there_are_offered(frame: pd.DataFrame) -> None:
    columns = ["timestamp", "outcome", "failure_reason", "client_ip"]
    explorer = explore(frame[columns])
    offered = [name for _, name in explorer.dimension.options]
    assert offered == ["", "failure_reason", "client_network", "client_ip"]


def test_a_source_without_times_is_a_table_error(frame: pd.DataFrame) -> None:
    with pytest.raises(ac.TableError, match="no column 'timestamp'"):
        explore(frame[["outcome", "failure_reason"]])


@pytest.mark.parametrize("name", ["", "picture.jpg", "folder"])
def test_only_a_png_is_saved(name: str, frame: pd.DataFrame, tmp_path: Path) -> None:
    explorer = explore(frame.head(1000))
    explorer.path.value = str(tmp_path / name)
    explorer.export.click()
    assert "is no picture's name; end it in .png" in unescape(explorer.message.value)
    assert list(tmp_path.iterdir()) == []
    assert not plt.get_fignums()


def test_what_does_not_work_is_said_in_a_sentence(frame: pd.DataFrame, tmp_path: Path) -> None:
    explorer = explore(frame.head(1000))
    explorer.path.value = str(tmp_path / "absent/picture.png")
    explorer.export.click()
    assert "No such file or directory" in explorer.message.value
    explorer.dimension.value = "tls_cipher"
    assert explorer.message.value == ""


def test_a_hostile_subject_is_text(frame: pd.DataFrame) -> None:
    subject = "CN=<script>alert(1)</script>"
    hostile = frame.head(50).assign(leaf_client_cert_subject=pd.Categorical([subject] * 50))
    explorer = explore(hostile)
    explorer.dimension.value = "leaf_client_cert_subject"
    html = "".join(child.value for child in explorer.children if hasattr(child, "placeholder"))
    assert "&lt;script&gt;" in html
    assert "<script" not in html


def test_nothing_to_explore_is_an_error() -> None:
    with pytest.raises(ac.AlbconnError, match="there are none to explore"):
        explore(pa.Table.from_pylist([], schema=CONNECTIONS.memory_schema))
