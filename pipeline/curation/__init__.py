"""Which labels may be wrong, what speaks for and against them, and where they came from."""
