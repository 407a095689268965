"""Charts of requests show the numbers of their tables."""

from __future__ import annotations

from albconn import charts
from tests.charts.small_tables import agreed, asked, cut_off, felt, subtitle, texts


def widths(ax: object) -> list[float]:
    return [round(bar.get_width(), 3) for bar in ax.patches]  # type: ignore[attr-defined]


def test_requests_are_stacked_by_the_class_of_their_answer() -> None:
    ax = charts.plot_requests_per_connection(asked())
    assert widths(ax) == [5, 1, 0] * 5
    assert subtitle(ax) == "30 requests by 29 connections"
    assert "25 requests by 18 of 20 connections" in texts(ax, "bar note")


def test_who_felt_it_waited_so_long() -> None:
    ax = charts.plot_felt_failures(felt())
    assert [w for w in widths(ax) if w] == [61, 600, 5]
    assert subtitle(ax) == "3 clients came back; 1 return of users"
    assert "3 failures; then www.example.com /login" in texts(ax, "bar note")
    assert "1 failure; then no request" in texts(ax, "bar note")


def test_what_breaks_stands_first() -> None:
    ax = charts.plot_policy_exceptions(cut_off())
    assert widths(ax) == [30, 0, 5, 9, 5, 81]
    assert subtitle(ax) == "30 requests of 130 would break"
    assert "30 requests of 4 clients break; 3 of them users" in texts(ax, "bar note")


def test_what_differs_stands_first() -> None:
    ax = charts.plot_handshake_agreement(agreed())
    assert widths(ax) == [0, 90, 7, 0]
    assert subtitle(ax) == "93 % of 97 requests agree"
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels[0].startswith("TLSv1.2 → TLSv1.3 · AES128-SHA → TLS_")
