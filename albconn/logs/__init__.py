"""A log file becomes a table."""

from albconn.logs.loaded import Loaded, LoadedRequests
from albconn.logs.read import iter_connections, load_connections, read_connections
from albconn.logs.requests import iter_requests, load_requests, read_requests

__all__ = [
    "Loaded",
    "LoadedRequests",
    "iter_connections",
    "iter_requests",
    "load_connections",
    "load_requests",
    "read_connections",
    "read_requests",
]
