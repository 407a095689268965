"""A report is saved, or one line says why it cannot be, before anything is read."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from albconn.errors import AlbconnError, TableError
from albconn.report import write_report
from albconn.report.saving import folder_given, saving


def test_a_folder_that_is_there_or_can_be(tmp_path: Path) -> None:
    assert folder_given(tmp_path) == tmp_path
    assert folder_given(str(tmp_path / "a/b")) == tmp_path / "a/b"
    assert folder_given("relative") == Path("relative")


def test_a_file_is_refused_before_the_source_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for out in (tmp_path / "file", tmp_path / "file/below"):
        with pytest.raises(TableError) as caught:
            write_report(tmp_path / "nothing is here", out)
        assert str(caught.value) == f"out: {tmp_path}/file is a file; give a folder"


@pytest.mark.parametrize("out", [7, "", b"out", "a\0b", "a" * 5000])
def test_what_is_no_path(out: object) -> None:
    with pytest.raises(TableError, match="is not a path; give a folder"):
        folder_given(out)  # type: ignore[arg-type]


def test_a_folder_without_rights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda place, mode: False)
    with pytest.raises(TableError, match="nothing may be written there; give another folder"):
        folder_given(tmp_path)


def test_what_the_disk_says(tmp_path: Path) -> None:
    with pytest.raises(AlbconnError) as caught, saving(tmp_path):
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "a.png"))
    assert str(caught.value) == (
        f"{tmp_path}/a.png: No space left on device; give another folder, or make room there"
    )
    with (
        pytest.raises(AlbconnError, match=f"^{tmp_path}: No space left on device; "),
        saving(tmp_path),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(TableError, match=r"^own$"), saving(tmp_path):
        raise TableError("own")
