"""Every sentence of the page where labels and datasets are taken out."""

from __future__ import annotations

from typing import Final

TITLE: Final = "Take out"
LABELS: Final = "The labels as they are now"
LABELS_HOW: Final = (
    "Patients are keyed hashes and reviewers are numbers; notes and own ids stay here. A record whose flag "
    "nobody has settled is marked in the tables, and has no label in the other forms."
)
LABELS_COUNT: Final = "{decided} with a label, {flagged} with a flag that nobody has settled."
LABELS_NONE: Final = "No record has a label yet. Labels come from decisions at the desk."
RECORD: Final = "record"
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
FORMAT_HEADINGS: Final = ("Format", "What it is")
LIST: Final = "Your own list, with the labels beside it"
LIST_HOW: Final = (
    "The list that was taken in (Excel or CSV) comes back whole, in its own order, and beside each row stand "
    "the status, the findings, the note, who decided and when. Rows are found by patient id and date. It is "
    "not kept here."
)
LIST_FILE: Final = "List"
LIST_DO: Final = "Give it back"
LIST_NO_FILE: Final = "Please choose one list, an Excel workbook or a CSV file"
FROZEN: Final = "Frozen datasets"
FROZEN_HOW: Final = (
    "A frozen dataset never changes. It carries its card, its checks and the hash of every file."
)
NO_FROZEN: Final = "Nothing has been frozen yet."
FROZEN_HEADINGS: Final = ("Dataset", "Labels", "Frozen", "By", "Content", "Download")
ZIP: Final = "zip"
FREEZE: Final = "Freeze a dataset"
FREEZE_HOW: Final = (
    "The labels as they are now, with five folds, no pictures. Pictures with identities painted over take "
    "longer and are put out with the command: echodesk snapshot create NAME --images masked."
)
NAME: Final = "Name"
NAME_RULE: Final = "Up to 80 letters, digits, dots, dashes and underscores, a letter or digit first."
REQUIRE: Final = "How well founded"
LICENCE: Final = "Licence (SPDX, may stay empty)"
LOOK: Final = "Look at the checks"
LOOKED: Final = "{rows} would go in. {passed} of {total} checks pass."
TO_SETTLE: Final = (
    "Tick what you go on with all the same; it stands on the card. Or put it right and look again."
)
ALL_CLEAR: Final = "Nothing is in the way."
CHECK_HEADINGS: Final = ("Check", "How it stands", "What was found")
CHECK_NAMES: Final = {
    "conflicts": "Settled",
    "unreadable-images": "Pictures open",
    "patient-in-two-folds": "A patient in one fold",
    "image-in-two-folds": "A picture in one fold",
    "class-counts": "Enough of each answer",
    "vigilance": "Wrong drafts are noticed",
    "seeded-values": "No planted values",
    "far-pairs": "ECG near the echo",
    "ef-fraction": "EF in percent",
}
PASSES: Final = "passes"
GO_ON: Final = "go on all the same"
FREEZE_DO: Final = "Freeze it"
CARD_OF: Final = "Card of {name}"
BACK: Final = "All of them"
NO_SUCH: Final = "There is no frozen dataset of this name"
NO_ROOM: Final = "The file could not be made ({reason}). Is there room on the disk?"
NOT_HERE: Final = "This desk was started without datasets"
NO_REQUIRE: Final = "Please choose how well founded the labels must be"
API_TITLE: Final = "For programs"
API_LINK: Final = "What programs can read, with a key"
API_ASIDE: Final = "Labels, records and progress, for scripts and other programs, to read only."
API_HOW: Final = "How a program reads"
API_KEY: Final = (
    "A key belongs to a person and opens what that person's role may read. It is made in a terminal with "
    "echodesk users key NAME, shown once, and ended with echodesk users key NAME --revoke."
)
API_EXAMPLE: Final = 'curl -H "Authorization: Bearer KEY" ADDRESS/api/v1/labels?limit=100'
API_LIMITS: Final = (
    "Everything is read only. A list has 1,000 items at most; the answer says where it goes on. The "
    "description for programs (OpenAPI 3.1) is at /api/v1/openapi.json, with the same key."
)
API_PARAMETERS: Final = ("Parameter", "What it says", "May be")
API_COLUMNS: Final = ("Column", "Kind", "What it says")
API_ITEM: Final = "Columns of an item"
API_TEXT: Final = "any text"
API_FROM: Final = "{low:,} or more"
API_BETWEEN: Final = "{low:,} to {high:,}"
LIST_NAMED: Final = "the list"
