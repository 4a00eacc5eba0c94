"""How a systolic pulmonary pressure is printed: its names, its numbers, sums, changes."""
