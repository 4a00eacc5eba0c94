"""Text -> findings: the rules of each field, on normalised text."""
