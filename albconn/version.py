"""The version of albconn, and nothing else, so that every module may ask for it."""

__version__ = "0.1.0"
