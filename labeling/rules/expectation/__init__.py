"""What reports worded like this one usually say: a second judge, learned from texts, that can only doubt."""
