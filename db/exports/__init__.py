"""Labels and drafts going out: as tables, and in the forms of REDCap, FHIR and Label Studio."""
