"""Parts of a page that are not today's report: other studies, corrections, questions, remarks, exports."""
