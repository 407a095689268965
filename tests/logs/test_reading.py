"""What is to be made, and what has to be read for it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from albconn import TableError
from albconn.logs.find.selection import make_selection
from albconn.logs.reading import Reading
from albconn.schema.connections import CONNECTIONS


def test_all_columns_unless_some_are_asked_for() -> None:
    reading = Reading(CONNECTIONS)
    assert reading.wanted == reading.made == CONNECTIONS.columns
    assert reading.read == frozenset(CONNECTIONS.read_columns)


def test_what_is_read_for_what_is_wanted() -> None:
    selection = make_selection(start=datetime(2026, 9, 23, tzinfo=UTC), region="eu-west-1")
    reading = Reading(CONNECTIONS, selection, ("outcome", "cert_not_after", "line_number"))
    assert reading.wanted == ("outcome", "cert_not_after", "line_number")
    assert reading.made == ("timestamp", "outcome", "cert_not_after", "region", "line_number")
    assert reading.read == {"timestamp", "tls_verify_status", "leaf_client_cert_validity"}


def test_what_is_refused() -> None:
    with pytest.raises(TableError, match=r"^on_bad_line: 'skip'; expected 'quarantine' or"):
        Reading(CONNECTIONS, on_bad_line="skip")  # type: ignore[arg-type]
