"""How the demo reports put each finding."""
