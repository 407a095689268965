"""Incidents: when something went wrong, what it was, and whom it struck."""
