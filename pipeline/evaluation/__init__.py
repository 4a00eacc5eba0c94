"""A run folder -> an evaluation folder: every number with n and an interval, beside simpler methods."""
