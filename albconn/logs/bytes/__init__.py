"""From a log file's stored bytes to blocks of whole lines."""
