"""Consent withdrawn and given again."""
