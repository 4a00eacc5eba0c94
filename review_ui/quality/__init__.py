"""How good the labels are: dashboard, agreement, audits, practice records. Read-only pages without script."""
