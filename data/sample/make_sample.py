"""Write the sample: two days of ALB connection logs with one planted incident, and their truth.

Every connection is an entry in the list of ``sample_world`` first and a line in the file of its
node and five minutes second. The truth is counted from that list and from the files written, by
nothing that albconn has a part in. Nothing here depends on the clock, so the bytes stay the same.

Run ``python data/sample/make_sample.py [DEST]``; README.md beside this file tells the story.
"""

from __future__ import annotations

import json
import shutil
import struct
import sys
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sample_world import (
    API,
    DAY,
    FLEET,
    FLEET_NEW,
    FLEET_OLD,
    FLEET_SUBJECT,
    HOLE,
    HOUR,
    INCIDENT,
    INTERVAL,
    MINUTE,
    NODES,
    ORIGIN,
    SECOND,
    SHOP,
    Connection,
    connections,
)

SEED = 20260922
HERE = Path(__file__).resolve().parent
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
Test = Callable[[Connection], bool]


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
    letters = "".join(f"{random.getrandbits(40):010x}"[:8])
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
    parts = ("".join(f"{x}\n" for x in lines[a:b]) for a, b in zip(cuts, cuts[1:], strict=False))
    return b"".join(map(gzip_member, parts))


def write_files(made: list[Connection], dest: Path) -> dict[FileKey, tuple[str, list[str], int]]:
    """Write all log files and the foreign ones; return path, lines and bytes of each log file."""
    random = Random(SEED + 1)
    held: defaultdict[FileKey, list[Connection]] = defaultdict(list)
    for connection in made:
        held[file_of(connection)].append(connection)
    written: dict[FileKey, tuple[str, list[str], int]] = {}
    for key in sorted(held):
        name = path_of(key, "conn_log_", random)
        lines = lines_of(key, held[key], random)
        content = packed(lines, 3 if key == MULTI_MEMBER_FILE else 1)
        target = dest / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        written[key] = (name, lines, len(content))
    access = dest / path_of((SHOP, NODES[SHOP][0], DAY + 7 * HOUR + 3 * INTERVAL), "", random)
    access.write_bytes(gzip_member(ACCESS_LINE))
    marker = f"Enable ConnectionLog for ELB: {SHOP} at 2026-09-21T23:41:09.000Z\n"
    (dest / "AWSLogs" / ACCOUNT / "ELBConnectionLogTestFile").write_bytes(marker.encode())
    return written


def is_tls(made: Connection) -> bool:
    """Return whether a connection has an outcome, and so counts."""
    return made.status != "-"


def is_failure(made: Connection) -> bool:
    """Return whether a connection failed."""
    return made.status.startswith("Failed:")


def tally(values: Iterable[Any]) -> dict[str, int]:
    """Return how often each value occurs, by value."""
    return {str(value): count for value, count in sorted(Counter(values).items())}


def totals(made: Iterable[Connection]) -> dict[str, int]:
    """Return the counts that every rate rests on."""
    chosen = list(made)
    return {
        "rows": len(chosen),
        "tls_connections": sum(map(is_tls, chosen)),
        "failures": sum(map(is_failure, chosen)),
        "unmapped_failures": sum(m.status.endswith("UnmappedConnectionError") for m in chosen),
        "unclassified": sum(not is_tls(m) and m.listener_port == 443 for m in chosen),
        "not_tls": sum(m.listener_port == 80 for m in chosen),
    }


def rate(counts: dict[str, int]) -> float:
    """Return failures over TLS connections [1]."""
    return counts["failures"] / counts["tls_connections"]


def certificates(made: list[Connection]) -> list[dict[str, Any]]:
    """Return what happened to each certificate, by subject and serial number."""
    shown: defaultdict[tuple[str, str], list[Connection]] = defaultdict(list)
    for one in made:
        if one.certificate:
            shown[one.certificate.subject, one.certificate.serial].append(one)
    return [
        {
            "subject": subject, "serial": serial,
            "not_after": seen[0].certificate.not_after if seen[0].certificate else None,
            "connections": len(seen), "failures": sum(map(is_failure, seen)),
            "clients": len({one.client_ip for one in seen}),
            "first_seen": stamp(min(one.at for one in seen)),
            "last_seen": stamp(max(one.at for one in seen)),
        }
        for (subject, serial), seen in sorted(shown.items())
    ]  # fmt: skip


