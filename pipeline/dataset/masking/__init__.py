"""Pictures on their way out: who is named on them is painted over."""
