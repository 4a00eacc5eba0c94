"""Parts of `results.json` that follow from the answers alone, each a function from arrays to a dataclass."""
