"""The desk itself: what a record on screen is made of, and what a person can do with it."""
