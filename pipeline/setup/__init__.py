"""Making the environment, and writing the reference from the code."""
