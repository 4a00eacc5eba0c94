"""A file as upright page images; what a page is like: its lines, its light, marks on it, how legible."""
