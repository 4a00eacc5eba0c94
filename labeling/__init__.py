"""Report image to draft: intake, pages, words, rules, readers, trust, extraction, benchmark, finetuning."""
