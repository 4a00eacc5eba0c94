"""Files on disk -> registered cases."""
