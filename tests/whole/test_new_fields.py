"""A field that AWS adds is one entry in the table, and nothing else: all three readers follow."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import albconn as ac
from albconn.logs.formats import legacy
from albconn.logs.lines.block import parse_block
from albconn.logs.lines.exact import parse_line
from albconn.logs.read import load
from albconn.logs.reading import Reading
from albconn.schema.connections import CONNECTIONS
from albconn.schema.field import Field
from albconn.schema.kind import INTEGER, PORT, SECONDS, TEXT, TIMESTAMP, WORD, Kind

LINE = (
    '2026-09-23T07:11:27.691358Z 203.0.113.7 52100 443 TLSv1.3 TLS_AES_128_GCM_SHA256 0.337 "-" - '
    "- Success TID_1 x25519 app/shop/50dc6c495c0c9188 10.0.1.10"
)
TEXTS = {15: "", 16: " h2", 17: " h2 {}", 19: ' h2 {} "a b" tail'}


def grown(kind: Kind) -> ac.schema.table.LogTable:  # type: ignore[name-defined]
    """Return the table with a text and a further field, as AWS would append them."""
    return replace(
        CONNECTIONS,
        fields=(
            *CONNECTIONS.fields,
            Field("alpn", WORD, "the protocol above TLS", 16),
            Field("measured", kind, "something that AWS measures", 17),
        ),
    )


NUMBERS = {INTEGER: ("-1042", -1042), SECONDS: ("0.25", 0.25), PORT: ("8443", 8443)}


@pytest.fixture(params=["compiled", "arrow", "exact"])
def read_with(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    from albconn.logs.bytes import blocks
    from albconn.logs.lines import block, regular

    if request.param == "compiled" and not regular.COMPILED:
        pytest.skip("no C compiler: the compiled reader is not there")
    for module in (block, blocks):
        monkeypatch.setattr(module, "COMPILED", request.param == "compiled")
    if request.param == "exact":
        from albconn.logs.lines import arrow_csv

        monkeypatch.setattr(arrow_csv, "split_block", lambda *_: None)
    return request.param


@pytest.mark.parametrize("kind", NUMBERS, ids=lambda kind: kind.name)
def test_lines_of_every_width(kind: Kind, read_with: str) -> None:
    table, (text, value) = grown(kind), NUMBERS[kind]
    lines = [LINE + TEXTS[width].format(text) for width in TEXTS] * 40
    parsed = parse_block(
        "".join(line + "\n" for line in lines).encode(),
        layout=legacy.layout(table),
        columns=frozenset(table.read_columns),
    )
    assert len(parsed.rejected) == 0
    assert parsed.table.column("alpn").to_pylist() == [None, "h2", "h2", "h2"] * 40
    assert parsed.table.column("measured").to_pylist() == [None, None, value, value] * 40
    assert parsed.table.column("extra_fields").to_pylist() == [None, None, None, '"a b" tail'] * 40
    assert parsed.table.schema.field("measured").type == kind.memory_type


@pytest.mark.parametrize("kind", NUMBERS, ids=lambda kind: kind.name)
def test_a_number_that_is_none_is_rejected(kind: Kind, read_with: str) -> None:
    parsed = parse_block(
        f"{LINE} h2 many\n".encode(),
        layout=legacy.layout(grown(kind)),
        columns=frozenset(["alpn"]),
    )
    bad = parsed.rejected[0]
    assert (bad.place, bad.message) == (
        0,
        f"measured: 'many' is not a {kind.name}; expected {kind.expected}",
    )


def test_texts_and_times(read_with: str) -> None:
    for kind, text, value in (
        (TEXT, "x", "x"),
        (TIMESTAMP, "1970-01-01T00:00:01Z", 1_000_000),
        (TIMESTAMP, "-", None),
    ):
        parsed = parse_block(
            f"{LINE} - {text}\n".encode(),
            layout=legacy.layout(grown(kind)),
            columns=frozenset(["measured", "alpn"]),
        )
        found = parsed.table.column("measured")
        assert (found.cast("int64") if kind == TIMESTAMP else found).to_pylist() == [value]
        assert parsed.table.column("alpn").to_pylist() == [None]


def test_the_definition_itself() -> None:
    layout = legacy.layout(grown(INTEGER))
    values = dict(zip(layout.names, parse_line(LINE + " h2 7 x", layout).values, strict=True))
    assert (values["alpn"], values["measured"]) == ("h2", 7)
    assert parse_line(LINE + " h2 7 x", layout).extra_fields == "x"
    assert parse_line(LINE, layout).values[-2:] == (None, None)


def test_old_files_and_new_ones_are_one_dataset(tmp_path: Path, read_with: str) -> None:
    """A dataset that was begun before the field existed has nulls in it."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/old.log").write_text(LINE + "\n")
    ac.convert(tmp_path / "logs", tmp_path / "dataset")
    (tmp_path / "logs/new.log").write_text(LINE + " h2 7\n")
    table = grown(INTEGER)
    ac.convert(tmp_path / "logs", tmp_path / "dataset", table=table)
    for _ in range(2):
        rows = ac.read_dataset(tmp_path / "dataset", table=table)
        assert sorted(rows["alpn"].astype(object).fillna("")) == ["", "h2"]
        assert ac.check(tmp_path / "dataset", tmp_path / "logs", table=table).ok
        ac.compact(tmp_path / "dataset", table=table)
    assert len(load(tmp_path / "logs", Reading(table)).connections.columns) == 26
