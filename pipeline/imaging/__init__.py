"""Signal -> printed page -> photograph, and photograph -> the array a network sees."""
