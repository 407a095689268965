"""What a log table is, as data: kinds of field, fields, tables."""
