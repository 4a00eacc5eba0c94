"""A page image -> words, lines and boxes, by two recognition engines."""
