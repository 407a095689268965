"""Who calls itself a crawler is one; whoever says anything else is a user."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from albconn.analysis.counting.agents import agent_kind, agents_query, clients_query

AGENTS = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0 Safari/537.36": "user",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Mobile/15E148": "user",
    "Dart/3.11 (dart:io)": "user",
    "okhttp/4.12.0": "user",
    "curl/8.5.0": "user",
    "python-requests/2.32": "user",
    "Example-Device/1.2 (robotics)": "user",
    "Mozilla/5.0 (Linux; Android 9; CUBOT X18) Chrome/126.0 Mobile Safari/537.36": "user",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)": "crawler",
    "Mozilla/5.0 (compatible; bingbot/2.0)": "crawler",
    "AhrefsBot/7.0": "crawler",
    "Baiduspider+(+http://www.baidu.com/search/spider.htm)": "crawler",
    "ELB-HealthChecker/2.0": "crawler",
    "kube-probe/1.30": "crawler",
    "Mozilla/5.0 zgrab/0.x": "crawler",
    "masscan/1.3": "crawler",
    "Expanse, a Palo Alto Networks company, searches across the global IPv4 space": "crawler",
    "Mozilla/5.0 (compatible; CensysInspect/1.1)": "crawler",
    "facebookexternalhit/1.1": "crawler",
    "": "user",
}


@pytest.mark.parametrize("agent", AGENTS)
def test_each(agent: str) -> None:
    found = duckdb.execute(f"SELECT {agent_kind('a')} FROM (SELECT ? AS a)", [agent]).fetchall()
    assert found == [(AGENTS[agent],)]


def test_who_says_nothing_is_neither() -> None:
    assert duckdb.execute(f"SELECT {agent_kind('NULL::VARCHAR')}").fetchall() == [(None,)]


def requests_of(rows: list[tuple[Any, Any]]) -> duckdb.DuckDBPyConnection:
    database = duckdb.connect()
    database.execute("CREATE TABLE requests (client_ip VARCHAR, user_agent VARCHAR)")
    if rows:
        database.executemany("INSERT INTO requests VALUES (?, ?)", rows)
    return database


def test_a_client_with_any_request_of_a_user_is_one() -> None:
    database = requests_of(
        [("a", "curl/8"), ("a", "AhrefsBot"), ("a", "AhrefsBot"), ("b", "AhrefsBot"), ("c", None),
         (None, "curl/8"), ("b", None)]
    )  # fmt: skip
    found = database.sql(f"{clients_query()} ORDER BY client_ip").fetchall()
    assert found == [
        ("a", 3, "AhrefsBot", "user"), ("b", 2, "AhrefsBot", "crawler"), ("c", 1, None, None),
    ]  # fmt: skip
    assert sorted(database.sql(agents_query()).fetchall()) == [
        ("AhrefsBot", "crawler"), ("curl/8", "user"),
    ]  # fmt: skip


def test_of_no_requests_there_are_no_clients() -> None:
    assert requests_of([]).sql(clients_query()).fetchall() == []
