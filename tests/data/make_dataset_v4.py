"""Make the stored dataset that holds both tables, connections and requests, read for ever.

Its connections are those of ``dataset_v2``; its requests came with two access logs, in two runs,
the second of which folded nothing. Run by a later version this may write a later format; what is
stored stays.

    python -m tests.data.make_dataset_v4 tests/data/dataset_v4
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
from tests.data import make_dataset_v2
from tests.data.make_dataset_v1 import BUCKET
from worlds.contract import expected_rows
from worlds.request_lines import TAIL, request_line
from worlds.trees import ACCESS_LOG, key, packed

MIDNIGHT = datetime(2026, 9, 24, tzinfo=UTC)
FIRST, SECOND = (key(MIDNIGHT + timedelta(minutes=n), begins=ACCESS_LOG) for n in (5, 10))
# What stands in the rows, and the fields of the lines that hold it.
REQUESTS: list[dict[str, Any]] = [
    {"client_ip": "203.0.113.7", "client_port": 50000, "request_path": "/a", "request_query": "b=c",
     "elb_status_code": 200, "request_host": "www.example.com", "conn_trace_id": "TID_1",
     "user_agent": r"Mozilla/5.0 (\x22quoted\x22)", "target_processing_time": 0.003,
     "extra_fields": TAIL, "status_class": "2xx"},
    {"client_ip": "2001:db8::1", "client_port": 443, "request_path": None, "request_query": None,
     "elb_status_code": 460, "request_host": "www.example.com", "conn_trace_id": "TID_2",
     "user_agent": None, "target_processing_time": None, "extra_fields": None,
     "status_class": "4xx"},
    {"client_ip": "203.0.113.8", "client_port": 1, "request_path": "/", "request_query": None,
     "elb_status_code": 502, "request_host": "www.example.com", "conn_trace_id": "TID_1",
     "user_agent": "a bot", "target_processing_time": 1.5, "extra_fields": None,
     "status_class": "5xx"},
]  # fmt: skip
LINES = [
    "GET https://www.example.com:443/a?b=c HTTP/2.0", "- http://www.example.com:80- -",
    "POST https://www.example.com:443/ HTTP/1.1",
]  # fmt: skip


def line_of(place: int) -> str:
    """Return a request as its log has it; the first is of the day before."""
    row = REQUESTS[place]
    given = {
        name: value
        for name, value in row.items()
        if name not in ("request_path", "request_query", "request_host", "status_class")
    }
    moment = MIDNIGHT + timedelta(seconds=place - 1)
    return request_line(moment, request_line=LINES[place], **given)


def main(dest: Path) -> None:
    """Convert both worlds into one dataset."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    options = {"key": "none", "secret": "none", "endpoint_url": endpoint}
    warnings.simplefilter("ignore")
    make_dataset_v2.write(dest, endpoint, options)
    client = boto3.client(
        "s3", endpoint_url=endpoint, aws_access_key_id="none", aws_secret_access_key="none",
        region_name="us-east-1",
    )  # fmt: skip
    logs = f"s3://{BUCKET}/AWSLogs"
    client.put_object(Bucket=BUCKET, Key=FIRST, Body=packed([line_of(0), line_of(1), "no request"]))
    convert(logs, dest, table="requests", storage_options=options)
    client.put_object(Bucket=BUCKET, Key=SECOND, Body=packed([line_of(2)]))
    convert(logs, dest, table="requests", storage_options=options)
    server.stop()
    rows = json.dumps(expected_rows(f"s3://{BUCKET}"), ensure_ascii=False, indent=1)
    dest.with_name(f"{dest.name}_rows.json").write_text(rows + "\n")
    dest.with_name(f"{dest.name}_requests.json").write_text(
        json.dumps(REQUESTS, ensure_ascii=False, indent=1) + "\n"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
