"""Labels of the demo that are wrong on purpose, and the list that says which, to measure what finds them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from db.fields.names import CARDS
from db.files.whole import whole_file
from db.labels import Findings
from pipeline.demo.proportions import draw, pick
from pipeline.demo.reviewing.slips import PageTruth, answered, seeded_error

LABEL_ERRORS = "label_errors.jsonl"


@dataclass(frozen=True)
class LabelError:
    """One label made wrong: whoever reads the record first answers this card with these columns."""

    card: str
    columns: Mapping[str, Any]

    def on(self, record: Findings) -> Findings:
        """The record with the wrong answer in it."""
        return answered(record, self.card, self.columns)


@dataclass(frozen=True)
class LabelErrorRow:
    """One line of `label_errors.jsonl`.

    Attributes:
        review_id: the review that is the label.
        field: `ef_percent`, `rwma` or `pah`.
        printed, label: what the page says and what the label says, each a number or a word, or null.
    """

    case_id: int
    review_id: int
    patient_id: str
    field: str
    printed: float | str | None
    label: float | str | None


def choose_errors(
    pages: Mapping[int, PageTruth], *, count: int, rng: np.random.Generator
) -> dict[int, LabelError]:
    """Which records get a wrong first reading, and what it will say; fewer where fewer records are able.

    Only values that a legible page states are made wrong, so that every error is one against the page.

    Args:
        pages: case number -> what is true of it, of the records to choose from.
    """
    able = [number for number in sorted(pages) if pages[number].is_legible]
    chosen: dict[int, LabelError] = {}
    for number in draw(rng, able, len(able)):
        if len(chosen) >= count:
            break
        true = pages[number].findings
        errors = {card: seeded_error(true, card, rng) for card in CARDS}
        options = [LabelError(card, columns) for card, columns in errors.items() if columns is not None]
        if options:
            chosen[number] = pick(rng, options)
    return chosen


def write_label_errors(file: Path, rows: Sequence[LabelErrorRow]) -> None:
    """Write the list, whole or not at all; without errors it is empty."""
    lines = "".join(json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in rows)
    with whole_file(file, overwrite=True) as temporary:
        temporary.write_text(lines, encoding="utf-8")
