"""The one door: whatever holds connections becomes one opened source, with its account."""

from albconn.opened.door import open_connections
from albconn.opened.requests import open_requests
from albconn.opened.source import Connections, Opened

__all__ = ["Connections", "Opened", "open_connections", "open_requests"]
