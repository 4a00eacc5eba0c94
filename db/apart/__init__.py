"""Files from elsewhere, decoded in processes of their own that are ended when they pass their limits."""
