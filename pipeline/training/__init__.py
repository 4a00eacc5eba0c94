"""A snapshot folder -> a run folder: three stages, five folds, reference rows beside them."""
