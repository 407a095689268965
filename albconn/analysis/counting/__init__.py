"""Connections, ready to be counted: the source, the rules, what they are split by."""
