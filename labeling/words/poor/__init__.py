"""Pages too poor to be read safely: their lines in several views, and what is seen in each."""
