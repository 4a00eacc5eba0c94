"""A reader scored on reports with known answers, and timed."""
