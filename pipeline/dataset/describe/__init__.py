"""The files that describe a snapshot: card, dictionary, citation, Croissant, plots."""
