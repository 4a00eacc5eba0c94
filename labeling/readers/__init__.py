"""Who reads: pages in, one reading out."""
