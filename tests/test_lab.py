"""The explorer: what it shows is what plain pandas counts, and its code makes its picture."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import pyarrow as pa
import pytest
from PIL import Image

import albconn as ac
from albconn.fields import MEMORY_SCHEMA
from albconn.lab import Explorer, explore

SAMPLE = Path(__file__).parent.parent / "data/sample/AWSLogs"
KINDS = ("frame", "table", "dataset", "path")
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
    if kind == "path":
        return str(dest)
    dataset = ac.open_dataset(dest)
    return dataset if kind == "dataset" else dataset.to_table()


def choose_window(explorer: Explorer, start: str, end: str) -> None:
    moments = [moment for _, moment in explorer.window.options]
    edges = (pd.Timestamp(start).to_pydatetime(), pd.Timestamp(end).to_pydatetime())
    explorer.window.index = (moments.index(edges[0]), moments.index(edges[1]))


def picture_size(png: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(png)).size


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


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dimension", ["", "tls_protocol", "failure_reason"])
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
    explorer.path.value = "by_click.png"
    explorer.export.click()
    assert explorer.message.value == "saved by_click.png"
    clicked = Path("by_click.png").read_bytes()
    Path("by_click.png").unlink()
    exec(compile(explorer.code.value, "code", "exec"), {"connections": connections})
    plt.close("all")
    assert picture_size(clicked) == picture_size(Path("by_click.png").read_bytes())
    with Image.open(io.BytesIO(clicked)) as one, Image.open("by_click.png") as other:
        assert one.convert("RGB").tobytes() == other.convert("RGB").tobytes()


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
        explore(pa.Table.from_pylist([], schema=MEMORY_SCHEMA))


def test_without_ipywidgets_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    monkeypatch.delitem(sys.modules, "albconn.lab")
    with pytest.raises(ac.AlbconnError, match=r"pip install 'albconn\[lab\]'"):
        __import__("albconn.lab")
