"""Teaching the second engine's recogniser to read poor photographs, on invented lines alone."""
