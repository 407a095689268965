"""A recipe counts and draws what its lines of code count and draw."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
import pytest

import albconn as ac
from albconn import charts
from albconn.lab.recipe import DIMENSIONS, largest, needed_column, recipe_for
from worlds.lines import UNMAPPED
from worlds.rows import connection, frame_of

ROWS = [
    *(connection(n, UNMAPPED, client_ip=f"203.0.113.{n}") for n in range(6)),
    *(connection(n, "ClientCertExpired", client_ip="198.51.100.1") for n in range(2)),
    *(connection(n, tls_protocol="TLSv1.2") for n in range(9)),
]


@pytest.mark.parametrize("dimension", ["", *DIMENSIONS])
def test_its_lines_are_what_it_does(dimension: str) -> None:
    window = frame_of(ROWS)
    recipe = recipe_for(dimension, "5min", 3)
    names = {"ac": ac, "charts": charts, "window": window}
    counting, drawing = recipe.lines()
    exec(counting, names)
    counted = recipe.count(window)
    pd.testing.assert_frame_equal(names["counted"], counted)
    if len(counted):
        told, drawn = eval(drawing, names), recipe.draw(counted)
        assert told.get_title(loc="left") == drawn.get_title(loc="left")
        assert len(told.lines) == len(drawn.lines)
    plt.close("all")


def test_code_is_as_one_would_write_it() -> None:
    assert recipe_for("elb", "1h", 4).lines() == [
        'counted = ac.failure_rate(window, every="1h", by="elb")',
        "charts.plot_failure_rate(counted, top=4)",
    ]
    assert recipe_for("client_network", "1h", 4).lines()[0] == (
        "counted = ac.failing_clients(window, top=4, ipv4_prefix=24, ipv6_prefix=64)"
    )
    assert needed_column("client_network") == "client_ip"
    assert needed_column("elb") == "elb"


def test_the_largest_groups_come_first() -> None:
    frame = frame_of(ROWS)
    networks = largest(frame, "client_network", 1)
    assert networks["client_ip"].tolist() == ["203.0.113.0/24", "other"]
    assert largest(frame, "failure_reason", 1)["failure_reason"].tolist() == [UNMAPPED]
    clients = largest(frame, "client_ip", 2)
    assert clients["client_ip"].tolist() == ["198.51.100.1", "203.0.113.0"]
    assert clients["failures"].tolist() == [2, 1]
    assert largest(frame, "", 5)["connections"].tolist() == [17]
