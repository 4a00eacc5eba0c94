"""Ways a person reaches the screening: a messenger, and a link in a browser."""
