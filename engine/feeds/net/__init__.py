"""What the feeds that reach out share: failures, patience, cache, join with shipped data."""
