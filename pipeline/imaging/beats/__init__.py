"""What the beats on a page tell about the picture of it."""
