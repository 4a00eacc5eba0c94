"""Reviewed records -> an adapter that reads better."""
