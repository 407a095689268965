"""Write ``policy_raised/``: the day on which a load balancer's security policy was raised.

Every connection is an entry in the list of ``raised_world`` first and a line in a log file second.
The truth is counted from that list and from who was planted, by nothing that albconn has a part
in. Nothing here depends on the clock, so the bytes stay the same.

Run ``python data/sample/make_policy_raised.py [DEST]``; policy_raised/README.md tells the story.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any

from make_sample import is_failure, make_room, split_by, tally, totals, write_truth
from raised_clients import AFTER, BATCH, BEFORE, MISFITS, OLD, OLD_ELSEWHERE, SCANNERS
from raised_world import (
    ALARM,
    BURST,
    BURST_CLIENT,
    MOMENT,
    ORDERS,
    START,
    WWW,
    Connection,
    raised_connections,
)
from sample_files import Written, stamp, write_log_files, write_marker
from sample_world import HOUR

SEED = 20261006
HOME = Path(__file__).resolve().parent / "policy_raised"
NEVER = (*MISFITS, *SCANNERS)


def is_success(made: Connection) -> bool:
    """Return whether a TLS handshake succeeded."""
    return made.status == "Success"


def clients_of(made: Iterable[Connection]) -> int:
    """Return the number of different addresses."""
    return len({one.client_ip for one in made})


def manners(made: Iterable[Connection]) -> list[dict[str, Any]]:
    """Return what successful handshakes agreed on: connections and clients of each kind."""
    kinds: defaultdict[tuple[str, str], list[Connection]] = defaultdict(list)
    for one in filter(is_success, made):
        kinds[one.protocol, one.cipher].append(one)
    return [
        {"tls_protocol": protocol, "tls_cipher": cipher,
         "connections": len(its), "clients": clients_of(its)}
        for (protocol, cipher), its in sorted(kinds.items())
    ]  # fmt: skip


def fate(came_back: Connection | None, last_failure: int) -> str:
    """Return what became of a client that was locked out."""
    if came_back:
        return "came back"
    return "gave up" if last_failure < MOMENT + 9 * HOUR else "still tries"


def locked_out(address: str, orders: list[Connection]) -> dict[str, Any]:
    """Return the story of one client that the new policy locked out."""
    devices = [device for device in (*OLD, *BATCH) if device.address == address]
    its = [one for one in orders if one.client_ip == address]
    last = [one for one in its if is_success(one) and one.at < MOMENT][-1]
    failed = [one for one in its if is_failure(one)]
    back = next((one for one in its if is_success(one) and one.at >= MOMENT), None)
    return {
        "client_ip": address, "devices": len(devices),
        "software": sorted({device.software.name for device in devices}),
        "successes_before": sum(is_success(one) and one.at < MOMENT for one in its),
        "last_success": stamp(last.at), "last_tls_protocol": last.protocol,
        "last_tls_cipher": last.cipher, "last_tls_keyexchange": last.keyexchange,
        "first_failure": stamp(failed[0].at), "last_failure": stamp(failed[-1].at),
        "failures": len(failed), "became": fate(back, failed[-1].at),
        "came_back": stamp(back.at) if back else None,
        "came_back_with": [back.protocol, back.cipher] if back else None,
    }  # fmt: skip


def stopped(orders: list[Connection]) -> dict[str, Any]:
    """Return whom the new policy locked out, and what they had last spoken."""
    each = [locked_out(a, orders) for a in dict.fromkeys(d.address for d in (*OLD, *BATCH))]
    spoken = Counter((one["last_tls_protocol"], one["last_tls_cipher"]) for one in each)
    return {
        "clients": len(each), "failures": sum(one["failures"] for one in each),
        "clients_by_last_protocol": tally(one["last_tls_protocol"] for one in each),
        "clients_by_last_protocol_and_cipher": [
            {"tls_protocol": protocol, "tls_cipher": cipher, "clients": count}
            for (protocol, cipher), count in sorted(spoken.items())
        ],
        "clients_by_fate": tally(one["became"] for one in each),
        "clients_that_do_not_work_at_the_end": sum(one["came_back"] is None for one in each),
        "behind_a_nat": sum(one["devices"] > 1 for one in each),
        "each": each,
    }  # fmt: skip


def alarm(orders: list[Connection]) -> dict[str, Any]:
    """Return what could be seen until the evening, when they who were called looked."""
    begins, ends = ALARM
    unmapped = {
        one.client_ip for one in orders if is_failure(one) and one.certificate is None
        and MOMENT <= one.at < ends
    }  # fmt: skip
    old = {device.address for device in OLD}
    return {
        "start": stamp(begins), "end": stamp(ends),
        **totals(one for one in orders if begins <= one.at < ends),
        "unmapped_clients": len(unmapped),
        "of_them_had_spoken_tls_1_0_or_1_1": len(unmapped & old),
        "of_them_never_worked": len(unmapped & set(NEVER)),
    }  # fmt: skip


def never_worked(orders: list[Connection]) -> dict[str, Any]:
    """Return who only ever fails, and the burst of one of them."""
    burst = [
        one for one in orders if one.client_ip == BURST_CLIENT and BURST[0] <= one.at < BURST[1]
    ]
    failures = Counter(one.client_ip for one in orders if one.client_ip in NEVER)
    return {
        "clients": len(NEVER), "misfits": len(MISFITS), "scanners": len(SCANNERS),
        "failures": sum(failures.values()), "failures_by_client": dict(sorted(failures.items())),
        "burst": {"client_ip": BURST_CLIENT, "start": stamp(BURST[0]), "end": stamp(BURST[1]),
                  "failures": len(burst)},
    }  # fmt: skip


def changed(orders: list[Connection]) -> dict[str, Any]:
    """Return the change, and what was spoken before and after it."""
    before = [one for one in orders if one.at < MOMENT]
    after = [one for one in orders if one.at >= MOMENT]
    return {
        "load_balancer": ORDERS, "listener_port": 443, "moment": stamp(MOMENT),
        "policy_before": BEFORE.name, "policy_after": AFTER.name,
        "before": totals(before), "after": totals(after),
        "spoken_before": manners(before), "spoken_after": manners(after),
        "first_tls_1_3": stamp(next(o.at for o in orders if o.protocol == "TLSv1.3")),
    }  # fmt: skip


def truth_of(made: list[Connection], written: Written) -> dict[str, Any]:
    """Return all that is known of the day, to be compared with what albconn says."""
    orders = [one for one in made if one.elb == ORDERS]
    www = [one for one in made if one.elb == WWW]
    elsewhere = {device.address for device in OLD_ELSEWHERE}
    return {
        "files": len(written), "foreign_files": 1,
        "lines": sum(len(lines) for _, lines, _ in written.values()), **totals(made),
        "rejected": 0, "bytes_of_log_files": sum(size for _, _, size in written.values()),
        "clients": clients_of(made), "ipv6_rows": sum(":" in one.client_ip for one in made),
        "first_timestamp": stamp(made[0].at), "last_timestamp": stamp(made[-1].at),
        "by_load_balancer": split_by(made, {e: lambda o, e=e: o.elb == e for e in (ORDERS, WWW)}),
        "clients_by_load_balancer": {ORDERS: clients_of(orders), WWW: clients_of(www)},
        "failures_by_reason": tally(one.status[7:] for one in made if is_failure(one)),
        "rows_by_node": tally(one.node for one in made),
        "change": changed(orders), "alarm": alarm(orders), "stopped": stopped(orders),
        "never_worked": never_worked(orders),
        "the_other_one": {
            "load_balancer": WWW, "policy": BEFORE.name, "spoken": manners(www),
            "old_clients_that_work": clients_of(
                one for one in www if one.client_ip in elsewhere and one.at >= MOMENT),
        },
    }  # fmt: skip


def write_policy_raised(dest: Path) -> dict[str, Any]:
    """Write ``AWSLogs/`` and ``truth.json`` into a folder and return the truth."""
    make_room(dest, HOME)
    made = raised_connections(SEED)
    truth = truth_of(made, write_log_files(made, dest, Random(SEED + 1)))
    write_marker(dest, ORDERS, START - 17 * HOUR)
    write_truth(dest, truth)
    return truth


if __name__ == "__main__":
    told = write_policy_raised(Path(sys.argv[1]) if len(sys.argv) > 1 else HOME)
    print(json.dumps({k: v for k, v in told.items() if isinstance(v, int | float)}, indent=1))
