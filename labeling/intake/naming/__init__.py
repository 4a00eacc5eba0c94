"""What the words in file and folder names mean."""
