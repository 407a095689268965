"""Where bytes live: local disks and object stores, and what they answer when they cannot."""
