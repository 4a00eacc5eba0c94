"""What stands around a value: whether every word and number of it is understood."""
