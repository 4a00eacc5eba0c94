"""What is written of an evaluation for people: page, plots, tables, checklist, the paper's figures."""
