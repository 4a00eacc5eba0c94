"""Settings of an experiment: typed, checked against each other, read and saved."""
