"""An S3 server on loopback, in this process, that counts what it is asked."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

import boto3
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

REGION = "us-east-1"


class _Quiet(MotoRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: progress goes to stderr."""


class CountedS3:
    """A resource: use it with ``with``. ``seen`` are methods and paths (``/bucket/key``)."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []
        app = DomainDispatcherApplication(create_backend_app)

        def counted(environ: dict[str, Any], start_response: Any) -> Any:
            self.seen.append((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
            return app(environ, start_response)

        self._server = make_server("127.0.0.1", 0, counted, threaded=True, request_handler=_Quiet)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> CountedS3:
        self._thread.start()
        endpoint = f"http://127.0.0.1:{self._server.server_port}"
        self.storage_options = {
            "key": "none",
            "secret": "none",
            "endpoint_url": endpoint,
            "client_kwargs": {"region_name": REGION},
        }
        os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
        self._client = boto3.client(
            "s3",
            endpoint_url=endpoint,
            aws_access_key_id="none",
            aws_secret_access_key="none",
            region_name=REGION,
        )
        self._client.create_bucket(Bucket="logs")
        self._client.create_bucket(Bucket="out")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client._endpoint.http_session.close()
        for bucket in ("logs", "out"):
            self._forget(bucket)
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def put(self, bucket: str, key: str, content: bytes) -> None:
        """Have an object."""
        self._client.put_object(Bucket=bucket, Key=key, Body=content)

    def upload(self, folder: Path, place: str) -> None:
        """Have the files of a folder below a bucket and prefix."""
        bucket, _, prefix = place.partition("/")
        for path in filter(Path.is_file, sorted(folder.rglob("*"))):
            self.put(bucket, f"{prefix}/{path.relative_to(folder).as_posix()}", path.read_bytes())

    def count(self, bucket: str) -> int:
        """Return how many requests a bucket has had."""
        return sum(path.startswith(f"/{bucket}") for _, path in self.seen)

    def _forget(self, bucket: str) -> None:
        """Delete a bucket: another server in this process has the same memory."""
        for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for item in page.get("Contents", []):
                self._client.delete_object(Bucket=bucket, Key=item["Key"])
        self._client.delete_bucket(Bucket=bucket)
