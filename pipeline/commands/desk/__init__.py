"""The verbs and doings of the desk: review, and what the desk hands to its pages."""
