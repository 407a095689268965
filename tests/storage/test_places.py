"""Which locations are a store's, and which a disk's."""

from pathlib import Path

import pytest

from albconn.storage.places import is_remote, local_path


@pytest.mark.parametrize(
    ("location", "remote"),
    [
        ("s3://bucket/logs", True),
        ("memory://x", True),
        ("file:///var/logs", False),
        ("local://logs", False),
        ("/var/logs", False),
        ("logs", False),
        ("C:/logs", False),
        ("", False),
    ],
)
def test_is_remote(location: str, remote: bool) -> None:
    assert is_remote(location) is remote


def test_local_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    assert local_path("file:///var/logs") == Path("/var/logs")
    assert local_path("local://logs") == Path("logs")
    assert local_path("~/logs") == Path("/home/ann/logs")
    assert local_path("a/~/b") == Path("a/~/b")


def test_a_home_of_nobody_is_a_path_that_is_not_there() -> None:
    assert local_path("~nobody-of-that-name/logs") == Path("~nobody-of-that-name/logs")
