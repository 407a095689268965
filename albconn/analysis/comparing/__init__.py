"""What changed from one time to another, and which combination of values holds it."""
