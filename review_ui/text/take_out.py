"""Every sentence of the page where labels and datasets are taken out."""

from __future__ import annotations

from typing import Final

TITLE: Final = "Take out"
LABELS: Final = "The labels as they are now"
LABELS_HOW: Final = (
    "Patients are keyed hashes and reviewers are numbers; notes and own ids stay here. A record whose flag "
    "nobody has settled is marked in the tables, and has no label in the other forms."
)
LABELS_COUNT: Final = "{decided:,} records are decided, {flagged:,} have a flag that nobody has settled."
FORMATS: Final = {
    "csv": ("CSV", "opens in a spreadsheet"),
    "xlsx": ("XLSX", "an Excel workbook"),
    "jsonl": ("JSON lines", "one object a line"),
    "parquet": ("Parquet", "typed columns, for analysis"),
    "redcap": ("REDCap", "data and data dictionary, as a zip"),
    "fhir": ("FHIR R4", "observations, one a line"),
    "fhir-bundle": ("FHIR R4 bundle", "the same in one bundle"),
    "label-studio": ("Label Studio", "tasks and labelling interface, as a zip"),
}
FORMAT_HEADINGS: Final = ("Format", "what it is")
FROZEN: Final = "Frozen datasets"
FROZEN_HOW: Final = (
    "A frozen dataset never changes. It carries its card, its checks and the hash of every file."
)
NO_FROZEN: Final = "Nothing has been frozen yet."
FROZEN_HEADINGS: Final = ("Dataset", "labels", "frozen", "by", "content", "download")
ZIP: Final = "zip"
FREEZE: Final = "Freeze a dataset"
FREEZE_HOW: Final = (
    "The labels as they are now, with five folds, no pictures. Pictures with identities painted over take "
    "longer and are put out with the command: echodesk snapshot create NAME --images masked."
)
NAME: Final = "Name"
REQUIRE: Final = "How well founded"
LICENCE: Final = "Licence (SPDX, may stay empty)"
LOOK: Final = "Look at the checks"
LOOKED: Final = "{rows} would go in. {passed} of {total} checks pass."
TO_SETTLE: Final = (
    "Tick what you go on with all the same; it stands on the card. Or put it right and look again."
)
ALL_CLEAR: Final = "Nothing is in the way."
CHECK_HEADINGS: Final = ("Check", "how it stands", "what was found")
PASSES: Final = "passes"
GO_ON: Final = "go on all the same"
FREEZE_DO: Final = "Freeze it"
CARD_OF: Final = "Card of {name}"
BACK: Final = "All of them"
NO_SUCH: Final = "There is no frozen dataset of this name"
NO_ROOM: Final = "The file could not be made ({reason}). Is there room on the disk?"
NOT_HERE: Final = "This desk was started without datasets"
NO_REQUIRE: Final = "Please choose how well founded the labels must be"
