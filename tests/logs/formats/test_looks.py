"""What is no connection log is called by its name, by its content alone."""

from __future__ import annotations

import random

import pytest

from albconn.logs.formats.looks import is_binary, what_it_looks_like, with_article
from worlds.lines import line

LINE = line("2026-09-23T07:11:27.691358Z").encode()
ACCESS = (
    b"https 2026-09-23T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 "
    b"192.168.131.39:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 0 57 "
    b'"GET https://www.example.com:443/ HTTP/1.1" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 '
)
NAMED = [
    (ACCESS, "access log"),
    (b"h2" + ACCESS[5:], "access log"),
    (b"https 2026-09-23T22:23:00.186641Z 0.0012 10.0.0.1:80 my-tg PASS", "health check log"),
    (b"tls 2.0 2026-09-23T02:59:40 net/nlb/c6e77e28c25b2234", "Network Load Balancer's log"),
    (b"2026-09-23T23:39:43.945958Z my-lb 192.168.131.39:2817 10.0.0.1:80 0.00007",
     "Classic Load Balancer's log"),
    (b'{"time":"2026-09-23T22:23:00Z","client_ip":"192.0.2.1"}', "CloudWatch JSON"),
    (b'{"@timestamp": "2026", "message": "x"}', "CloudWatch JSON"),
    (b'{\n  "events": [', "CloudWatch JSON"),
    (b'[{"message":"x"}]', "CloudWatch JSON"),
    (b'{"Records": [{"eventVersion"', "CloudTrail JSON"),
    (b'{"a": 1}', "JSON"),
    (b'"time","client_ip","client_port"\n"2026-09-23T22:23:00Z","1.2.3.4","1"', "Athena's CSV"),
    (b'\xef\xbb\xbf"a","b","c"\r\n', "Athena's CSV"),
    (b"timestamp,client_ip,client_port\n", "CSV"),
    (b"@timestamp,@message\n", "CSV"),
    (LINE.replace(b" ", b","), "CSV"),
    (LINE.replace(b" ", b"\t"), "CSV"),
    (b"\n <!DOCTYPE html><html>", "HTML page"),
    (b"<html><head><title>503", "HTML page"),
    (b'<?xml version="1.0"?><Error><Code>AccessDenied', "XML"),
    (b"#Fields: date time", "W3C log"),
    (b"2 123456789012 eni-0a1b 10.0.0.1", "VPC flow log"),
    (b"a" * 64 + b" bucket [06/Feb/2026:00:00:38 +0000]", "S3 access log"),
    (b'192.0.2.1 - - [06/Feb/2026:00:00:38 +0000] "GET /', "web server's log"),
    (b"Enable AccessLog for ELB: app/my-lb/1 at 2026", "test marker"),
    (b"PAR1\x15\x04", "Parquet"),
    (b"PK\x03\x04\x14", "zip archive"),
    (b"\x1f\x8b\x08", "gzip"),
    (random.Random(1).randbytes(300), "binary file"),
    (b"\0" * 20 + LINE, "binary file"),
]  # fmt: skip
UNNAMED = [b"", b"\n", b"x", LINE, b"\xef\xbb\xbf" + LINE, b"not a line\n" * 9, b"CN=M\xe4nnik\n"]


@pytest.mark.parametrize(("head", "name"), NAMED)
def test_what_has_a_name(head: bytes, name: str) -> None:
    assert what_it_looks_like(head) == name
    if name != "binary file":  # which is told by all of its first bytes
        assert what_it_looks_like(head + b"\n" + LINE * 100) == name


@pytest.mark.parametrize("head", UNNAMED)
def test_lines_and_what_nobody_knows_have_none(head: bytes) -> None:
    assert what_it_looks_like(head) is None


def test_text_of_other_code_pages_is_no_binary_file() -> None:
    assert not is_binary("Ünïcödé ñäme, CN=Männik, O=Größe\n".encode("latin-1"))
    assert not is_binary(b"\x1b[1mcoloured\x1b[0m\tand tabbed\r\n")
    assert is_binary(b"\x9f\x8b\x08\x00" + random.Random(2).randbytes(100))


def test_names_in_a_sentence() -> None:
    assert {with_article(name).split()[0] for _, name in NAMED if name.endswith("log")} == {
        "a", "an",
    }  # fmt: skip
    assert [with_article(name) for name in ("Athena's CSV", "Parquet", "XML")] == [
        "Athena's CSV", "Parquet", "XML",
    ]  # fmt: skip
    assert with_article("S3 access log") == "an S3 access log"
    assert with_article("W3C log") == "a W3C log"
