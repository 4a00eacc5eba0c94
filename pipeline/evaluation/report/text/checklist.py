"""The reporting checklists: where each element is answered, and what the page says of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Place:
    """Where an element is answered.

    Attributes:
        says: its name. anchor: where on the page it is; empty where it is a file.
        part: what has to have been done for it to count; empty where it always is.
    """

    says: str
    anchor: str = ""
    part: str = ""


PLACES: Final = {
    "verdicts": Place("first page, what a reader must know", "top"),
    "tested": Place("first page, what was tested", "top"),
    "whom": Place("first page, on whom", "top"),
    "good": Place("first page, how good it is", "top"),
    "targets": Place("what the labels mean", "targets"),
    "about": Place("how this was measured", "method"),
    "method": Place("how this was measured", "method"),
    "binary": Place("yes-or-no questions", "binary"),
    "calibration": Place("calibration", "calibration", "calibration"),
    "reference": Place("beside simpler methods", "reference", "reference"),
    "folds": Place("the folds", "folds", "folds"),
    "operating": Place("operating points", "operating", "operating"),
    "subgroups": Place("subgroups", "subgroups", "subgroups"),
    "shortcuts": Place("shortcuts", "shortcuts", "shortcuts"),
    "leaks": Place("leaks", "leaks", "leaks"),
    "external": Place("elsewhere", "external", "external"),
    "anchors": Place("for orientation", "anchors"),
    "paper-tables": Place("the paper’s tables", "paper-tables"),
    "suspects": Place("suspects.csv beside this page", "", "suspects"),
    "settings": Place("settings.json of the run"),
    "metrics": Place("metrics.csv of the run"),
    "environment": Place("environment.json of the run"),
    "checkpoints": Place("folds/ of the run"),
    "card": Place("README.md of the snapshot"),
}

TITLE: Final = "Reporting checklists"
SAYS: Final = (
    "TRIPOD+AI and CLAIM, item by item, in short words of our own; the originals hold. An item counts "
    "only where every one of its elements is answered by a place in these folders. Everything else the "
    "author must write: no program knows who approved the study or why it was done."
)
COUNTS: Final = (
    "{form}: {elements} elements in {items} items. Answered here: {answered} elements, and {whole} items "
    "as a whole. The author must write the rest."
)
NOT_THE_FORM: Final = (
    "TRIPOD+AI’s adherence form divides the same items into 136 elements. That form could not be had "
    "when this was written, so the division here is our own and has {elements}; the counts are not "
    "scores of the form."
)
FORMS: Final = {"tripod": "TRIPOD+AI", "claim": "CLAIM"}
HEADINGS: Final = ("item", "topic", "element", "where")
AUTHOR: Final = "the author must write this"
NOT_DONE: Final = "not run in this evaluation: {place}"
