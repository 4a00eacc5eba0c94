"""The verbs of labels: from a report to a reviewed record."""
