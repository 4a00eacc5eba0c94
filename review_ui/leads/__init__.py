"""The pages of leads: queue, dashboard, agreement, audits, practice."""
