"""A page image -> words, lines and boxes: made ready for recognition, by two engines, in reading order."""
