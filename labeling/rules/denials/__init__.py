"""What a denial reaches: over a list, of a wall, of a pulmonary pressure, and in other languages."""
