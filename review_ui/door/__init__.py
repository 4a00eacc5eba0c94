"""In front of the desk: the shell, its policy, sessions, signing in and out."""
