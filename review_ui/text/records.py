"""Every sentence of the records page."""

from __future__ import annotations

from typing import Final

from db.fields.names import COLUMNS

TITLE: Final = "Records"
FIND: Final = "Find records"
FOUND: Final = "Records {first:,} to {last:,} of {total:,}, newest first."
NOTHING: Final = "No record fits this."
NONE_YET: Final = "There are no records yet. They come from reports that are added."
NUMBER: Final = "Number"
SITE: Final = "Site"
STATUS: Final = "Status"
EF_FROM: Final = "EF from"
EF_TO: Final = "EF to"
RWMA: Final = "Wall motion"
PAH: Final = "PAH"
PERSON: Final = "Decided by"
SINCE: Final = "Decided since"
OWN_ID: Final = "Own id"
WANTED_ID: Final = "Patient’s id"
FIND_OWN_ID: Final = "Find this id"
NO_OWN_ID: Final = "No patient with this id is here. Type the whole id, as it stood in the list."
WHOSE: Final = "Own id of the patient: {own_id}"
ANY: Final = "any"
SHOW: Final = "Show"
EARLIER_PAGE: Final = "Previous page"
NEXT_PAGE: Final = "Next page"
HEADINGS: Final = (
    "Record",
    "Status",
    "Site",
    "Report date",
    "EF",
    "Wall motion",
    "PAH",
    "RVSP",
    "By",
    "Decided",
)
STATUS_WORDS: Final = {
    "not read yet": "not read yet",
    "waiting for a person": "waiting for a person",
    "flagged, not settled": "flagged",
    "decided": "decided",
}
RECORD: Final = "Record {number}"
ALL_RECORDS: Final = "All records"
PAGE_PICTURE: Final = "Page {page} of the report of record {number}"
PAGE: Final = "Page"
PAGES: Final = "Report"
DECISIONS: Final = "Decisions"
NO_DECISION: Final = "Nobody has decided about this record yet."
DECISION_HEADINGS: Final = (
    "Decision",
    "Who",
    "When",
    "Reading",
    "EF",
    "Wall motion",
    "PAH",
    "RVSP",
    "Why",
    "Note",
)
DECISION_WORDS: Final = {
    "accept": "accepted",
    "correct": "corrected",
    "flag": "flagged",
    "skip": "skipped",
}
UNDONE: Final = "{decision}, undone"
IS_LABEL: Final = "{decision}, the label"
DRAFTS: Final = "Drafts"
READ_FIRST: Final = "A machine reads the report first; then it can be decided at the desk."
TO_READING: Final = "Go to Reading"
NO_DRAFT: Final = "No machine has read this record yet."
DRAFT_HEADINGS: Final = ("Draft", "Reader", "EF", "Wall motion", "PAH", "RVSP")
QUOTES: Final = "Words on the page"
QUOTE_HEADINGS: Final = ("Field", "Words", "Page", "Light")
OPEN: Final = "Decide or correct it"
OPEN_HOW: Final = (
    "Opens the record at the desk. Your own decision is shown to be changed; what somebody else decided is "
    "decided anew by you, and theirs stays beside it."
)
OPEN_DO: Final = "Open at the desk"
CANNOT_OPEN: Final = (
    "This record cannot be opened now: somebody else has it open, or no machine has read it yet"
)
FIELD_WORDS: Final = dict(
    zip(
        COLUMNS,
        (
            "EF",
            "EF from",
            "EF to",
            "EF sign",
            "EF",
            "LV function in words",
            "wall motion",
            "how severe",
            "walls",
            "PAH",
            "RVSP",
            "grade from the pressure",
            "table of grades",
        ),
        strict=True,
    )
)
AGAIN: Final = "Have it read again"
AGAIN_HOW: Final = (
    "A record with a decision is read by somebody else who sees neither draft nor decision; one that was "
    "read twice goes to an adjudicator. The decision stays until then."
)
AGAIN_DO: Final = "Send back"
WAITS: Final = "This record waits for this: {reading}."
NOTHING_TO_REPEAT: Final = "Nobody has decided about this record yet, so there is nothing to read again."
NO_FILTER: Final = "The search names something that does not exist"
NO_NUMBER: Final = "{field} is a plain number, such as 12"
NO_DAY: Final = "Please give the day as year-month-day, such as 2026-03-05"
NO_RECORD: Final = "There is no record of this number"
EF_UNIT: Final = "{value}\u00a0%"
RVSP_UNIT: Final = "{value}\u00a0mmHg"
