"""What a dataset tells about clients when it is handed over."""

from __future__ import annotations

import json
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from albconn import DatasetError, TableError, convert, read_dataset
from albconn.dataset import check
from albconn.dataset.privacy import make_privacy, pseudonym, truncated
from albconn.schema.connections import CONNECTIONS
from tests.dataset.on_disk import part_files, read_file
from worlds.lines import line
from worlds.trees import log_path, write_log

KEY = b"0123456789abcdef0123456789abcdef"
CLIENTS = ["203.0.113.7", "203.0.113.99", "2001:db8:1:2::3", "2001:DB8:1:ffff::4", "198.51.100.1"]


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    lines = [line(f"2026-09-23T10:00:0{n}.000000Z", client_ip=c) for n, c in enumerate(CLIENTS)]
    write_log(log_path(tmp_path / "logs", "20260923T1005Z"), [*lines, f"{CLIENTS[0]} bad"])
    return tmp_path / "logs"


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("255.255.255.255", "255.255.255.0"),
        ("0.0.0.9", "0.0.0.0"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
        ("::1", "::"),
        ("::ffff:192.0.2.77", "192.0.2.0"),
        ("54.92.36.xxx", "54.92.36.0"),
        ("54.248.xx.xx", "54.248.xx.xx"),
        ("203.0.113.77:443", None),
        ("unknown", None),
    ],
)
def test_truncated(text: str, network: str | None) -> None:
    assert truncated(text) == network


def test_truncate(logs: Path, tmp_path: Path) -> None:
    convert(logs, tmp_path / "out", client_ip="truncate")
    clients = read_dataset(tmp_path / "out")["client_ip"].tolist()
    assert clients == ["203.0.113.0", "203.0.113.0", "2001:db8:1::", "2001:db8:1::", "198.51.100.0"]
    assert not nowhere(tmp_path / "out", CLIENTS[0])
    assert check(tmp_path / "out", logs).faults == ()


def nowhere(dest: Path, secret: str) -> list[Path]:
    """Return the files in which a text stands; Parquet pages are decoded for it."""
    found = [p for p in dest.rglob("*.json*") if secret in p.read_text()]
    for path in part_files(dest):
        table = read_file(path)
        found += [
            path for name in table.column_names if secret in map(str, table[name].to_pylist())
        ]
    return found


def test_pseudonymize(logs: Path, tmp_path: Path) -> None:
    convert(logs, tmp_path / "one", client_ip="pseudonymize", client_ip_key=KEY)
    convert(logs, tmp_path / "two", client_ip="pseudonymize", client_ip_key=KEY)
    convert(logs, tmp_path / "other", client_ip="pseudonymize", client_ip_key=KEY[::-1])
    one, two, other = (
        read_dataset(tmp_path / name)["client_ip"].tolist() for name in ("one", "two", "other")
    )
    assert one == two
    assert len(set(one)) == len(CLIENTS)
    assert set(one).isdisjoint(other)
    assert not nowhere(tmp_path / "one", CLIENTS[0])
    assert not [p for p in (tmp_path / "one").rglob("*.json") if KEY.decode() in p.read_text()]
    assert KEY not in b"".join(
        p.read_bytes() for p in (tmp_path / "one").rglob("*.*") if p.is_file()
    )


def plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """::ffff:192.0.2.1 is the client 192.0.2.1."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


@given(st.ip_addresses(), st.ip_addresses())
def test_tokens_are_prefix_free_and_one_for_each_address(
    one: IPv4Address | IPv6Address, other: IPv4Address | IPv6Address
) -> None:
    first, second = pseudonym(str(one), KEY), pseudonym(str(other), KEY)
    assert len(first) == len(second) == 32
    assert (first == second) == (plain(one) == plain(other))
    assert set(first) <= set("0123456789abcdef")


def test_a_token_does_not_depend_on_the_spelling() -> None:
    assert pseudonym("2001:DB8:0:0::1", KEY) == pseudonym("2001:db8::1", KEY)


def test_drop_columns_stay_as_nulls(logs: Path, tmp_path: Path) -> None:
    convert(logs, tmp_path / "out", drop_columns=["client_ip", "client_port", "conn_trace_id"])
    table = read_file(part_files(tmp_path / "out")[0])
    for name in ("client_ip", "client_port", "conn_trace_id"):
        assert table[name].null_count == len(CLIENTS)
    assert table["elb"].null_count == 0
    assert len(table.column_names) == 24


def test_rejected_lines_do_not_tell_what_the_rows_hide(logs: Path, tmp_path: Path) -> None:
    convert(logs, tmp_path / "out", client_ip="truncate")
    (path,) = (tmp_path / "out/rejected").iterdir()
    told = json.loads(path.read_text())
    assert (told["line_number"], told["reason"]) == (6, "too few fields")
    assert (told["value"], told["raw_text"]) == (None, "")


def test_other_settings_are_refused(logs: Path, tmp_path: Path) -> None:
    dest = tmp_path / "out"
    convert(logs, dest, client_ip="pseudonymize", client_ip_key=KEY)
    with pytest.raises(DatasetError, match="other privacy settings"):
        convert(logs, dest)
    with pytest.raises(DatasetError, match="client_ip_key is"):
        convert(logs, dest, client_ip="pseudonymize", client_ip_key=KEY[::-1])
    with pytest.raises(DatasetError, match="drop_columns is"):
        convert(
            logs, dest, client_ip="pseudonymize", client_ip_key=KEY, drop_columns=["client_port"]
        )
    assert convert(logs, dest, client_ip="pseudonymize", client_ip_key=KEY).files == 0


def test_arguments_are_checked() -> None:
    with pytest.raises(TableError) as caught:
        make_privacy(CONNECTIONS, "pseudonymize", b"short", ["timestamp", "line_number"])
    assert len(caught.value.problems) == 3
    with pytest.raises(TableError, match="leave it out"):
        make_privacy(CONNECTIONS, "keep", KEY)
    with pytest.raises(TableError, match="'nope' is not a column"):
        make_privacy(CONNECTIONS, "keep", None, ["nope"])
    with pytest.raises(TableError, match=r"client_ip: 'trunc'; .*; did you mean truncate\?"):
        make_privacy(CONNECTIONS, "trunc")  # type: ignore[arg-type]
    with pytest.raises(TableError, match="client_ip: 'hash'; expected 'keep'"):
        make_privacy(CONNECTIONS, "hash")  # type: ignore[arg-type]
    assert "0123" not in repr(make_privacy(CONNECTIONS, "pseudonymize", KEY))
