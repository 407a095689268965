"""Log files of any format are opened with their account."""

from __future__ import annotations

from pathlib import Path

import albconn as ac
from albconn.logs.find.selection import EVERYTHING
from albconn.logs.find.sources import list_log_files
from albconn.logs.reading import Reading
from albconn.opened.of_logs import open_logs
from albconn.schema.connections import CONNECTIONS
from tests.whole.test_vended import connections
from worlds import vended


def test_rows_and_account(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(vended.as_json(connections(30)))
    listing = list_log_files(tmp_path, selection=EVERYTHING)
    opened = open_logs(listing, Reading(CONNECTIONS, columns=("elb",)))
    assert (opened.kind, opened.files, opened.lines, opened.rows) == ("log files", 1, 30, 30)
    assert len(opened.connections.to_pandas()) == 30  # type: ignore[union-attr]
    fields = ("time", "client_ip", "tls_verify_status")
    (tmp_path / "a.log").write_bytes(vended.as_plain(connections(30), fields, "|"))
    given = ac.open_connections(tmp_path, layout="|".join(fields))
    assert given.rows == 30
