"""One file a schema revision, never edited after release."""
