"""A log file becomes a table."""

from albconn.logs.read import Loaded, iter_connections, load_connections, read_connections

__all__ = ["Loaded", "iter_connections", "load_connections", "read_connections"]
