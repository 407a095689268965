"""Connections together with the requests that came by them."""
