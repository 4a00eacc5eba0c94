"""Signals before they are printed: real records, invented hearts, planted findings, and their features."""
