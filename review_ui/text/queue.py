"""Every sentence of the lead's queue page: what waits, who it is assigned to, what is read twice."""

from __future__ import annotations

from typing import Final

QUEUE_TITLE: Final = "Queue"
QUEUE_COUNTS: Final = "Readings"
QUEUE_COUNT_HEADINGS: Final = ("Reading", "Waiting", "Needs a person", "To check", "Clean", "Done")
QUEUE_WAITING: Final = "What waits"
QUEUE_ITEM_HEADINGS: Final = ("Record", "Reading", "Light", "Site", "Priority", "Assigned to")
QUEUE_NOTHING: Final = "Nothing waits that fits this."
QUEUE_EMPTY: Final = "Nothing waits for a person. What a machine has read comes here."
QUEUE_SHOWN: Final = "The first {shown:,} of {matching:,}, in the order they are given out."
QUEUE_PURPOSE: Final = "Reading"
QUEUE_LIGHT: Final = "Light"
QUEUE_SITE: Final = "Site"
QUEUE_PERSON: Final = "Assigned to"
QUEUE_UNASSIGNED: Final = "nobody"
QUEUE_ANY: Final = "any"
QUEUE_FILTER: Final = "Show"
QUEUE_ASSIGN: Final = "Assign what is shown"
QUEUE_FIRST: Final = "The first"
QUEUE_TO: Final = "To"
QUEUE_ANYBODY: Final = "anybody"
QUEUE_ASSIGN_DO: Final = "Assign"
QUEUE_TWICE: Final = "Have what is shown read twice"
QUEUE_TWICE_HOW: Final = (
    "The records are read a second time by somebody else, who sees neither the draft nor the first "
    "answers. Where the two agree the record is settled; where they differ an adjudicator decides."
)
QUEUE_TWICE_DO: Final = "Have them read twice"
QUEUE_NO_FILTER: Final = "The filter names something that does not exist"
QUEUE_NO_PERSON: Final = "Please choose a person from the list"
QUEUE_NO_COUNT: Final = "Please give a number between 1 and {most:,}"
