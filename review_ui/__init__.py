"""Draft -> review: the desk in the browser, and the pages of leads."""
