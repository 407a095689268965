"""Make the stored dataset of schema version 1, which every later version must read.

Run it only to start the dataset of a new schema version, under a new name: what is stored is
what albconn wrote then. The log files lie on an S3 of our own, so their URLs name no machine.

    python -m tests.data.make_dataset_v1 tests/data/dataset_v1
"""

from __future__ import annotations

import json
import sys
import warnings
from datetime import UTC, datetime
from pathlib import Path

import boto3
from moto.server import ThreadedMotoServer

from albconn import convert
from worlds.contract import RENAMED_FILE, WORLD, content_of, expected_rows

BUCKET = "example-logs"


def main(dest: Path) -> None:
    """Convert the world in three runs: a slice, the rest of it, and a file that came late."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    _upload(endpoint)
    options = {"key": "none", "secret": "none", "endpoint_url": endpoint}
    logs, midnight = f"s3://{BUCKET}/AWSLogs", datetime(2026, 9, 24, tzinfo=UTC)
    warnings.simplefilter("ignore")
    convert(logs, dest, end=midnight, storage_options=options)
    convert(logs, dest, storage_options=options)
    convert(f"s3://{BUCKET}/{RENAMED_FILE}", dest, storage_options=options)
    server.stop()
    rows = json.dumps(expected_rows(f"s3://{BUCKET}"), ensure_ascii=False, indent=1)
    dest.with_name(f"{dest.name}_rows.json").write_text(rows + "\n")


def _upload(endpoint: str) -> None:
    client = boto3.client(
        "s3", endpoint_url=endpoint, aws_access_key_id="none", aws_secret_access_key="none",
        region_name="us-east-1",
    )  # fmt: skip
    client.create_bucket(Bucket=BUCKET)
    for name in WORLD:
        client.put_object(Bucket=BUCKET, Key=name, Body=content_of(name))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
