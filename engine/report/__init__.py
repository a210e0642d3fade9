"""Floor 10: finished runs turned into words and tables for people."""
