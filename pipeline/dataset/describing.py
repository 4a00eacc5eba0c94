"""The files of a snapshot that describe it, in the order they are written."""

from __future__ import annotations

from typing import Final

from pipeline.dataset.card import card_markdown
from pipeline.dataset.certificate import certificate_json
from pipeline.dataset.citation import citation_cff
from pipeline.dataset.croissant import croissant_json
from pipeline.dataset.dictionary import dictionary_csv
from pipeline.dataset.frozen import Describe
from pipeline.dataset.plots import ef_histogram, exclusion_flow, fold_balance

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
