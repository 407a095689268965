"""What is known of TLS at a load balancer: policies, groups, subjects."""
