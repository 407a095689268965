"""Make the stored dataset of record formats 1 and 2 with folds, which is read for ever.

It was written by the last version whose records were no chain: slices that were folded by a
compaction, a source that was replaced, a file that came late. Its rows are those of
``dataset_v1``. Run by a later version this writes a later format; what is stored stays.

    python -m tests.data.make_dataset_v2 tests/data/dataset_v2
"""

from __future__ import annotations

import json
import sys
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

from albconn import convert
from albconn.dataset.compacting import compact
from tests.data.make_dataset_v1 import BUCKET
from worlds.contract import LATER_FILE, MIDNIGHT_FILE, RENAMED_FILE, content_of, expected_rows
from worlds.trees import packed

MIDNIGHT = datetime(2026, 9, 24, tzinfo=UTC)


def main(dest: Path) -> None:
    """Convert the world in many runs, compact it between them."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    options = {"key": "none", "secret": "none", "endpoint_url": endpoint}
    warnings.simplefilter("ignore")
    write(dest, endpoint, options)
    server.stop()
    rows = json.dumps(expected_rows(f"s3://{BUCKET}"), ensure_ascii=False, indent=1)
    dest.with_name(f"{dest.name}_rows.json").write_text(rows + "\n")


def write(dest: Path, endpoint: str, options: dict[str, Any]) -> None:
    """Have ten records folded, then a replaced source and a late one."""
    client = boto3.client(
        "s3", endpoint_url=endpoint, aws_access_key_id="none", aws_secret_access_key="none",
        region_name="us-east-1",
    )  # fmt: skip
    client.create_bucket(Bucket=BUCKET)
    client.put_object(Bucket=BUCKET, Key=MIDNIGHT_FILE, Body=content_of(MIDNIGHT_FILE))
    client.put_object(Bucket=BUCKET, Key=LATER_FILE, Body=packed(["not yet", "nor this"]))
    logs = f"s3://{BUCKET}/AWSLogs"
    for hour in range(-4, 4):
        start = MIDNIGHT + timedelta(hours=hour)
        end = start + timedelta(hours=1)
        convert(logs, dest, start=start, end=end, storage_options=options)
    convert(logs, dest, storage_options=options)
    for n in range(8):  # the same file changes again and again, the last time to what it is
        client.put_object(Bucket=BUCKET, Key=LATER_FILE, Body=packed([f"version {n}"]))
        if n == 7:
            client.put_object(Bucket=BUCKET, Key=LATER_FILE, Body=content_of(LATER_FILE))
        convert(logs, dest, refresh="replace", storage_options=options)
        if n == 4:
            compact(dest)
    client.put_object(Bucket=BUCKET, Key=RENAMED_FILE, Body=content_of(RENAMED_FILE))
    convert(f"s3://{BUCKET}/{RENAMED_FILE}", dest, storage_options=options)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
