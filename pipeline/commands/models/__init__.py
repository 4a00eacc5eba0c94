"""Verbs that make a model of a snapshot, and look at what was made."""
