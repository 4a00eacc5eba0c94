"""Who may come in: passwords, sign-ins, back-off after wrong ones, the key of the desk."""
