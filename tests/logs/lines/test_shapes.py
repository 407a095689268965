"""Quotes that got lost on the way shift no value into another field in silence."""

from __future__ import annotations

import random
from typing import Any

import pytest

from albconn.logs.lines.shapes import find_shift
from tests.logs.lines.legacy import LAYOUT, LINE_NAMES, parse_block, parse_line
from worlds import plain
from worlds.lines import line

NOON = "2026-09-23T12:00:00.000000Z"
VALIDITY = "NotBefore=2023-09-21T22:43:21Z;NotAfter=2026-06-17T22:43:21Z"
ALL = frozenset(LAYOUT.columns)
STATUSES = ["Success", "Failed:ClientCertExpired", "Failed:UnmappedConnectionError", "Failed"]


def with_certificate(subject: str, *, width: int = 15, **fields: Any) -> str:
    told: dict[str, Any] = {
        "leaf_client_cert_subject": subject,
        "leaf_client_cert_validity": VALIDITY,
        "leaf_client_cert_serial_number": "03A5B1",
    }
    return line(NOON, width=width, **(told | fields))


def is_right_or_rejected(written: str, changed: bytes) -> bool:
    """Say whether each row of a changed line holds what was written in each of its fields."""
    parsed = parse_block(changed + b"\n", columns=ALL)
    right = plain.read_line(written)
    assert right is not None
    names = [name for name in LINE_NAMES if name not in ("timestamp", "leaf_client_cert_subject")]
    rows = parsed.table.to_pylist()
    return all(row[name] in (right[name], None) for row in rows for name in names)


@pytest.mark.parametrize("width", [11, 12, 13, 15, 16])
@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("words", range(1, 12))
def test_a_subject_without_its_quotes_shifts_nothing(words: int, status: str, width: int) -> None:
    for seed in range(20):
        chance = random.Random(seed)
        subject = " ".join(
            chance.choice(["CN=Ann", "O=Bad", "Inc.", "CAFE", "AB", "-", "&", "Ltd,C=US"])
            for _ in range(words)
        )
        written = with_certificate(f"CN={subject}", width=width, tls_verify_status=status)
        bare = written.replace('"', "")
        assert is_right_or_rejected(written, bare.encode()), bare


# What shells, mail and tables make of a line.
WAYS = {
    "all quotes gone": lambda text: text.replace('"', ""),
    "the first quote gone": lambda text: text.replace('"', "", 1),
    "the last quote gone": lambda text: "".join(text.rpartition('"')[::2]),
    "quotes doubled": lambda text: text.replace('"', '""'),
    "quotes doubled, the line quoted": lambda text: '"' + text.replace('"', '""') + '"',
    "the line quoted": lambda text: f'"{text}"',
    "quotes escaped": lambda text: text.replace('"', '\\"'),
    "single quotes": lambda text: text.replace('"', "'"),
    "curly quotes": lambda text: text.replace('"', "“"),
    "tabs": lambda text: text.replace(" ", "\t"),
    "commas": lambda text: text.replace(" ", ","),
    "spaces doubled": lambda text: text.replace(" ", "  "),
    "indented": lambda text: "    " + text,
    "quoted in mail": lambda text: "> " + text,
    "wrapped": lambda text: text[:76] + "\n" + text[76:],
    "wrapped late": lambda text: "\n".join(text.rsplit(" ", 2)),
    "wrapped at a space": lambda text: text.replace(" - ", "\n- ", 1),
    "quoted-printable": lambda text: text.replace("=", "=3D"),
    "the subject's spaces gone": lambda text: text.replace("a b", "ab"),
    "empty fields gone": lambda text: text.replace(' "-"', "").replace(" -", ""),
    "nothing": str,
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("subject", ["CN=a b,O=c d e", "CN=ab", None])
def test_no_way_of_losing_quotes_gives_a_wrong_row(way: str, subject: str | None) -> None:
    written = with_certificate(subject) if subject else line(NOON)
    if way == "quoted-printable":  # the text is changed, but no field is shifted
        changed = WAYS[way](written)
        assert parse_block((changed + "\n").encode(), columns=ALL).table.num_rows == 1
    else:
        assert is_right_or_rejected(written, WAYS[way](written).encode())


@pytest.mark.parametrize("value", [
    {"tls_verify_status": "Denied"},
    {"tls_verify_status": "Failed:SomethingNew"},
    {"tls_verify_status": "Denied", "conn_trace_id": "CID_12"},
    {"conn_trace_id": "1-5759e988-bd862e3fe1be46a994272793"},
    {"conn_trace_id": "CID_0123"},
    {"leaf_client_cert_serial_number": "serial-12"},
    {"leaf_client_cert_serial_number": "0a:1B:ff"},
    {"leaf_client_cert_validity": "2023-09-21/2026-06-17"},
    {"tls_keyexchange": "SecP256r1MLKEM768"},
    {"tls_keyexchange": "Something-New", "tls_protocol": "TLSv1.4", "tls_cipher": "NEW"},
])  # fmt: skip
def test_new_codes_and_ids_stay_values(value: dict[str, Any]) -> None:
    text = with_certificate("CN=a b", **value)
    values = dict(zip(LINE_NAMES, parse_line(text).values, strict=True))
    assert {name: values[name] for name in value} == value
    block = parse_block((text + "\n").encode() * 100, columns=ALL)
    assert (block.table.num_rows, len(block.rejected)) == (100, 0)


def test_subject_may_say_anything_between_its_quotes() -> None:
    for subject in ("NotBefore=1 TID_2 Success", "Success", "TID_1", "Failed:x NotBefore=2"):
        assert find_shift(parse_split(with_certificate(subject)), LAYOUT) is None


def parse_split(text: str) -> list[str | None]:
    from tests.logs.lines.legacy import split_line

    return split_line(text)[0]


def test_what_is_said_of_a_shifted_line() -> None:
    bare = with_certificate("CN=a b,O=c").replace('"', "")
    (bad,) = parse_block(f"{bare}\n".encode(), columns=ALL).rejected
    assert (bad.reason, bad.value) == ("fields are shifted", "b,O=c")
    assert bad.message == (
        "leaf_client_cert_validity: 'b,O=c' and the fields beside it are shifted, as where quotes "
        "were lost; expected the line as AWS wrote it"
    )


def test_two_failures_of_ten_stay_two_failures_of_ten() -> None:
    """As in the issue: without the check the status becomes a serial number, and 0 of 8 fail."""
    lines = [line(NOON, client_port=n) for n in range(8)]
    lines += [with_certificate("CN=a b", tls_verify_status="Failed:ClientCertExpired")] * 2
    bare = "".join(text.replace('"', "") + "\n" for text in lines).encode()
    parsed = parse_block(bare, columns=ALL)
    assert parsed.table["tls_verify_status"].to_pylist() == ["Success"] * 8
    assert parsed.rejected.places.tolist() == [8, 9]
