"""A destination opens as what it is, or is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from albconn import DatasetError
from albconn.storage.local import LocalStore
from albconn.storage.remote import RemoteStore
from albconn.storage.store import open_dest


def test_a_folder_and_a_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for dest in (tmp_path / "out", str(tmp_path / "out"), "out", f"file://{tmp_path}/out"):
        store = open_dest(dest)
        assert isinstance(store, LocalStore)
        assert store.location == str(tmp_path / "out")
    remote = open_dest("memory://out/")
    assert isinstance(remote, RemoteStore)
    assert remote.location == "memory://out"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("dest", ["", None, 7, ["out"]])
def test_what_is_no_destination(dest: Any) -> None:
    with pytest.raises(DatasetError, match=r"^dest: .* is not a path or URL; give a folder or s3"):
        open_dest(dest)
