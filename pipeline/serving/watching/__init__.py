"""What is seen of a model in use: what came, what was answered, and whether it held."""
