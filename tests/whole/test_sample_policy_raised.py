"""The sample ``policy_raised`` is what its script writes, and albconn finds what was planted.

Its truth is compared with the lines twice: read plainly, apart from albconn, and by albconn.
"""

from __future__ import annotations

import gzip
import json
import runpy
import subprocess
import sys
import zlib
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import albconn as ac
from albconn.analysis.tls.changes import fitting_change
from albconn.analysis.tls.policies import policies
from albconn.logs.find.selection import Selection
from albconn.logs.find.sources import list_log_files
from tests.whole.test_sample import README_ROW, SAMPLE, digest
from worlds.lines import UNMAPPED, Record
from worlds.plain import read_text

RAISED = SAMPLE / "policy_raised"
SCRIPT = SAMPLE / "make_policy_raised.py"
MAX_BYTES = 1_000_000
OLD = ("TLSv1", "TLSv1.1")
FAILED = f"Failed:{UNMAPPED}"


@pytest.fixture(scope="module")
def rewritten(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dest = tmp_path_factory.mktemp("policy_raised")
    subprocess.run([sys.executable, "-B", SCRIPT, dest], check=True, capture_output=True)
    return dest


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    return json.loads((RAISED / "truth.json").read_text())


@pytest.fixture(scope="module")
def records() -> list[Record]:
    """All lines, read plainly, by time."""
    found: list[Record] = []
    for path in (RAISED / "AWSLogs").rglob("*.log.gz"):
        held, rejected = read_text(gzip.decompress(path.read_bytes()))
        assert not rejected
        found.extend(held.values())
    return sorted(found, key=lambda record: record["timestamp"])


@pytest.fixture(scope="module")
def loaded() -> Any:
    return ac.load_connections(RAISED)


def orders(records: list[Record], truth: dict[str, Any]) -> list[Record]:
    return [one for one in records if one["elb"] == truth["change"]["load_balancer"]]


def succeeded(record: Record) -> bool:
    return record["tls_verify_status"] == "Success"


def spoken(records: list[Record]) -> list[dict[str, Any]]:
    """Return what successes agreed on, as the truth tells it."""
    won = [(one["tls_protocol"], one["tls_cipher"], one["client_ip"]) for one in records]
    connections, clients = Counter(w[:2] for w in won), Counter(w[:2] for w in set(won))
    return [
        {"tls_protocol": p, "tls_cipher": c, "connections": n, "clients": clients[p, c]}
        for (p, c), n in sorted(connections.items())
    ]


# What the script writes.


def test_script_writes_the_committed_names_and_lines(rewritten: Path) -> None:
    assert digest(rewritten, unpack=gzip.decompress) == digest(RAISED, unpack=gzip.decompress)


def test_script_writes_the_committed_bytes(rewritten: Path) -> None:
    # As for the other sample: a zlib of another make may pack the same lines otherwise.
    committed = min((RAISED / "AWSLogs").rglob("*.log.gz")).read_bytes()
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    if packer.compress(gzip.decompress(committed)) + packer.flush() != committed[10:-8]:
        pytest.skip(f"zlib {zlib.ZLIB_RUNTIME_VERSION} packs otherwise than the one of the sample")
    assert digest(rewritten) == digest(RAISED)
    assert (rewritten / "truth.json").read_bytes() == (RAISED / "truth.json").read_bytes()


def test_gzip_has_no_time_and_the_tree_is_small(truth: dict[str, Any]) -> None:
    contents = [path.read_bytes() for path in (RAISED / "AWSLogs").rglob("*.log.gz")]
    assert {content[4:8] for content in contents} == {b"\0\0\0\0"}
    assert len(contents) == truth["files"] == 2 * 2 * 288
    assert sum(map(len, contents)) == truth["bytes_of_log_files"] < MAX_BYTES


def test_script_refuses_a_folder_with_logs(rewritten: Path) -> None:
    run = subprocess.run([sys.executable, "-B", SCRIPT, rewritten], capture_output=True, text=True)
    assert run.returncode == 1
    assert "holds AWSLogs already" in run.stderr


@pytest.mark.parametrize(("name", "key"), [("BEFORE", "before"), ("AFTER", "after")])
def test_scripts_policies_are_those_of_aws(name: str, key: str, truth: dict[str, Any]) -> None:
    # The script knows two policies by heart, as far as a certificate with an RSA key goes.
    told = runpy.run_path(str(SAMPLE / "raised_clients.py"))[name]
    policy = policies()[truth["change"][f"policy_{key}"]]
    assert told.name == policy.name
    assert told.protocols == policy.protocols
    assert told.ciphers == tuple(cipher for cipher in policy.ciphers if "ECDSA" not in cipher)


def test_readme_tells_the_truth(truth: dict[str, Any]) -> None:
    rows = README_ROW.findall((RAISED / "README.md").read_text(encoding="utf-8"))
    assert len(rows) == 26
    for number, place in rows:
        assert int(number) == at(truth, place.strip()), place


def at(told: Any, place: str) -> Any:
    """Return what stands at a dotted place; a key may hold dots itself, as TLSv1.1 does."""
    if place in told:
        return told[place]
    key, _, rest = place.partition(".")
    return at(told[key], rest)


def test_the_other_sample_is_read_without_it() -> None:
    found = list_log_files(SAMPLE, selection=Selection())
    assert not any("policy_raised" in one.url for one in (*found.log_files, *found.foreign))


# What a plain reader finds.


def test_plain_reader_counts_the_same(truth: dict[str, Any], records: list[Record]) -> None:
    status = Counter(one["tls_verify_status"] for one in records)
    reasons = truth["failures_by_reason"]
    assert len(records) == truth["rows"] == truth["lines"]
    assert status.pop(None) == truth["not_tls"]
    assert status == {
        "Success": truth["tls_connections"] - truth["failures"],
        **{f"Failed:{reason}": count for reason, count in reasons.items()},
    }
    assert {one["listener_port"] for one in records if one["tls_verify_status"] is None} == {80}
    assert len({one["client_ip"] for one in records}) == truth["clients"]
    assert sum(":" in one["client_ip"] for one in records) == truth["ipv6_rows"]
    assert Counter(one["ip_address"] for one in records) == truth["rows_by_node"]
    assert {one["extra_fields"] for one in records} == {None}


def test_plain_reader_finds_the_change(truth: dict[str, Any], records: list[Record]) -> None:
    told = truth["change"]
    moment = datetime.fromisoformat(told["moment"])
    won = [one for one in orders(records, truth) if succeeded(one)]
    assert spoken([one for one in won if one["timestamp"] < moment]) == told["spoken_before"]
    assert spoken([one for one in won if one["timestamp"] >= moment]) == told["spoken_after"]
    assert {one["tls_protocol"] for one in won if one["timestamp"] >= moment} == {
        "TLSv1.2", "TLSv1.3",
    }  # fmt: skip


def test_plain_reader_finds_the_stopped(truth: dict[str, Any], records: list[Record]) -> None:
    moment = datetime.fromisoformat(truth["change"]["moment"])
    at_orders = orders(records, truth)
    last: dict[str, Record] = {}
    failures: Counter[str] = Counter()
    for one in at_orders:
        if one["timestamp"] < moment and succeeded(one):
            last[one["client_ip"]] = one
        elif one["timestamp"] >= moment and one["tls_verify_status"] == FAILED:
            failures[one["client_ip"]] += 1
    found = {
        client: (last[client]["tls_protocol"], last[client]["tls_cipher"], count)
        for client, count in failures.items()
        if client in last
    }
    assert found == {
        one["client_ip"]: (one["last_tls_protocol"], one["last_tls_cipher"], one["failures"])
        for one in truth["stopped"]["each"]
    }
    never = {client for client in failures if client not in last}
    assert never == set(truth["never_worked"]["failures_by_client"])


def test_failed_lines_do_not_say_what_the_client_speaks(records: list[Record]) -> None:
    failed = [one for one in records if one["tls_verify_status"] == FAILED]
    assert {(one["tls_protocol"], one["tls_cipher"]) for one in failed} == {
        ("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256")
    }
    assert {one["tls_handshake_latency"] for one in failed} == {None}


def test_until_the_evening_it_is_the_first_case(
    truth: dict[str, Any], records: list[Record]
) -> None:
    told = truth["alarm"]
    moment, end = (
        datetime.fromisoformat(text) for text in (truth["change"]["moment"], told["end"])
    )
    at_orders = orders(records, truth)
    unmapped = {
        one["client_ip"]
        for one in at_orders
        if moment <= one["timestamp"] < end and one["tls_verify_status"] == FAILED
    }
    old = {one["client_ip"] for one in at_orders if succeeded(one) and one["tls_protocol"] in OLD}
    assert len(unmapped) == told["unmapped_clients"] == 37
    assert len(unmapped & old) == told["of_them_had_spoken_tls_1_0_or_1_1"] == 22
    assert len(unmapped - {one["client_ip"] for one in at_orders if succeeded(one)}) == 15


def test_scanners_burst_is_the_highest_five_minutes(
    truth: dict[str, Any], records: list[Record]
) -> None:
    told = truth["never_worked"]["burst"]
    start, end = datetime.fromisoformat(told["start"]), datetime.fromisoformat(told["end"])
    burst = [
        one
        for one in records
        if one["client_ip"] == told["client_ip"] and start <= one["timestamp"] < end
    ]
    assert {one["tls_verify_status"] for one in burst} == {FAILED}
    assert len(burst) == told["failures"]
    bins = Counter(
        pd.Timestamp(one["timestamp"]).floor("5min")
        for one in records
        if one["tls_verify_status"] == FAILED
    )
    assert max(bins, key=lambda moment: bins[moment]) == pd.Timestamp(start)


# What albconn finds.


def test_books_balance(truth: dict[str, Any], loaded: Any) -> None:
    logs = loaded.files[loaded.files["kind"] == "connection_log"]
    assert len(logs) == truth["files"]
    assert len(loaded.files) - len(logs) == truth["foreign_files"]
    assert (logs["rows"] + logs["rejected"] == logs["lines"]).all()
    assert logs["lines"].sum() == truth["lines"]
    assert len(loaded.connections) == truth["rows"]
    assert len(loaded.rejected) == truth["rejected"] == 0
    assert not logs["damaged"].any()
    assert (logs["elb"].value_counts() == truth["files"] // 2).all()


def test_totals_are_the_planted_ones(truth: dict[str, Any], loaded: Any) -> None:
    for elb, told in truth["by_load_balancer"].items():
        (found,) = ac.outcome_totals(
            loaded.connections[loaded.connections["elb"] == elb]
        ).to_dict("records")  # fmt: skip
        assert found["connections"] == told["tls_connections"]
        assert found["failures"] == told["failures"]
        assert found["unmapped_failures"] == told["unmapped_failures"]


def stopped_until(end: str | None, truth: dict[str, Any], *, whole: bool = False) -> pd.DataFrame:
    filters = {} if whole else {"load_balancer": truth["change"]["load_balancer"]}
    with ac.open_connections(RAISED, end=end, **filters) as window:
        return ac.stopped_working(window, since=truth["change"]["moment"])


def planted(truth: dict[str, Any], end: str | None = None) -> list[dict[str, Any]]:
    """Return whom the change had locked out, and not let in again, at some time of the day."""
    late = end or "9"
    return [
        one
        for one in truth["stopped"]["each"]
        if one["first_failure"] < late and (one["came_back"] or "9") >= late
    ]


@pytest.mark.parametrize(
    ("end", "clients"),
    [("2026-10-06T18:00:00Z", 22), ("2026-10-06T19:00:00Z", 25), (None, 20)],
)
def test_stopped_working_finds_the_planted_clients(
    end: str | None, clients: int, truth: dict[str, Any]
) -> None:
    found, expected = stopped_until(end, truth), planted(truth, end)
    assert len(expected) == len(found) == clients
    columns = ["client_ip", "last_tls_protocol", "last_tls_cipher", "last_tls_keyexchange"]
    seen = found[columns].astype(object).fillna("-")  # no group: RSA key exchange
    assert set(seen.itertuples(index=False, name=None)) == {
        tuple(one[column] for column in columns) for one in expected
    }
    times = dict(zip(found["client_ip"], found["last_success"], strict=True))
    assert times == {one["client_ip"]: pd.Timestamp(one["last_success"]) for one in expected}
    if end is None:
        failures = dict(zip(found["client_ip"], found["failures"], strict=True))
        assert failures == {one["client_ip"]: one["failures"] for one in expected}
    assert set(found["elb"]) == {truth["change"]["load_balancer"]}
    assert set(found["top_reason"]) == {UNMAPPED}


def test_the_other_load_balancer_adds_nobody(truth: dict[str, Any]) -> None:
    alone, both = (stopped_until(None, truth, whole=whole) for whole in (False, True))
    assert list(alone["client_ip"]) == list(both["client_ip"])
    assert both.attrs["failures_of_others"] > alone.attrs["failures_of_others"]


def manners(told: list[dict[str, Any]]) -> dict[tuple[str, str], float]:
    return {(one["tls_protocol"], one["tls_cipher"]): one["clients"] for one in told}


@pytest.mark.parametrize(
    ("end", "summary"),
    [
        ("2026-10-06T18:00:00Z", "TLS 1.2 and newer"),
        ("2026-10-06T19:00:00Z", "TLS 1.2 and newer, without RSA key exchange"),
        (None, "TLS 1.2 and newer, without RSA key exchange"),
    ],
)
def test_fitting_change_names_the_policies(
    end: str | None, summary: str, truth: dict[str, Any]
) -> None:
    told = truth["change"]
    stopped = stopped_until(end, truth)
    last = zip(stopped["last_tls_protocol"], stopped["last_tls_cipher"], strict=True)
    change = fitting_change(
        Counter(last), manners(told["spoken_after"]), before=manners(told["spoken_before"])
    )
    assert change.old[0] == told["policy_before"]
    assert change.new[0] == told["policy_after"]
    assert change.floor == "TLSv1.2"
    assert change.explained == 1.0
    assert change.summary == summary


def test_histories_know_who_came_back(truth: dict[str, Any]) -> None:
    with ac.open_connections(RAISED, load_balancer=truth["change"]["load_balancer"]) as window:
        states = ac.client_histories(window).set_index("client_ip")["state"]
    for one in truth["stopped"]["each"]:
        state = "came back" if one["came_back"] else "stopped working"
        assert states[one["client_ip"]] == state
    never = {client for client, state in states.items() if state == "never worked"}
    rig = never - set(truth["never_worked"]["failures_by_client"])
    assert rig == {"198.51.100.240"}  # refused for its certificate
