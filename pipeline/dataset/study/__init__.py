"""The semi-synthetic study: a snapshot whose findings were planted, and how its pages look."""
