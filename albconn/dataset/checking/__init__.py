"""Proof that a dataset holds what its records and its sources say."""
