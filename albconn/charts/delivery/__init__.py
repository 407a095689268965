"""Pictures of what was delivered: what is missing, and whether CloudWatch agrees."""
