"""A file as upright page images, and a page made ready for recognition."""
