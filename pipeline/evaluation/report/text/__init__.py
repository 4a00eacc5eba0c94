"""Every sentence that a reader of an evaluation sees, by the ids that the parts carry."""
