"""The verbs of datasets: freezing, curation, masking."""
