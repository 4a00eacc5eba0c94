"""What an intake will refuse, told before it: files that do not open, patients that are not clear."""
