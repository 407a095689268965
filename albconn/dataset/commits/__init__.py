"""The protocol: where everything lies, commit records, and what they add up to."""
