"""What kind of line each line of a report is: only a finding gives a value."""
