"""How findings are laid out: tables, choices, blocks, items, and which of their answers counts."""
