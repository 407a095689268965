"""The account of a reading warns once of each thing, in one line."""

import warnings

import pytest

from albconn import AlbconnWarning, SourceError
from albconn.errors import IncompleteWarning
from albconn.logs.books import Books, FileBooks
from albconn.schema.connections import CONNECTIONS


def test_an_account_without_anything_odd_warns_of_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Books(CONNECTIONS, [FileBooks("a.log", 10, "1", lines=2, rows=1, rejected=1)]).warn()


def test_each_thing_is_said_once() -> None:
    damage = "the gzip stream is truncated"
    files = [
        FileBooks("fine.gz", 10, "1", lines=3, rows=3),
        FileBooks("cut.gz", 10, "2", lines=1501, rows=1500, rejected=1, damage=damage),
        FileBooks("gone.gz", 10, "3", unread="the file vanished", advice="fetch it again"),
        FileBooks("denied.gz", 10, "4", unread="Access Denied"),
    ]
    with pytest.warns(AlbconnWarning) as caught:
        Books(CONNECTIONS, files, wide_lines=1200).warn()
    assert [str(warning.message) for warning in caught] == [
        "1,200 lines have more fields than the 15 known; the rest is kept in extra_fields",
        "1 damaged log file, first cut.gz: the gzip stream is truncated; 1,500 rows of it were "
        "salvaged; see the files' books",
        "2 log files could not be read, first gone.gz: the file vanished; fetch it again",
    ]
    assert [warning.category for warning in caught][1:] == [AlbconnWarning, IncompleteWarning]


def test_where_nothing_could_be_read_that_is_an_error() -> None:
    files = [FileBooks(name, 10, "1", unread="Access Denied", advice="ask") for name in "abc"]
    with pytest.raises(SourceError) as caught:
        Books(CONNECTIONS, files).require_any()
    assert str(caught.value) == "a: Access Denied; ask (and so 2 more)"
    Books(CONNECTIONS, [*files, FileBooks("d", 10, "1")]).require_any()
    Books(CONNECTIONS, []).require_any()
