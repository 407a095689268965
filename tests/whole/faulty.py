"""A proxy before an S3 that does what networks, proxies and stores do on bad days.

A fault is ordered for requests that match, for some times or for ever; all else passes through.
Each fault is a function of the request's handler: what is done upstream, and what is answered.
"""

from __future__ import annotations

import http.client
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from tests.conftest import S3Server

PAGE = b"<html><head><title>Sign in</title></head><body>Welcome to the network</body></html>"
OURS = {"connection", "transfer-encoding", "content-length", "date", "server", "keep-alive"}


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]

    @property
    def operation(self) -> str:
        """Return what is asked for, as the fault table calls it."""
        if self.method == "GET" and "list-type" in self.query:
            return "LIST"
        if self.method == "GET" and "Range" in self.headers:
            return "GET large"
        if self.method in ("GET", "HEAD", "DELETE"):
            return self.method if self.method != "GET" else "GET small"
        if self.method == "POST" and "delete" in self.query:
            return "DELETE"
        if self.method == "PUT":
            return f"PUT {'record' if '/manifest/' in self.path else 'part'}"
        return self.method


@dataclass
class Order:
    matches: Callable[[Asked], bool]
    fault: Callable[[_Handler, Asked, bytes], None]
    times: int
    done: int = 0


@dataclass
class FaultyProxy:
    """Where it listens, what was asked, and which faults are ordered."""

    endpoint: str
    upstream: str
    seen: list[Asked] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fail(self, name: str, matches: Callable[[Asked], bool], times: int = 1_000_000) -> Order:
        order = Order(matches, FAULTS[name], times)
        self.orders.append(order)
        return order

    def order_for(self, asked: Asked) -> Order | None:
        with self.lock:
            self.seen.append(asked)
            for order in self.orders:
                if order.done < order.times and order.matches(asked):
                    order.done += 1
                    return order
        return None


def options_through(proxy: FaultyProxy, server: S3Server, **config: Any) -> dict[str, Any]:
    """Return storage options that lead through a proxy and leave the retries to us."""
    return {**server.storage_options, "endpoint_url": proxy.endpoint, "config_kwargs": config}


@contextmanager
def faulty_proxy(upstream: str) -> Iterator[FaultyProxy]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  (clients that give up)
    proxy = FaultyProxy(f"http://127.0.0.1:{server.server_port}", upstream)
    server.proxy = proxy  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def proxy(self) -> FaultyProxy:
        return self.server.proxy  # type: ignore[attr-defined]

    def answer_request(self) -> None:
        url = urlsplit(self.path)
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        asked = Asked(self.command, url.path, query, dict(self.headers.items()))
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        order = self.proxy.order_for(asked)
        if order is None:
            self.pass_on(self.forward(body))
        else:
            order.fault(self, asked, body)

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = answer_request  # noqa: N815

    def forward(self, body: bytes) -> Answer:
        connection = http.client.HTTPConnection(urlsplit(self.proxy.upstream).netloc, timeout=60)
        try:
            headers = {n: v for n, v in self.headers.items() if n.lower() not in OURS}
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            told = {n: v for n, v in answer.getheaders() if n.lower() not in OURS}
            if self.command == "HEAD":
                told["Content-Length"] = answer.getheader("Content-Length") or "0"
            return Answer(answer.status, told, answer.read())
        finally:
            connection.close()

    def pass_on(self, answer: Answer, length: int | None = None) -> None:
        self.begin(answer, length)
        self.wfile.write(answer.body)

    def begin(self, answer: Answer, length: int | None = None) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if self.command != "HEAD" and answer.status != 204:
            self.send_header("Content-Length", str(len(answer.body) if length is None else length))
        self.end_headers()
        self.wfile.flush()

    def hang_up(self) -> None:
        """Break the connection off, as a machine does that dies."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: what was asked is in ``seen``."""


def _slow(handler: _Handler, _: Asked, body: bytes) -> None:
    answer = handler.forward(body)
    handler.proxy.closing.wait(0.3)
    handler.pass_on(answer)


def _hang(handler: _Handler, _: Asked, __: bytes) -> None:
    handler.proxy.closing.wait(120)
    handler.close_connection = True


