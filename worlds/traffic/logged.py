"""What ALB would have logged: attempts become the table of connections.

A failure without common ground logs a protocol and a cipher that are the load balancer's, not
the client's, no group, and no certificate; a certificate that is refused is logged with its
subject, validity and serial number. Failures have no latency, plain HTTP has no TLS at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from albconn.schema.connections import CONNECTIONS
from worlds.traffic.addresses import masked
from worlds.traffic.events import Events
from worlds.traffic.stage import Stage
from worlds.traffic.values import MANNERS, REASONS, UNMAPPED, code
from worlds.trees import ACCOUNT, REGION, key

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FILE = 300.0  # a log file holds so much time [s]
MISSING = -1


def logged(stage: Stage, events: Events) -> pa.Table:
    """Return the connections in the schema in memory; rows keep the order of the events."""
    columns = {
        **_line(stage, events), **_tls(stage, events), **_certificate(stage, events),
        **_outcome(stage, events), **_source(stage, events),
        "account_id": _constant(ACCOUNT, len(events)),
        "region": _constant(REGION, len(events)),
        "extra_fields": category(np.full(len(events), MISSING), [""]),
    }  # fmt: skip
    schema = CONNECTIONS.memory_schema
    return pa.table({name: columns[name] for name in schema.names}, schema=schema)


def category(codes: np.ndarray, values: Sequence[str | None]) -> pa.Array:
    """Return texts by number, as a dictionary of those that occur; ``MISSING`` is null."""
    used, place = np.unique(codes, return_inverse=True)
    texts = pa.array([None if n == MISSING else values[n] for n in used], pa.string())
    merged = texts.dictionary_encode()  # equal texts become one, nulls none
    return pa.DictionaryArray.from_arrays(
        merged.indices.take(pa.array(place.astype("int32"))), merged.dictionary
    )


def _constant(text: str, count: int) -> pa.Array:
    return category(np.zeros(count, int), [text])


def is_tls(stage: Stage, events: Events) -> np.ndarray:
    """Return which attempts are TLS at all."""
    return stage.account.site_port[events.site] != 80


def manner_of(stage: Stage, events: Events) -> np.ndarray:
    """Return the number of what each client speaks at its time, whatever is logged."""
    clients = stage.clients
    learned = events.time >= clients["switch_at"].to_numpy()[events.client]
    before, later = (clients[name].to_numpy()[events.client] for name in ("manner", "later"))
    return np.where(learned, later, before)


def microseconds_of(stage: Stage, time: np.ndarray) -> np.ndarray:
    """Return times since the beginning [s] as times since 1970 [µs]."""
    began = (stage.clock.begin - _EPOCH) // timedelta(microseconds=1)
    return began + np.round(time * 1e6).astype("int64")


def _instants(values: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    return pa.array(values, pa.int64(), mask=missing).cast(pa.timestamp("us", tz="UTC"))


def shown_addresses(stage: Stage) -> list[str]:
    """Return the address of each client, as logged."""
    addresses: list[str] = stage.clients["address"].tolist()
    return list(masked(addresses, stage.plan.mask)) if stage.plan.mask else addresses


def _line(stage: Stage, events: Events) -> dict[str, pa.Array]:
    random, count, account = stage.random, len(events), stage.account
    traces = random.bytes(16 * count).hex()
    return {
        "timestamp": _instants(microseconds_of(stage, events.time)),
        "client_ip": category(events.client, shown_addresses(stage)),
        "client_port": pa.array(random.integers(1024, 65536, count).astype("int32")),
        "listener_port": pa.array(account.site_port[events.site].astype("int32")),
        "conn_trace_id": pa.array([f"TID_{traces[n : n + 32]}" for n in range(0, 32 * count, 32)]),
        "elb": category(account.site_elb[events.site], account.elbs),
        "ip_address": category(events.node, account.node_ips),
    }


def _tls(stage: Stage, events: Events) -> dict[str, pa.Array]:
    manner, tls = manner_of(stage, events), is_tls(stage, events)
    unmapped = events.reason == code(UNMAPPED)
    own = tls & ~unmapped
    protocols = [*(m.protocol for m in MANNERS), "TLSv1.2"]
    ciphers = [*(m.cipher for m in MANNERS), *stage.account.placeholder]
    placeholder = len(MANNERS) + stage.account.site_elb[events.site]
    elsewhere = np.where(tls, len(MANNERS), MISSING)
    return {
        "tls_protocol": category(np.where(own, manner, elsewhere), protocols),
        "tls_cipher": category(np.where(own, manner, np.where(tls, placeholder, MISSING)), ciphers),
        "tls_keyexchange": category(np.where(own, manner, MISSING), [m.group for m in MANNERS]),
        "tls_handshake_latency": _latency(stage, events, manner),
    }


def _latency(stage: Stage, events: Events, manner: np.ndarray) -> pa.Array:
    """Return latencies [s] in whole milliseconds; older protocols take a round trip more."""
    trips = np.array([1.0 if m.protocol == "TLSv1.3" else 1.8 for m in MANNERS])[manner]
    usual = stage.clients["latency"].to_numpy()[events.client]
    noise = np.exp(0.35 * stage.random.standard_normal(len(events)))
    return pa.array(
        np.round(usual * trips * noise * events.slower, 3),
        mask=events.failed | ~is_tls(stage, events),
    )


def _certificate(stage: Stage, events: Events) -> dict[str, pa.Array]:
    held = stage.certificates
    is_shown = stage.account.site_mutual[events.site] & (events.reason != code(UNMAPPED))
    cert = np.where(is_shown, stage.clients["cert"].to_numpy()[events.client], MISSING)
    none = cert == MISSING
    moments = {
        name: np.array([*((m - _EPOCH) // timedelta(microseconds=1) for m in values), 0], "int64")
        for name, values in (
            ("cert_not_before", held.not_before), ("cert_not_after", held.not_after),
        )
    }  # fmt: skip
    return {
        "leaf_client_cert_subject": category(cert, held.subjects),
        "leaf_client_cert_validity": category(cert, held.validity()),
        "leaf_client_cert_serial_number": category(cert, held.serials),
        **{name: _instants(values[cert], none) for name, values in moments.items()},
    }


def _outcome(stage: Stage, events: Events) -> dict[str, pa.Array]:
    tls = is_tls(stage, events)
    end = np.where(tls, events.reason + 1, MISSING)
    return {
        "tls_verify_status": category(end, ["Success", *(f"Failed:{r}" for r in REASONS)]),
        "outcome": category(np.where(tls, events.failed.astype(int), MISSING),
                            ["success", "failed"]),
        "failure_reason": category(np.where(tls, events.reason, MISSING), REASONS),
    }  # fmt: skip


def _source(stage: Stage, events: Events) -> dict[str, pa.Array]:
    """Return file and line: a node writes a file every five minutes, in the order of time."""
    account = stage.account
    interval = (events.time // FILE).astype(int)
    files, place = np.unique(interval * len(account.node_ips) + events.node, return_inverse=True)
    order = np.argsort(place, kind="stable")
    starts = np.searchsorted(place[order], np.arange(len(files)))
    line = np.empty(len(events), "int64")
    line[order] = np.arange(len(events)) - starts[place[order]] + 1
    names = [_file_name(stage, *divmod(file, len(account.node_ips))) for file in files.tolist()]
    return {"source_file": category(place, names), "line_number": pa.array(line)}


def _file_name(stage: Stage, interval: int, node: int) -> str:
    """Return the key of a node's file: the day of its end, and the end itself, in a template."""
    day, stamp = _ends(stage)[interval]
    return _key_of(stage, node).replace("1970/01/01", day).replace("19700101T0000Z", stamp)


def _ends(stage: Stage) -> list[tuple[str, str]]:
    """Return the day and the time at which each five minutes end, as keys have them."""
    if "ends" not in stage.made:
        ends = [
            stage.clock.begin + timedelta(seconds=FILE * (n + 1))
            for n in range(int(stage.seconds // FILE) + 1)
        ]
        stage.made["ends"] = [(f"{end:%Y/%m/%d}", f"{end:%Y%m%dT%H%MZ}") for end in ends]
    return stage.made["ends"]


def _key_of(stage: Stage, node: int) -> str:
    """Return the key of a node's file that ended in 1970."""
    account = stage.account
    if node not in stage.made:
        elb = int(np.searchsorted(account.first_node, node, "right")) - 1
        name = account.elbs[elb]
        stage.made[node] = key(_EPOCH, elb=name, node=account.node_ips[node])
    return stage.made[node]
