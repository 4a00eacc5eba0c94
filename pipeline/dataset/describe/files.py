"""The files of a snapshot that describe it, in the order they are written."""

from __future__ import annotations

from typing import Final

from pipeline.dataset.certificate import certificate_json
from pipeline.dataset.describe.card import card_markdown
from pipeline.dataset.describe.citation import citation_cff
from pipeline.dataset.describe.croissant import croissant_json
from pipeline.dataset.describe.dictionary import dictionary_csv
from pipeline.dataset.describe.plots import ef_histogram, exclusion_flow, fold_balance
from pipeline.dataset.frozen import Describe

DESCRIPTIONS: Final[tuple[tuple[str, Describe], ...]] = (
    ("certificate.json", certificate_json),
    ("data_dictionary.csv", dictionary_csv),
    ("CITATION.cff", citation_cff),
    ("plots/ef_histogram.svg", ef_histogram),
    ("plots/exclusion_flow.svg", exclusion_flow),
    ("plots/fold_balance.svg", fold_balance),
    ("README.md", card_markdown),
    ("croissant.json", croissant_json),
)
