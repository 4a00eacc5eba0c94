"""Verbs that put a model to use."""
