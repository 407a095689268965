"""A file's content is asked first and its name second; what nobody knows is the first format's."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import cast

import pytest

from albconn.logs import formats
from albconn.logs.formats import FORMATS, legacy, recognise
from albconn.logs.lines.layout import Layout
from albconn.schema.connections import CONNECTIONS
from albconn.schema.table import LogTable
from worlds.lines import line

LINE = line("2026-09-23T07:11:27.691358Z").encode()


@dataclass(frozen=True)
class Tabbed:
    """A format of files that begin with ``#`` or are called ``.tsv``; its fields: one tab apart."""

    def recognises(self, head: bytes) -> bool:
        return head.startswith(b"#")

    def names(self, name: str) -> bool:
        return name.endswith(".tsv")

    def layout(self, table: LogTable) -> Layout:
        return Layout(table, ("timestamp", "elb"), 2, delimiter=b"\t")


TABBED = Tabbed()
AS_TABBED = TABBED.layout(CONNECTIONS)
AS_LEGACY = legacy.layout(CONNECTIONS)


@pytest.mark.parametrize(
    ("head", "url", "expected"),
    [
        (LINE, "s3://bucket/conn_log_x.log.gz", AS_LEGACY),
        (b"#", "s3://bucket/x.tsv", AS_TABBED),
        (LINE, "s3://bucket/x.tsv", AS_LEGACY),  # renamed
        (b"#", "s3://bucket/conn_log_x.log.gz", AS_TABBED),
        (b"?", "s3://bucket/x.tsv", AS_TABBED),
        (b"?", "s3://bucket/conn_log_x.log.gz", AS_LEGACY),
        (b"", "/folder.tsv/nothing", None),  # of the path, only the name counts
        (b"", "x.tsv", AS_TABBED),
        (b"?", "/x", None),
    ],
)
@pytest.mark.parametrize("legacy_first", [True, False])
def test_content_then_name_then_the_first(
    head: bytes,
    url: str,
    expected: Layout | None,
    legacy_first: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both = [legacy, cast("ModuleType", TABBED)]
    monkeypatch.setattr(formats, "FORMATS", tuple(both if legacy_first else reversed(both)))
    first = AS_LEGACY if legacy_first else AS_TABBED
    assert recognise(head, url, CONNECTIONS)[0] == (first if expected is None else expected)


def test_aws_own_text_is_the_first() -> None:
    assert FORMATS[0] is legacy
    for head, name in ((b"", ""), (b"\x00\xff", "x.bin"), (b"not a line\n", "conn_log_x.log")):
        assert recognise(head, f"/folder/{name}", CONNECTIONS)[0] == AS_LEGACY


@pytest.mark.parametrize("module", FORMATS)
def test_each_format_says_what_is_asked_of_it(module: ModuleType) -> None:
    assert module.recognises(b"") is False
    assert module.names("") is False
    assert isinstance(module.layout(CONNECTIONS), Layout)


def test_what_no_format_knows_is_called_by_its_name() -> None:
    assert recognise(b"<html>", "x.log", CONNECTIONS) == (AS_LEGACY, "HTML page")
    assert recognise(b"?", "x.log", CONNECTIONS) == (AS_LEGACY, None)
    assert recognise(LINE, "x.html", CONNECTIONS) == (AS_LEGACY, None)
