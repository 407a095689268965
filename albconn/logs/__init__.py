"""A log file becomes a table."""

from albconn.logs.loaded import Loaded
from albconn.logs.read import iter_connections, load_connections, read_connections

__all__ = ["Loaded", "iter_connections", "load_connections", "read_connections"]
