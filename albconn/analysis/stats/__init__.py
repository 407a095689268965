"""What counts are worth: intervals, significance, scans. Pure arrays."""
