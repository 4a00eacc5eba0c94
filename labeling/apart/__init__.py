"""Pages and lists from elsewhere, decoded in processes of their own (`db/apart`)."""
