"""Pictures changed and explained: what a model reads on a page, told by what its answers follow."""
