"""What several wings' tests share: an S3 of our own, over HTTP on 127.0.0.1."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

import boto3
import botocore.config
import pytest
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

# In the background of a shell an interrupt is ignored, also by what the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

FAKE_KEY, FAKE_SECRET, FAKE_REGION = "testing", "testing", "us-east-1"


@dataclass(frozen=True)
class SeenRequest:
    """One HTTP request: ``path`` is /bucket/key, ``query`` its first values."""

    method: str
    path: str
    query: dict[str, str]

    @property
    def is_listing(self) -> bool:
        return self.method == "GET" and ("list-type" in self.query or "prefix" in self.query)

    @property
    def is_object_read(self) -> bool:
        return self.method == "GET" and not self.query and self.path.count("/") >= 2

    @property
    def prefix(self) -> str:
        return self.query.get("prefix", "")


@dataclass
class _Failure:
    matches: Callable[[SeenRequest], bool]
    status: str
    code: str
    message: str
    times: int


@dataclass
class S3Server:
    """A real HTTP S3 endpoint, what it was asked, and failures to order.

    ``storage_options`` go to albconn (s3fs); ``client`` is boto3's, for arranging and looking.
    """

    endpoint: str
    client: Any
    seen: list[SeenRequest] = field(default_factory=list)
    failures: list[_Failure] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def storage_options(self) -> dict[str, Any]:
        return {
            "key": FAKE_KEY,
            "secret": FAKE_SECRET,
            "endpoint_url": self.endpoint,
            "client_kwargs": {"region_name": FAKE_REGION},
            "config_kwargs": {"retries": {"max_attempts": 1}},
        }

    def make_bucket(self, bucket: str, objects: dict[str, bytes] | None = None) -> str:
        """Create a bucket with objects, forget the requests so far, return its URL."""
        self.client.create_bucket(Bucket=bucket)
        for key, body in (objects or {}).items():
            self.client.put_object(Bucket=bucket, Key=key, Body=body)
        self.seen.clear()
        return f"s3://{bucket}"

    def listings(self) -> list[SeenRequest]:
        return [request for request in self.seen if request.is_listing]

    def fail(
        self,
        matches: Callable[[SeenRequest], bool],
        *,
        code: str,
        status: str = "403 Forbidden",
        message: str = "ordered by the test",
        times: int = 1_000_000,
    ) -> None:
        """Answer the next ``times`` requests that match with an S3 error."""
        self.failures.append(_Failure(matches, status, code, message, times))

    def failure_for(self, request: SeenRequest) -> _Failure | None:
        """Record a request; return the failure that was ordered for it."""
        with self.lock:
            self.seen.append(request)
            for failure in self.failures:
                if failure.times > 0 and failure.matches(request):
                    failure.times -= 1
                    return failure
        return None


class _Recorder:
    """A WSGI layer before moto's."""

    def __init__(self, app: Callable[..., Any]) -> None:
        self.app = app
        self.server: S3Server | None = None

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        values = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        request = SeenRequest(
            environ["REQUEST_METHOD"],
            environ["PATH_INFO"],
            {name: texts[0] for name, texts in values.items()},
        )
        failure = self.server.failure_for(request) if self.server else None
        if failure is None:
            return self.app(environ, start_response)
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        body = (
            f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{failure.code}</Code>'
            f"<Message>{escape(failure.message)}</Message></Error>"
        ).encode()
        headers = [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))]
        start_response(failure.status, headers)
        return [] if request.method == "HEAD" else [body]


@pytest.fixture(scope="session")
def _s3_endpoint() -> Iterator[tuple[str, _Recorder]]:
    recorder = _Recorder(DomainDispatcherApplication(create_backend_app))
    server = make_server(
        "127.0.0.1", 0, recorder, threaded=True, request_handler=MotoRequestHandler
    )
    thread = threading.Thread(target=server.serve_forever, name="moto-s3", daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", recorder
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def clean_aws(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Hide every AWS setting of this machine; nothing outside 127.0.0.1 is ever asked."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "BOTO_"))]:
        monkeypatch.delenv(name)
    nowhere = tmp_path_factory.mktemp("no-aws")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(nowhere / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(nowhere / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_DEFAULT_REGION", FAKE_REGION)


@pytest.fixture
def s3_server(_s3_endpoint: tuple[str, _Recorder], clean_aws: None) -> Iterator[S3Server]:
    """Give an empty S3; its buckets and what s3fs remembers of it are gone afterwards."""
    import s3fs

    endpoint, recorder = _s3_endpoint
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id=FAKE_KEY,
        aws_secret_access_key=FAKE_SECRET,
        region_name=FAKE_REGION,
        config=botocore.config.Config(retries={"max_attempts": 1}),
    )
    server = S3Server(endpoint, client)
    s3fs.S3FileSystem.clear_instance_cache()
    recorder.server = server
    yield server
    recorder.server = None
    _reset_moto(endpoint)
    client.close()
    for store in list(s3fs.S3FileSystem._cache.values()):
        if store._s3 is not None:
            s3fs.S3FileSystem.close_session(store.loop, store._s3creator)
    s3fs.S3FileSystem.clear_instance_cache()


def _reset_moto(endpoint: str) -> None:
    import urllib.request

    request = urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST")
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200
