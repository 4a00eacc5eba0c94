"""The simulated people who review the demo."""
