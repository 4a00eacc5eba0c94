"""`echodesk benchmark`: readers against reports whose answers are known."""
