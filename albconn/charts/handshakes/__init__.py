"""Pictures of how handshakes went: versions, groups, certificates, policies, latency."""
