"""From lines to typed columns: one exact parser, and faster ones that must agree with it."""
