"""Report image to draft: intake, pages, readers, checks, extraction, benchmark."""
