"""How the texts of options are read."""

from __future__ import annotations

from typing import Any

import pytest
import typer

from albconn.cli.options import (
    Which,
    parse_dimensions,
    parse_mark,
    parse_size,
    parse_time,
    parse_window,
)


def test_a_date_is_midnight_utc() -> None:
    assert parse_time("2026-09-23").isoformat() == "2026-09-23T00:00:00+00:00"
    assert parse_time("2026-09-23T12:00:00+02:00").isoformat() == "2026-09-23T10:00:00+00:00"


@pytest.mark.parametrize(
    ("text", "size"),
    [("1", 1), ("7b", 7), ("256MB", 256_000_000), ("1 GiB", 2**30), ("3kib", 3072), (64, 64)],
)
def test_sizes(text: str | int, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "0", "0MB", "-1", "1.5GB", "1TB", "MB"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(typer.BadParameter, match=r"is not a size; expected 256MB or 1GiB"):
        parse_size(text)


def test_windows_and_marks() -> None:
    start, end = parse_window("2026-09-23/2026-09-23T10:00Z")
    assert (start.isoformat(), end.hour) == ("2026-09-23T00:00:00+00:00", 10)
    assert parse_mark("2026-09-23=a=b") == (start, "a=b")
    with pytest.raises(typer.BadParameter, match="is not a window; expected START/END"):
        parse_window("2026-09-23")
    with pytest.raises(typer.BadParameter, match="is not a window; expected START/END"):
        parse_window("")


@pytest.mark.parametrize("text", ["2026-09-23T10:00", "soon", "2026-02-30", "2026-09-2x", ""])
def test_what_is_no_time_or_has_no_zone(text: str) -> None:
    with pytest.raises(typer.BadParameter) as refused:
        parse_time(text)
    assert refused.value.message == (
        f"{text!r} is not a time with its zone; expected 2026-09-23T10:00:00Z, or a date (UTC)"
    )


def test_dimensions_come_alone_or_as_pairs() -> None:
    assert parse_dimensions(["elb", "client_ip,tls_protocol"]) == [
        ("elb",),
        ("client_ip", "tls_protocol"),
    ]


def options(*texts: str, **named: Any) -> dict | None:
    return Which(storage_option=list(texts), **named).storage_options


def test_options_of_the_store_are_json_where_they_are_and_nest_by_dots() -> None:
    assert options() is None
    assert options(
        "requester_pays=true", "client_kwargs.region_name=eu-west-1", "config_kwargs.retries.max=3",
        "key=a=b", 'config_kwargs.s3={"addressing_style": "path"}', "secret=", "anon=True",
        profile="team", endpoint_url="http://127.0.0.1",
    ) == {
        "profile": "team",
        "endpoint_url": "http://127.0.0.1",
        "requester_pays": True,
        "client_kwargs": {"region_name": "eu-west-1"},
        "config_kwargs": {"retries": {"max": 3}, "s3": {"addressing_style": "path"}},
        "key": "a=b",
        "secret": "",
        "anon": "True",
    }  # fmt: skip
    assert options("profile=other", profile="team") == {"profile": "other"}
    assert options("a=" + "[" * 100_000) == {"a": "[" * 100_000}


@pytest.mark.parametrize("text", ["", "anon", "=1", ".a=1", "a.=1", "a..b=1"])
def test_what_is_no_option_of_the_store(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="is not an option of the store; give NAME=VALUE"):
        options(text)


def test_an_option_that_is_a_value_has_none_below() -> None:
    with pytest.raises(typer.BadParameter, match=r"'a\.b=2': a has a value of its own already"):
        options("a=1", "a.b=2")


def test_how_connections_are_read() -> None:
    assert Which(duplicates="keep", region=["x"]).reading == {
        "start": None,
        "end": None,
        "load_balancer": None,
        "account_id": None,
        "region": ["x"],
        "duplicates": "keep",
        "storage_options": None,
    }
    assert Which().reading["duplicates"] == "skip"
