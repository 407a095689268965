"""Fields that say several things are taken apart as a person would, by hand-counted cases."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import example, given, strategies as st

from albconn.schema.parts import ENDPOINT, REQUEST, WAYS, Texts, endpoint_of, request_of
from worlds.request_strategies import anything


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("203.0.113.7:54414", ("203.0.113.7", "54414")),
        ("2001:db8::1:443", ("2001:db8::1", "443")),
        ("::1:0", ("::1", "0")),
        ("::ffff:192.0.2.1:80", ("::ffff:192.0.2.1", "80")),
        ("[2001:db8::1]:443", ("2001:db8::1", "443")),
        ("54.92.36.xxx:49823", ("54.92.36.xxx", "49823")),
        ("10.0.0.1", ("10.0.0.1", None)),
        ("10.0.0.1:", ("10.0.0.1", "")),
        (":80", ("", "80")),
        ("10.0.0.1:abc", ("10.0.0.1", "abc")),
    ],
)
def test_address_and_port(text: str, parts: Texts) -> None:
    assert endpoint_of(text) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "GET https://www.example.com:443/data/a.json?x=1&y=%20 HTTP/2.0",
            ("GET", "https", "www.example.com", "443", "/data/a.json", "x=1&y=%20", "HTTP/2.0"),
        ),
        # AWS's own sample, which ends with a space, and what a client that sends nothing leaves.
        (
            "- http://internal-service-alb.example.com:80-/ ",
            ("-", "http", "internal-service-alb.example.com", "80", "/", None, ""),
        ),
        ("- http://host:80- -", ("-", "http", "host", "80", None, None, "-")),
        ("- - - ", ("-", None, "", None, None, None, "")),
        ("-", ("-", None, "", None, None, None, "")),
        ("", ("", None, "", None, None, None, "")),
        ("GET /a?b HTTP/1.1", ("GET", None, "", None, "/a", "b", "HTTP/1.1")),
        ("GET http://h", ("GET", "http", "h", None, None, None, "")),
        ("GET http://h:/ x", ("GET", "http", "h", None, "/", None, "x")),
        ("GET http://h:65535/ x", ("GET", "http", "h", "65535", "/", None, "x")),
        ("GET http://h:65536/ x", ("GET", "http", "h", None, "/", None, "x")),
        ("GET http://h:123456/ x", ("GET", "http", "h", None, "/", None, "x")),
        ("GET http://h:8o/ x", ("GET", "http", "h", "8", "/", None, "x")),
        ("GET https://[::1]:443/a x", ("GET", "https", "[::1]", "443", "/a", None, "x")),
        ("GET https://[2001:db8::1]/a x", ("GET", "https", "[2001:db8::1]", None, "/a", None, "x")),
        ("GET https://2001:db8::1:443/ x", ("GET", "https", "2001:db8::1", "443", "/", None, "x")),
        ("GET https://h:443?q=http://i/ x", ("GET", "https", "h", "443", None, "q=http://i/", "x")),
        ("GET /to?u=https://i:1/ x", ("GET", None, "", None, "/to", "u=https://i:1/", "x")),
        # Spaces and escapes within: the version is what stands behind the last space.
        ("GET http://h:80/a b?c d HTTP/1.1", ("GET", "http", "h", "80", "/a b", "c d", "HTTP/1.1")),
        (r"GET http://h:80/\x22\x5C x", ("GET", "http", "h", "80", r"/\x22\x5C", None, "x")),
        ("GET http://h:80/? HTTP/1.1", ("GET", "http", "h", "80", "/", "", "HTTP/1.1")),
        ("GET http://h:80/a??b HTTP/1.1", ("GET", "http", "h", "80", "/a", "?b", "HTTP/1.1")),
        (r"\x16\x03\x01 x", (r"\x16\x03\x01", None, "", None, None, None, "")),
    ],
)  # fmt: skip
def test_a_request(text: str, parts: Texts) -> None:
    assert request_of(text) == parts


_LABELS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=8)
_SEGMENTS = st.text("abcXYZ019-._~%!$&'()*+,;=:@/", max_size=20)


@given(
    protocol=st.sampled_from(["http", "https", "ws", "wss"]),
    labels=st.lists(_LABELS, min_size=1, max_size=4),
    port=st.integers(0, 65535),
    path=_SEGMENTS,
    query=st.none() | st.text("abc019-._~%!$&'()*+,;=:@/?", min_size=1, max_size=20),
)
def test_a_url_is_what_the_standard_library_says(
    protocol: str, labels: list[str], port: int, path: str, query: str | None
) -> None:
    url = f"{protocol}://{'.'.join(labels)}:{port}/{path}" + ("" if query is None else f"?{query}")
    known = urlsplit(url)
    _, *found, _ = request_of(f"GET {url} HTTP/1.1")
    assert found == [
        known.scheme, known.hostname, str(known.port), known.path, known.query or None,
    ]  # fmt: skip


@given(text=anything)
@example(text="\n")
def test_any_text_has_parts(text: str) -> None:
    for way in WAYS:
        parts = way.take(text)
        assert len(parts) == way.parts
        assert all(part is None or part in text for part in parts)


def test_each_way_has_its_letter_and_can_be_sent_to_a_worker() -> None:
    import pickle

    assert [way.letter for way in WAYS] == ["a", "r"]
    assert pickle.loads(pickle.dumps(WAYS)) == (ENDPOINT, REQUEST)
