"""Pictures of connections together with the requests that came by them."""
