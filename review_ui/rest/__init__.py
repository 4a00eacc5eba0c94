"""What programs read from the desk: labels, records and progress as JSON, with a person's key."""
