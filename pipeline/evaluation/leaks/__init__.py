"""The leakage audit: named checks of a run, its snapshot and what was chosen on what; pure functions."""
