"""Messages in a CSV come out as lines with their numbers."""

from __future__ import annotations

import csv
import io

import pytest

from albconn.logs.bytes import messages

MESSAGES = ['{"time":"a, b"}', "plain, text", 'with ""quotes""', "é", ""]


@pytest.mark.parametrize("step", [1, 5, 1 << 20])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_messages_are_lines(step: int, end: str) -> None:
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator=end)
    writer.writerows([["@timestamp", "@message"], *(["t", message] for message in MESSAGES)])
    content = sink.getvalue().encode()
    pieces = iter([content[at : at + step] for at in range(0, len(content), step)])
    lines = messages.as_lines(content, pieces)
    assert lines is not None
    assert b"".join(lines).decode() == "\n" + "".join(f"{message}\n" for message in MESSAGES)


def test_what_cannot_be_taken_apart_stays() -> None:
    content = b'@message\n"open\nx\n\xff,y'
    lines = messages.as_lines(content, iter([content]))
    assert lines is not None
    assert b"".join(lines) == b'\n"open\nx\n\xff,y'


@pytest.mark.parametrize("head", [b"", b"@timestamp,client_ip\n", b"message,a\n", b'"@message\n'])
def test_what_is_none(head: bytes) -> None:
    assert messages.as_lines(head, iter([head])) is None
