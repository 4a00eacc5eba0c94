"""What people are told, one file a language."""
