"""The folder: brought to exactly what a run wrote, and nobody's own file is touched."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from albconn import TableError
from albconn.report.drawing import Chart
from albconn.report.folder import LIST, MOST_ROWS, require_room
from tests.report.asking import folder_of

PAGE = '<meta name="generator" content="albconn 1">'
TABLE = pd.DataFrame({"n": [1]})


def files(out: Path) -> set[str]:
    return {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}


def write(out: Path, *names: str) -> None:
    folder = folder_of(out)
    for name in names:
        folder.save_table(TABLE, name)
    folder.finish(PAGE)


def test_what_an_earlier_report_left_is_gone_and_what_is_ones_own_stays(tmp_path: Path) -> None:
    write(tmp_path, "one", "two")
    own = {"notes.txt", "tables/mine.csv", "charts/mine.png"}
    for name in own:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("mine")
    write(tmp_path, "two", "three")
    assert files(tmp_path) == {"index.html", "tables/two.csv", "tables/three.csv", LIST} | own
    assert all((tmp_path / name).read_text() == "mine" for name in own)


@pytest.mark.parametrize(
    "listed",
    [["../outside.csv", "tables/../../outside.csv", "/etc/hostname", "tables/a/b.csv", 7],
     {"a": 1}, "index.html", None],
)  # fmt: skip
def test_a_list_that_was_changed_removes_nothing_else(listed: object, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(out, "one")
    (tmp_path / "outside.csv").write_text("mine")
    (out / "tables/a").mkdir()
    (out / "tables/a/b.csv").write_text("mine")
    (out / LIST).write_text(json.dumps(listed))
    write(out, "two")
    assert (tmp_path / "outside.csv").exists()
    assert (out / "tables/a/b.csv").exists()


def test_a_page_that_no_report_wrote_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<h1>My site</h1>")
    with pytest.raises(TableError, match=r"^out: .*index.html is there, and no report of albconn"):
        require_room(tmp_path)
    (tmp_path / "index.html").write_text(f"<head>{PAGE}")
    require_room(tmp_path)


def test_a_place_that_cannot_be_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TableError, match=r"^out: .*file is a file; give a folder$"):
        require_room(tmp_path / "file")
    with pytest.raises(TableError, match=r"^out: .*file is a file; give a folder$"):
        require_room(tmp_path / "file" / "below")


def test_a_spreadsheet_runs_nothing(tmp_path: Path) -> None:
    table = pd.DataFrame({"subject": ["=HYPERLINK(1)", "@x", "-1", "CN=a", None], "n": range(5)})
    folder_of(tmp_path).save_table(table, "subjects")
    saved = pd.read_csv(tmp_path / "tables/subjects.csv")
    assert saved["subject"].tolist()[:4] == ["'=HYPERLINK(1)", "'@x", "'-1", "CN=a"]
    assert table["subject"].tolist()[0] == "=HYPERLINK(1)"


def test_nothing_is_written_before_there_is_something(tmp_path: Path) -> None:
    folder_of(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_long_table_is_saved_to_a_bound_and_that_is_noted(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    folder.save_table(pd.DataFrame({"n": range(MOST_ROWS + 7)}), "long")
    folder.save_table(pd.DataFrame({"n": range(MOST_ROWS)}), "whole")
    assert len(pd.read_csv(tmp_path / "tables/long.csv")) == MOST_ROWS
    assert folder.shortened == {"long": MOST_ROWS + 7}


def test_a_chart_lies_in_its_folder_whatever_it_is_called(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "out")
    figure = folder.draw(Chart("policy_impact_../../../x\x1b/y", "plot_coverage", pd.DataFrame()))
    assert figure.name == "policy_impact__________x__y"
    assert folder.drawn == [figure.name]
