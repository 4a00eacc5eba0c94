"""A bundle -> an answer about a photograph: in the terminal, over HTTP, in a browser, by message."""
