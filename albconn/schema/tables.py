"""All log tables that albconn knows, by their names."""

from __future__ import annotations

from albconn.errors import TableError, shown
from albconn.schema.connections import CONNECTIONS
from albconn.schema.requests import REQUESTS
from albconn.schema.table import LogTable

TABLES = {table.name: table for table in (CONNECTIONS, REQUESTS)}


def find_table(table: str | LogTable, argument: str = "table") -> LogTable:
    """Return a table by its name, or as it is; ``argument`` is what it was given as.

    Raises
    ------
    TableError
        No table has that name.
    """
    if isinstance(table, LogTable):
        return table
    if not isinstance(table, str) or table not in TABLES:
        known = " or ".join(map(repr, TABLES))
        raise TableError(f"{argument}: {shown(table)} is not a table of albconn; expected {known}")
    return TABLES[table]
