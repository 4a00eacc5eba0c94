"""How findings are laid out: items that are counted, columns of the two ventricles."""
