"""Reviewed labels -> a frozen, versioned dataset."""
