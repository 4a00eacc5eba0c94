"""Measures of agreement, of rates and of remaining error: pure numbers, no database.

Where a number cannot be said (no cases, nothing varies) it is NaN, never 0 and never an exception.
"""
