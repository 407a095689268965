"""Tables become Parquet files, Parquet files become fewer, rows are taken out."""
