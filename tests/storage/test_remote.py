"""A store over real HTTP: what must be exclusive is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from albconn.storage.faults import ConflictError
from albconn.storage.store import open_dest

if TYPE_CHECKING:
    from tests.conftest import S3Server


@pytest.fixture
def server(s3_server: S3Server) -> S3Server:
    s3_server.make_bucket("out")
    return s3_server


def test_conditional_writes(server: S3Server) -> None:
    store = open_dest("s3://out/x", server.storage_options)
    store.create("manifest/00000001.json", b"one")
    store.create("manifest/00000001.json", b"one")  # a PUT whose answer was lost
    with pytest.raises(FileExistsError):
        store.create("manifest/00000001.json", b"other")
    content, version = store.version("manifest/00000001.json")
    assert content == b"one"
    newer = store.replace("manifest/00000001.json", b"two", version)
    with pytest.raises(ConflictError):
        store.replace("manifest/00000001.json", b"three", version)
    with pytest.raises(ConflictError):
        store.replace("manifest/00000002.json", b"three", version)
    with pytest.raises(ConflictError):
        store.remove("manifest/00000001.json", version)
    store.remove("manifest/00000001.json", newer)
    assert store.sizes("manifest") == {}
    store.delete(["nothing"])
