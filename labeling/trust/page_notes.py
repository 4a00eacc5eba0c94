"""What a person has to know of a page beside its words: comments, words out of sight, print struck out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from db.fields.names import FIELDS
from db.fields.words import has_value
from db.labels import Check, Findings
from labeling.readers.rules import reading_of_ocr
from labeling.readers.struck_out import STRUCK_OUT, is_struck, is_unexplained, silent_check, struck_check
from labeling.words.read_page import NOTES, OcrPage

if TYPE_CHECKING:
    from labeling.readers.base import Reading

PAGE_NOTE: Final = "page_note"
# Above the score at which a light turns red.
_SCORE: Final = 0.5
_LOOK: Final = "Please look at the file itself."
LAYER_ANSWERS: Final = "layer_answers"
_ANSWERED: Final = (
    "The file's own words give an answer that was not found on the picture. Please look for it."
)


def checks_of(reading: Reading, pages: Sequence[OcrPage]) -> tuple[Check, ...]:
    """Every field of a report whose file holds more than its pages show, every one that rests on words which
    a line runs through, every silent one where such words are of no other, and every silent one that a
    disbelieved text layer answers, wants a person.
    """
    noted = [f"Page {page.number} {NOTES[note]}." for page in pages for note in page.notes]
    checks = [_issue(PAGE_NOTE, field, f"{' '.join(noted)} {_LOOK}") for field in FIELDS if noted]
    silent = [field for field in FIELDS if not has_value(reading.findings, field)]
    checks.extend(_of_struck(reading, pages, silent))
    claimed = _claimed(pages) if silent else None
    if claimed is not None:
        checks.extend(
            _issue(LAYER_ANSWERS, field, _ANSWERED) for field in silent if has_value(claimed, field)
        )
    return tuple(checks)


def _of_struck(reading: Reading, pages: Sequence[OcrPage], silent: Sequence[str]) -> list[Check]:
    """Of fields that were not told of yet: those that rest on struck words, and the silent ones of which such
    words may speak.
    """
    told = {check.field for check in reading.checks if check.name == STRUCK_OUT}
    struck = [field for field in FIELDS if field not in told and is_struck(reading, field, pages)]
    found = [struck_check(field) for field in struck]
    if any(is_unexplained(reading, box, page) for page in pages for box in page.struck):
        found += [silent_check(field) for field in silent if field not in {*told, *struck}]
    return found


def _claimed(pages: Sequence[OcrPage]) -> Findings | None:
    """What the rules make of the text layers that were not believed; None where there are none."""
    layers = [OcrPage(page.number, page.layer_words) for page in pages if page.layer_words]
    return reading_of_ocr(layers).findings if layers else None


def _issue(name: str, field: str, reason: str) -> Check:
    return Check.model_validate(
        {"name": name, "field": field, "score": _SCORE, "is_issue": True, "reason": reason}
    )
