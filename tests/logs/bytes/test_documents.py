"""Records inside JSON documents come out as lines, however the document is cut and spaced."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from albconn.logs.bytes import documents
from albconn.logs.bytes.gunzip import Damage

RECORDS = [{"time": f"2026-09-23T07:11:{n:02d}Z", "subject": 'a]}"{é'} for n in range(30)]
LINES = [json.dumps(record) for record in RECORDS]
EVENTS = [{"timestamp": n, "message": line + "\n"} for n, line in enumerate(LINES)]
RESULTS = [
    [{"field": "@message", "value": line}, {"field": "@ptr", "value": "p"}] for line in LINES
]
DOCUMENTS: dict[str, Any] = {
    "filter-log-events": {"events": EVENTS, "searchedLogStreams": [{"a": [1]}], "nextToken": None},
    "subscription": {"messageType": "DATA_MESSAGE", "owner": "1", "logEvents": EVENTS},
    "query": {"results": RESULTS, "statistics": {"a": 1.5}, "status": "Complete"},
    "array": RECORDS,
    "messages": LINES,
}


def read(content: bytes, step: int = 7) -> tuple[list[str], str | None]:
    def pieces() -> Iterator[bytes]:
        yield from (content[at : at + step] for at in range(0, len(content), step))

    lines = documents.as_lines(content[:4096], pieces())
    assert lines is not None
    out = b""
    try:
        for piece in lines:
            out += piece
    except Damage as damage:
        return out.decode().splitlines(), str(damage)
    return out.decode().splitlines(), None


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("indent", [None, 4])
@pytest.mark.parametrize("step", [1, 7, 1 << 20])
def test_records_come_out_in_order(name: str, indent: int | None, step: int) -> None:
    content = json.dumps(DOCUMENTS[name], indent=indent, ensure_ascii=False).encode()
    lines, damage = read(content, step)
    assert ([json.loads(line) for line in lines], damage) == (RECORDS, None)


@pytest.mark.parametrize("between", ["", " ", "\r\n\r\n"])
@pytest.mark.parametrize("indent", [None, 2])
def test_objects_one_after_the_other(between: str, indent: int | None) -> None:
    content = between.join(json.dumps(record, indent=indent) for record in RECORDS).encode()
    if indent is None and "\n" in between:
        assert documents.as_lines(content, iter(())) is None  # lines already
    else:
        assert [json.loads(line) for line in read(content)[0]] == RECORDS


def test_what_is_cut_off_says_where() -> None:
    content = json.dumps(DOCUMENTS["filter-log-events"]).encode()
    lines, damage = read(content[:600])
    assert lines == LINES[: len(lines)]
    assert (damage or "").startswith(f"the JSON is broken behind its record {len(lines)}: ")


@pytest.mark.parametrize(
    "content",
    [b'{"events":[' + b'{"message":"2026-09-23T07:11:27Z","a":' + b"[" * 100_000,
     b'[{"time":"' + b"x" * (3 << 20)],
)  # fmt: skip
def test_what_would_fill_the_memory_is_damage(content: bytes) -> None:
    assert read(content, 1 << 16)[1] is not None


@pytest.mark.parametrize(
    "head", [b"", b"x", b'{"time":"x"}\n{"time":"y"}\n', b'{"a":\n',
             b'{"events":[{"message":"x"}]}', b"[1, 2]", b'{\n "Records": []\n}']
)  # fmt: skip
def test_what_is_no_document_of_records(head: bytes) -> None:
    assert documents.as_lines(head, iter([head])) is None
