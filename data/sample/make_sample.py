"""Write the sample: two days of ALB connection logs with one planted incident, and their truth.

Every connection is an entry in the list of ``sample_world`` first and a line in the file of its
node and five minutes second. The truth is counted from that list and from the files written, by
nothing that albconn has a part in. Nothing here depends on the clock, so the bytes stay the same.

Run ``python data/sample/make_sample.py [DEST]``; README.md beside this file tells the story.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from sample_clients import FLEET, FLEET_NEW, FLEET_OLD, FLEET_SUBJECT
from sample_files import (
    MIDNIGHT_FILE,
    MULTI_MEMBER_FILE,
    REJECTED_FILE,
    REJECTED_LINES,
    Written,
    moment,
    stamp,
    write_files,
)
from sample_world import (
    API,
    DAY,
    FLEET_ATTEMPTS,
    HOLE,
    HOUR,
    INCIDENT,
    INTERVAL,
    SHOP,
    Connection,
    connections,
)

SEED = 20260922
HERE = Path(__file__).resolve().parent

Test = Callable[[Connection], bool]


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


def baselines(shop: list[Connection], during: dict[str, int]) -> dict[str, Any]:
    """Return quiet times of the load balancer, and the excess of the incident over each."""
    begins, ends = INCIDENT
    quiet = {
        "all_before": (0, begins),
        "two_hours_before": (begins - 2 * HOUR, begins),
        "same_time_the_day_before": (begins - DAY, ends - DAY),
    }
    told = {}
    for name, (start, end) in quiet.items():
        counts = totals(one for one in shop if start <= one.at < end)
        excess = during["failures"] - rate(counts) * during["tls_connections"]
        told[name] = {
            "start": stamp(start), "end": stamp(end), **counts, "failure_rate": rate(counts),
            "excess_failures": excess, "fleet_share_of_excess": FLEET_ATTEMPTS / excess,
        }  # fmt: skip
    return told


def incident(made: list[Connection]) -> dict[str, Any]:
    """Return the planted answer, with the quiet times that it stands out against."""
    begins, ends = INCIDENT
    shop = [one for one in made if one.elb == SHOP]
    during = totals(one for one in shop if begins <= one.at < ends)
    fleet = [one for one in shop if begins <= one.at < ends and one.client_ip in FLEET]
    renewed = [o for o in shop if o.certificate == FLEET_NEW and o.status == "Success"]
    return {
        "start": stamp(begins), "end": stamp(ends), "load_balancer": SHOP, **during,
        "failure_rate": rate(during), "baselines": baselines(shop, during),
        "listener_port": 8443, "failure_reason": "ClientCertExpired", "network": "203.0.113.0/24",
        "fleet_failures": sum(map(is_failure, fleet)),
        "fleet_clients": len({one.client_ip for one in fleet}),
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


def planted(written: Written) -> dict[str, Any]:
    """Return the odd lines, files and gaps, and where they are."""
    _, node, begins, ends = HOLE
    return {
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


def truth_of(made: list[Connection], written: Written) -> dict[str, Any]:
    """Return all that is known of the sample, to be compared with what albconn says."""
    tls = [one for one in made if is_tls(one)]
    won = [one for one in tls if not is_failure(one)]
    named = [one for one in won if one.width >= 13 and one.keyexchange != "-"]
    dates = {f"{moment(day * DAY):%Y-%m-%d}": day for day in (0, 1)}
    lines = sum(len(lines) for _, lines, _ in written.values())
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
        **planted(written),
    }  # fmt: skip


def make_room(dest: Path, home: Path) -> None:
    """Take an earlier ``AWSLogs/`` away where the sample lives, and nowhere else."""
    if (dest / "AWSLogs").exists():
        if dest.resolve() != home:  # somebody's real logs may lie there
            raise SystemExit(f"{dest} holds AWSLogs already; give a folder that does not")
        shutil.rmtree(dest / "AWSLogs")


def write_truth(dest: Path, truth: dict[str, Any]) -> None:
    """Write ``truth.json``, the same on every platform."""
    (dest / "truth.json").write_text(json.dumps(truth, indent=1) + "\n", newline="\n")


def write_sample(dest: Path) -> dict[str, Any]:
    """Write ``AWSLogs/`` and ``truth.json`` into a folder and return the truth."""
    make_room(dest, HERE)
    made = connections(SEED)
    truth = truth_of(made, write_files(made, dest, SEED + 1))
    write_truth(dest, truth)
    return truth


if __name__ == "__main__":
    told = write_sample(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
    print(json.dumps({k: v for k, v in told.items() if isinstance(v, int | float)}, indent=1))
