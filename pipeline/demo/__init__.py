"""The invented cohort: reports whose truth is known, ECGs, and the people who review them."""
