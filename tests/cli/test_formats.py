"""Where a table goes and how: told by the file's ending or by --format, refused before all else."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
import typer

import albconn as ac
from albconn.cli import formats
from albconn.cli.formats import ENDINGS, Printed, printed_as
from albconn.cli.options import FileFormat, Format
from tests.cli.running import FIRST_CASE, albconn, on_terminal


@pytest.mark.parametrize(
    ("format", "name", "chosen"),
    [
        (None, None, "table"),
        ("csv", None, "csv"),
        (None, "a.csv", "csv"),
        (None, "a.CSV", "csv"),
        (None, "a.b.jsonl", "json"),
        (None, "a.md", "markdown"),
        (None, "a.txt", "table"),
        ("json", "a.csv", "json"),  # what is said wins
        ("parquet", "no ending", "parquet"),
    ],
)
def test_the_ending_tells_the_format(
    format: str | None, name: str | None, chosen: str, tmp_path: Path
) -> None:
    output = None if name is None else tmp_path / name
    found = printed_as(format, output, None)
    kind = Format if chosen in Format.__members__ else FileFormat
    assert found == Printed(kind(chosen), output)


def test_every_format_has_an_ending() -> None:
    assert set(ENDINGS.values()) == {*Format, *FileFormat}


def test_an_ending_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        typer.BadParameter, match=r"'a\.cvs' does not end in .*; did you mean \.csv"
    ):
        printed_as(None, tmp_path / "a.cvs", None)
    with pytest.raises(typer.BadParameter, match=r"'table' does not end in .*; give --format$"):
        printed_as(None, tmp_path / "table", None)


def test_a_folder_must_be_there_and_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ac.SourceError, match="no: there is no such folder; make it first"):
        printed_as(None, tmp_path / "no/a.csv", None)
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(ac.SourceError, match=r"a\.csv: is a folder; give the name of a file in it"):
        printed_as(None, tmp_path / "a.csv", None)


def test_without_its_library_a_workbook_is_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(formats, "find_spec", lambda name: None)
    with pytest.raises(ac.AlbconnError) as refused:
        printed_as(None, tmp_path / "a.xlsx", None)
    assert str(refused.value) == (
        "--format xlsx: XlsxWriter is not installed; pip install 'albconn[xlsx]', or take csv"
    )
    assert printed_as(None, tmp_path / "a.csv", None).format is Format.csv


@pytest.mark.parametrize("format", ["parquet", "xlsx"])
def test_bytes_do_not_go_to_a_terminal(format: str) -> None:
    code, lines = on_terminal(80, "totals", "nowhere", "--format", format)
    assert code == 2
    text = " ".join(" ".join(lines).replace("│", " ").split())
    assert f"{format} is not for a terminal; give a file: --output table.{format}" in text


def test_bytes_go_to_a_pipe() -> None:
    done = albconn("totals", FIRST_CASE, "--format", "parquet", as_text=False)
    assert (done.returncode, done.stdout[:4], done.stdout[-4:]) == (0, b"PAR1", b"PAR1")
    assert albconn("totals", FIRST_CASE, "--format", "xlsx", as_text=False).stdout[:2] == b"PK"


def test_nothing_is_read_where_it_cannot_be_written(tmp_path: Path) -> None:
    """The source is not there, and that is not what is said."""
    done = albconn("rates", str(tmp_path / "none"), "-o", str(tmp_path / "no/a.csv"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"albconn: {tmp_path}/no: there is no such folder; make it first\n"


def test_each_format_holds_the_same_rows(tmp_path: Path) -> None:
    expected = ac.failing_clients(FIRST_CASE)
    for ending in ENDINGS:
        file = tmp_path / f"clients{ending}"
        done = albconn("clients", FIRST_CASE, "--output", str(file))
        assert (done.returncode, done.stdout) == (0, f"{file}\n"), done.stderr
    csv, parquet = (
        duckdb.execute(f"SELECT client_ip FROM '{tmp_path}/clients.{ending}'").fetchall()
        for ending in ("csv", "parquet")
    )
    lines = (tmp_path / "clients.json").read_text().splitlines()
    clients = list(expected["client_ip"])
    assert [row[0] for row in csv] == [row[0] for row in parquet] == clients
    assert [json.loads(line)["failures"] for line in lines] == list(expected["failures"])
    assert (tmp_path / "clients.jsonl").read_text() == (tmp_path / "clients.json").read_text()
    for name in ("clients.md", "clients.txt"):
        told = (tmp_path / name).read_text().splitlines()
        assert [client for line in told for client in clients if client in line.split()] == clients


def test_a_file_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    done = albconn("totals", FIRST_CASE, "-o", "/dev/full", "--format", "csv")
    assert done.returncode == 1
    assert done.stderr == "albconn: /dev/full: cannot be written: No space left on device\n"
