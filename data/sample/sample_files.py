"""The sample's log files: which line stands where, in what width, in how many gzip members.

One file per node and five minutes, in the folder of the day on which the five minutes end. Three
files are odd on purpose: one holds lines that are no connections, one has three gzip members, and
one holds late lines of the day before.
"""

from __future__ import annotations

import struct
import zlib
from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

from sample_world import (
    API,
    DAY,
    HOUR,
    INCIDENT,
    INTERVAL,
    MINUTE,
    NODES,
    ORIGIN,
    SECOND,
    SHOP,
    Connection,
)

ACCOUNT, REGION = "123456789012", "us-east-1"

# Three lines that are no connections, and the file that they stand in.
REJECTED_FILE = (API, NODES[API][0], 13 * HOUR + INTERVAL)
REJECTED_LINES = {
    "nine fields": "2026-09-22T13:01:07.204113Z 198.51.100.44 40112 443 TLSv1.3 "
    'TLS_AES_128_GCM_SHA256 0.043 "-" -',
    "port is no number": "2026-09-22T13:02:31.950027Z 192.0.2.77 abc 443 TLSv1.3 "
    'TLS_AES_128_GCM_SHA256 0.038 "-" - - Success TID_5d1f0c9ab2e34477a1908b6c7f20d3e4 x25519',
    "timestamp is no time": "2026-09-22T25:61:00.000000Z 192.0.2.81 51544 443 TLSv1.3 "
    'TLS_AES_128_GCM_SHA256 0.051 "-" - - Success TID_9c02e7714bd84f06b3a5d8e10c6f7a92 x25519',
}
MULTI_MEMBER_FILE = (SHOP, NODES[SHOP][0], INCIDENT[0] + 3 * INTERVAL)
MIDNIGHT_FILE = (SHOP, NODES[SHOP][1], DAY + INTERVAL)
LATE_FOR_MIDNIGHT = 2 * MINUTE

ACCESS_LINE = (
    f"https 2026-09-23T07:14:47.805298Z {SHOP} 198.51.100.165:5815 10.0.9.37:80 "
    '0.001 0.003 0.000 200 200 153 3860 "GET https://shop.example.com:443/cart HTTP/1.1" '
    '"Dart/3.11 (dart:io)" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 '
    f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/shop/ce5353cc7101de6d "
    '"Root=1-6ab37ca3-72b3ccd0353538ac305db394" "shop.example.com" '
    f'"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/34ecc395-417d-479a-b9e3-2c03c1047f42" '
    '2 2026-09-23T07:14:47.801000Z "forward" "-" "-" "10.0.9.37:80" "200" "-" "-" '
    'TID_d7917035eabacb42bea251b01fb60ab4 "-" "-" "-" 10.0.1.11 "-" "-"\n'
)


FileKey = tuple[str, str, int]  # load balancer, node, end of the interval
Written = dict[FileKey, tuple[str, list[str], int]]  # path, lines, size [bytes]


def moment(at: int) -> datetime:
    """Return the UTC time of a number of microseconds since the first midnight."""
    return ORIGIN + timedelta(microseconds=at)


def stamp(at: int) -> str:
    """Return a time as the log writes it."""
    return moment(at).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def line_of(made: Connection) -> str:
    """Return the log's line for a connection, as wide as its fleet wrote it then."""
    cert = made.certificate
    fields = [
        stamp(made.at), made.client_ip, str(made.client_port), str(made.listener_port),
        made.protocol, made.cipher, made.latency,
        f'"{cert.subject}"' if cert else '"-"',
        f"NotBefore={cert.not_before};NotAfter={cert.not_after}" if cert else "-",
        cert.serial if cert else "-",
        made.status, made.trace_id, made.keyexchange, made.elb, made.node, "-", '"-"',
    ]  # fmt: skip
    return " ".join(fields[: made.width])


def file_of(made: Connection) -> FileKey:
    """Return the file in which a connection is found: its node's, of its five minutes."""
    key = (made.elb, made.node, (made.at // INTERVAL + 1) * INTERVAL)
    late = key == (*MIDNIGHT_FILE[:2], DAY) and made.at >= DAY - LATE_FOR_MIDNIGHT
    return MIDNIGHT_FILE if late else key


def path_of(key: FileKey, prefix: str, random: Random) -> str:
    """Return a log file's path below DEST; the folder is that of the interval's end."""
    elb, node, end = key
    letters = f"{random.getrandbits(32):08x}"
    return (
        f"AWSLogs/{ACCOUNT}/elasticloadbalancing/{REGION}/{moment(end):%Y/%m/%d}/"
        f"{prefix}{ACCOUNT}_elasticloadbalancing_{REGION}_{elb.replace('/', '.')}_"
        f"{moment(end):%Y%m%dT%H%MZ}_{node}_{letters}.log.gz"
    )


def gzip_member(text: str) -> bytes:
    """Return one gzip member without name and time, the same from every version of Python."""
    plain = text.encode()
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packer.compress(plain) + packer.flush()
    head = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    return head + body + struct.pack("<II", zlib.crc32(plain), len(plain) & 0xFFFFFFFF)


def lines_of(key: FileKey, held: list[Connection], random: Random) -> list[str]:
    """Return the lines of one file; some files are a little out of order, as AWS allows."""
    if random.random() < 0.06:
        held = sorted(held, key=lambda made: made.at + random.random() * 10 * SECOND)
    lines = [line_of(made) for made in held]
    if key == REJECTED_FILE:
        for place, text in zip((1, 4, len(lines) + 2), REJECTED_LINES.values(), strict=True):
            lines.insert(place, text)
    return lines


def packed(lines: list[str], members: int) -> bytes:
    """Return lines as gzip, in as many members as asked for."""
    cuts = [len(lines) * part // members for part in range(members + 1)]
    parts = ("".join(f"{x}\n" for x in lines[a:b]) for a, b in pairwise(cuts))
    return b"".join(map(gzip_member, parts))


def write_log_files(made: list[Connection], dest: Path, random: Random) -> Written:
    """Write all log files; return path, lines and bytes of each."""
    held: defaultdict[FileKey, list[Connection]] = defaultdict(list)
    for connection in made:
        held[file_of(connection)].append(connection)
    written: Written = {}
    for key in sorted(held):
        name = path_of(key, "conn_log_", random)
        lines = lines_of(key, held[key], random)
        content = packed(lines, 3 if key == MULTI_MEMBER_FILE else 1)
        target = dest / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        written[key] = (name, lines, len(content))
    return written


def write_marker(dest: Path, elb: str, at: int) -> None:
    """Write what AWS leaves when connection logs are switched on; it is no log."""
    marker = f"Enable ConnectionLog for ELB: {elb} at {stamp(at)[:-4]}Z\n"
    (dest / "AWSLogs" / ACCOUNT / "ELBConnectionLogTestFile").write_bytes(marker.encode())


def write_files(made: list[Connection], dest: Path, seed: int) -> Written:
    """Write all log files and the foreign ones; return path, lines and bytes of each log file."""
    random = Random(seed)
    written = write_log_files(made, dest, random)
    access = dest / path_of((SHOP, NODES[SHOP][0], DAY + 7 * HOUR + 3 * INTERVAL), "", random)
    access.write_bytes(gzip_member(ACCESS_LINE))
    write_marker(dest, SHOP, -(18 * MINUTE + 51 * SECOND))
    return written
