"""Who asks, by the access log: for each address its requests, and whether it is a user."""

from __future__ import annotations

import pandas as pd

from albconn.analysis.counting.agents import AGENTS, clients_query
from albconn.analysis.counting.source import add_requests
from albconn.arrow import to_frame
from albconn.database import open_cursor
from albconn.opened import Connections
from albconn.storage.places import StorageOptions

_AGENT = pd.CategoricalDtype(list(AGENTS))


def clients_asking(requests: Connections, storage_options: StorageOptions) -> pd.DataFrame:
    """Return ``client_ip``, ``requests``, ``user_agent`` and ``agent`` of each address."""
    with (
        open_cursor() as cursor,
        add_requests(
            cursor, requests, columns=("client_ip", "user_agent"), storage_options=storage_options
        ),
    ):
        found = to_frame(cursor.sql(clients_query()).to_arrow_table())
    return found.assign(agent=found["agent"].astype(_AGENT))


def with_agents(clients: pd.DataFrame, asking: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Return rows with columns of ``clients_asking``, missing where an address asks nothing."""
    known = asking.set_index("client_ip")[list(columns)]
    texts = clients["client_ip"].astype(object)
    return clients.assign(**{name: texts.map(known[name]).to_numpy() for name in columns})


def described(clients: pd.DataFrame, asking: pd.DataFrame) -> pd.DataFrame:
    """Return clients with ``agent``, ``requests`` and ``user_agent``."""
    told = with_agents(clients, asking, "agent", "requests", "user_agent")
    return told.assign(
        agent=told["agent"].astype(_AGENT),
        requests=told["requests"].fillna(0).astype("int64"),
        user_agent=told["user_agent"].astype("category"),
    )


def count_agents_by_verdict(worst: pd.Series, asking: pd.DataFrame) -> dict[str, int]:
    """Return how many users and how many crawlers there are of each worst verdict."""
    clients = with_agents(pd.DataFrame({"client_ip": worst.index}), asking, "agent")
    ranks = worst.to_numpy()
    return {
        f"{agent}s_{verdict}": int(((clients["agent"] == agent).to_numpy() & (ranks == rank)).sum())
        for agent in AGENTS
        for rank, verdict in enumerate(("breaking", "at_risk", "fitting"))
    }