def _drip(handler: _Handler, _: Asked, body: bytes) -> None:
    answer = handler.forward(body)
    handler.begin(answer)
    for n in range(len(answer.body)):
        handler.wfile.write(answer.body[n : n + 1])
        handler.wfile.flush()
        if handler.proxy.closing.wait(0.1):
            break
    handler.close_connection = True


def _refuse(handler: _Handler, _: Asked, __: bytes) -> None:
    handler.hang_up()


def _lose(handler: _Handler, _: Asked, body: bytes) -> None:
    handler.forward(body)
    handler.hang_up()


def _twice(handler: _Handler, _: Asked, body: bytes) -> None:
    handler.forward(body)
    handler.pass_on(handler.forward(body))


def _reset(handler: _Handler, _: Asked, body: bytes) -> None:
    answer = handler.forward(body)
    handler.begin(answer)
    handler.wfile.write(answer.body[: len(answer.body) // 2])
    handler.wfile.flush()
    handler.hang_up()


def _cut(handler: _Handler, _: Asked, body: bytes) -> None:
    answer = handler.forward(body)
    answer.body = answer.body[: len(answer.body) // 2]
    handler.pass_on(answer)


def _empty(handler: _Handler, _: Asked, body: bytes) -> None:
    answer = handler.forward(body)
    answer.body = b""
    handler.pass_on(answer)


def _nothing(handler: _Handler, _: Asked, __: bytes) -> None:
    handler.pass_on(Answer(200, {}, b""))


def _page(handler: _Handler, _: Asked, __: bytes) -> None:
    handler.pass_on(Answer(200, {"Content-Type": "text/html"}, PAGE))


def _wrong(handler: _Handler, _: Asked, body: bytes) -> None:
    answer = handler.forward(body)
    middle = len(answer.body) // 2
    if answer.body:
        flipped = bytes([answer.body[middle] ^ 1])
        answer.body = answer.body[:middle] + flipped + answer.body[middle + 1 :]
    handler.pass_on(answer)


def _wrong_unseen(handler: _Handler, _: Asked, body: bytes) -> None:
    answer = handler.forward(body)
    answer.headers = {n: v for n, v in answer.headers.items() if n.lower() != "etag"}
    answer.headers["ETag"] = '"0123456789abcdef0123456789abcdef-2"'
    answer.body = answer.body[:-1] + b"?"
    handler.pass_on(answer)


def _not_deleted(handler: _Handler, _: Asked, __: bytes) -> None:
    told = b"<Error><Key>a</Key><Code>AccessDenied</Code><Message>no</Message></Error>"
    body = b"<?xml version='1.0'?><DeleteResult>" + told + b"</DeleteResult>"
    handler.pass_on(Answer(200, {"Content-Type": "application/xml"}, body))


def _overlook(handler: _Handler, _: Asked, body: bytes) -> None:
    for name in ("If-Match", "If-None-Match"):
        del handler.headers[name]
    handler.pass_on(handler.forward(body))


def _error(status: int, code: str) -> Callable[[_Handler, Asked, bytes], None]:
    def fault(handler: _Handler, _: Asked, __: bytes) -> None:
        told = f"<Error><Code>{code}</Code><Message>told by the test</Message></Error>"
        body = b"" if handler.command == "HEAD" else told.encode()
        handler.pass_on(Answer(status, {"Content-Type": "application/xml"}, body))

    return fault


FAULTS: dict[str, Callable[[_Handler, Asked, bytes], None]] = {
    "slow": _slow,
    "hang": _hang,
    "drip": _drip,
    "refuse": _refuse,
    "lost": _lose,
    "twice": _twice,
    "reset": _reset,
    "cut": _cut,
    "emptied": _empty,
    "nothing": _nothing,
    "page": _page,
    "wrong bytes": _wrong,
    "wrong bytes, no MD5": _wrong_unseen,
    "not deleted": _not_deleted,
    "501": _error(501, "NotImplemented"),
    "MissingContentMD5": _error(400, "MissingContentMD5"),
    "overlook": _overlook,  # conditions
    "403": _error(403, "AccessDenied"),
    "404": _error(404, "NoSuchKey"),
    "500": _error(500, "InternalError"),
    "503": _error(503, "ServiceUnavailable"),
    "SlowDown": _error(503, "SlowDown"),
}
