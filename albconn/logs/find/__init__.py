"""From what the user named to the list of log files."""