def incident(made: list[Connection]) -> dict[str, Any]:
    """Return the planted answer, with the quiet times that it stands out against."""
    begins, ends = INCIDENT
    shop = [one for one in made if one.elb == SHOP]
    during = totals(one for one in shop if begins <= one.at < ends)
    fleet = [one for one in shop if begins <= one.at < ends and one.client_ip in FLEET]
    quiet = {
        "all_before": (0, begins),
        "two_hours_before": (begins - 2 * HOUR, begins),
        "same_time_the_day_before": (begins - DAY, ends - DAY),
    }
    baselines = {}
    for name, (start, end) in quiet.items():
        counts = totals(one for one in shop if start <= one.at < end)
        expected = rate(counts) * during["tls_connections"]
        baselines[name] = {
            "start": stamp(start), "end": stamp(end), **counts, "failure_rate": rate(counts),
            "excess_failures": during["failures"] - expected,
            "fleet_share_of_excess": len(fleet) / (during["failures"] - expected),
        }  # fmt: skip
    renewed = [o for o in shop if o.certificate == FLEET_NEW and o.status == "Success"]
    return {
        "start": stamp(begins), "end": stamp(ends), "load_balancer": SHOP, **during,
        "failure_rate": rate(during), "baselines": baselines,
        "listener_port": 8443, "failure_reason": "ClientCertExpired", "network": "203.0.113.0/24",
        "fleet_failures": len(fleet), "fleet_clients": len({one.client_ip for one in fleet}),
        "subject": FLEET_SUBJECT, "serial": FLEET_OLD.serial, "not_after": FLEET_OLD.not_after,
        "first_failure": stamp(min(one.at for one in fleet)),
        "last_failure": stamp(max(one.at for one in fleet)),
        "renewed_serial": FLEET_NEW.serial, "renewed_not_after": FLEET_NEW.not_after,
        "recovered_clients": len({one.client_ip for one in renewed}),
        "first_recovery": stamp(min(one.at for one in renewed)),
        "failures_by_reason": tally(
            o.status[7:] for o in shop if begins <= o.at < ends and is_failure(o)),
    }  # fmt: skip


def split_by(made: list[Connection], names: dict[str, Test]) -> dict[str, dict[str, int]]:
    """Return the totals of each named part."""
    return {name: totals(filter(test, made)) for name, test in names.items()}


def truth_of(
    made: list[Connection], written: dict[FileKey, tuple[str, list[str], int]]
) -> dict[str, Any]:
    """Return all that is known of the sample, to be compared with what albconn says."""
    tls = [one for one in made if is_tls(one)]
    won = [one for one in tls if not is_failure(one)]
    named = [one for one in won if one.width >= 13 and one.keyexchange != "-"]
    dates = {f"{moment(day * DAY):%Y-%m-%d}": day for day in (0, 1)}
    lines = sum(len(lines) for _, lines, _ in written.values())
    _, node, begins, ends = HOLE
    return {
        "files": len(written), "foreign_files": 2, "lines": lines, **totals(made),
        "rejected": lines - len(made), "failure_rate": rate(totals(made)),
        "bytes_of_log_files": sum(size for _, _, size in written.values()),
        "clients": len({one.client_ip for one in made}),
        "ipv6_rows": sum(":" in one.client_ip for one in made),
        "first_timestamp": stamp(made[0].at), "last_timestamp": stamp(made[-1].at),
        "by_load_balancer": split_by(made, {e: lambda o, e=e: o.elb == e for e in (SHOP, API)}),
        "by_date": split_by(made, {d: lambda o, n=n: o.at // DAY == n for d, n in dates.items()}),
        "failures_by_reason": tally(one.status[7:] for one in tls if is_failure(one)),
        "tls_connections_by_protocol": tally(one.protocol for one in tls),
        "failures_by_protocol": tally(one.protocol for one in tls if is_failure(one)),
        "successes_by_cipher": tally(one.cipher for one in won),
        "rows_by_node": tally(one.node for one in made),
        "rows_by_listener_port": tally(one.listener_port for one in made),
        "rows_by_width": tally(one.width for one in made),
        "logged_successes_by_key_exchange": {
            date: tally(one.keyexchange for one in named if one.at // DAY == day)
            for date, day in dates.items()
        },
        "certificates": certificates(made), "incident": incident(made),
        "rejected_lines": [
            {"source_file": written[REJECTED_FILE][0], "why": why, "text": text,
             "line_number": written[REJECTED_FILE][1].index(text) + 1}
            for why, text in REJECTED_LINES.items()
        ],
        "coverage_hole": {"load_balancer": API, "node": node, "start": stamp(begins),
                          "end": stamp(ends), "node_intervals": (ends - begins) // INTERVAL},
        "node_intervals_expected": 4 * 2 * DAY // INTERVAL,
        "multi_member_file": {"source_file": written[MULTI_MEMBER_FILE][0], "members": 3,
                              "lines": len(written[MULTI_MEMBER_FILE][1])},
        "midnight_file": {"source_file": written[MIDNIGHT_FILE][0], "rows_by_date": tally(
            text[:10] for text in written[MIDNIGHT_FILE][1])},
    }  # fmt: skip


def write_sample(dest: Path) -> dict[str, Any]:
    """Write ``AWSLogs/`` and ``truth.json`` into a folder and return the truth."""
    if (dest / "AWSLogs").exists():
        if dest.resolve() != HERE:  # somebody's real logs may lie there
            raise SystemExit(f"{dest} holds AWSLogs already; give a folder that does not")
        shutil.rmtree(dest / "AWSLogs")
    made = connections(SEED)
    truth = truth_of(made, write_files(made, dest))
    (dest / "truth.json").write_text(json.dumps(truth, indent=1) + "\n", newline="\n")
    return truth


if __name__ == "__main__":
    told = write_sample(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
    print(json.dumps({k: v for k, v in told.items() if isinstance(v, int | float)}, indent=1))
