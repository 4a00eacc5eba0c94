"""A patient's consent: withdrawn, with everything that is kept of them, and given again."""
