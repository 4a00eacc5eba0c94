"""Options marked with a coloured pen: its strokes told from the print by colour, and what each is about."""
