"""Columns that no line holds but that follow from one: a client's network, a moment's date.

Whatever splits connections takes these besides the table's columns, and they mean the same
everywhere: the network is /24 or /64, the date is that of UTC.
"""

from __future__ import annotations

from collections.abc import Iterable

from albconn.analysis.counting.counts import Counting
from albconn.analysis.counting.networks import network_query
from albconn.analysis.counting.source import quoted
from albconn.schema.connections import DATE, NETWORK

_MADE_OF = {NETWORK: "client_ip", DATE: "timestamp"}
_A_DAY = 86_400_000_000  # [µs]


def logged(names: Iterable[str]) -> tuple[str, ...]:
    """Return the columns of the source that names are made of, each once."""
    return tuple(dict.fromkeys(_MADE_OF.get(name, name) for name in names))


def table_with(names: Iterable[str], *, source: str = "connections") -> str:
    """Return what to select from: a view that ``derive`` makes, or the source as it is."""
    return source if _MADE_OF.keys().isdisjoint(names) else "derived"


def derive(counting: Counting, names: Iterable[str], *, source: str = "connections") -> None:
    """Make the view of ``table_with(names)``: all columns, and those names that are derived."""
    asked = set(names)
    if table_with(asked, source=source) == source:
        return
    if NETWORK in asked:
        make_networks(counting, source)
        source = (
            f"(SELECT * EXCLUDE (address) FROM {source} LEFT JOIN networks ON client_ip = address)"
        )
    dated = f", {_DATE_OF} AS {quoted(DATE)}" if DATE in asked else ""
    counting.database.execute(
        f"CREATE OR REPLACE TEMP VIEW derived AS SELECT *{dated} FROM {source}"
    )


def make_networks(counting: Counting, source: str) -> None:
    """Make the table ``networks``: there are fewer addresses than connections to take apart.

    Columns ``address`` and ``client_network``, of the ``client_ip`` of a table or view.
    """
    counting.database.execute(
        "CREATE OR REPLACE TEMP TABLE addresses AS "
        f"SELECT DISTINCT client_ip FROM {source} WHERE client_ip IS NOT NULL"
    )
    networks = network_query(counting, "addresses", ipv4_prefix=24, ipv6_prefix=64)
    counting.database.execute(
        "CREATE OR REPLACE TEMP TABLE networks AS "
        f"SELECT client_ip AS address, client AS {NETWORK} FROM ({networks})"
    )


# Down to the whole day, also before 1970, where a remainder is negative.
_MOMENT = "epoch_us(timestamp)"
_DATE_OF = (
    f"(DATE '1970-01-01' + (({_MOMENT} - (({_MOMENT} % {_A_DAY}) + {_A_DAY}) % {_A_DAY}) "
    f"// {_A_DAY})::INTEGER)"
)
