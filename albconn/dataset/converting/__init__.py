"""Log files to Parquet by date: what is to be done, by whom, and what came of it."""
