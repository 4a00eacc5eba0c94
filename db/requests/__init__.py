"""What every server of ours asks of those who connect to it."""
