"""How handshakes went: versions and ciphers, groups, certificates, policies, latency."""
