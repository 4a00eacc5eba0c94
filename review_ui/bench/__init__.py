"""Measuring how fast the review desk is; see `echodesk bench review`."""
