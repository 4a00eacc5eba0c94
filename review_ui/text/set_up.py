"""Every sentence of the set-up pages: people, shares, this computer."""

from __future__ import annotations

from typing import Final

TITLE: Final = "Set-up"
CHECKS_TITLE: Final = "This computer"

PEOPLE: Final = "People"
PEOPLE_HEADINGS: Final = ("Name", "Role", "May come in", "By")
MAY_COME_IN: Final = {True: "yes", False: "no"}
BY_PASSWORD: Final = {True: "name and password", False: "a link on this computer"}
ROLES: Final = {
    "annotator": "annotator: corrects drafts",
    "adjudicator": "adjudicator: also decides where two people differ",
    "lead": "lead: also these pages",
    "researcher": "researcher: the numbers and frozen data, no records",
    "admin": "admin: everything",
}
ROLE_WORDS: Final = {name: name for name in ROLES}

ADD: Final = "Add a person"
ADD_HOW: Final = (
    "On this computer everybody comes in by a link, with or without a password: echodesk review --annotator "
    "NAME prints it. The password is for a desk that is open to other computers: echodesk review --host "
    "ADDRESS, with a certificate (echodesk review --help)."
)
NAME: Final = "Name"
ROLE: Final = "Role"
PASSWORD: Final = "Password, at least 12 characters"  # noqa: S105 - a label
AGAIN: Final = "The same again"
ADD_DO: Final = "Add"

CHANGE: Final = "Change a person"
CHANGE_HOW: Final = (
    "Whoever is changed is signed out and signs in again. What a person has decided always stays."
)
PERSON: Final = "Person"
ROLE_DO: Final = "Give this role"
PASSWORD_DO: Final = "Set this password"  # noqa: S105 - a label
ADMISSION: Final = "May come in"
ADMISSION_WORDS: Final = {"yes": "yes", "no": "no, not any more"}
ADMISSION_DO: Final = "Set this"

NO_PERSON: Final = "Please choose a person from the list"
NO_ROLE: Final = "Please choose a role from the list"
NOT_THE_SAME: Final = "The two passwords were not the same"
NOTHING_CHANGED: Final = "Nothing was changed."
NOT_ONESELF: Final = "Nobody changes their own role or keeps themselves out; another lead or admin can"
ADMINS_ALONE: Final = "Only an admin makes, changes or keeps out an admin"

SHARES: Final = "How records are read"
SHARES_HOW: Final = (
    "In percent of all records. A change counts from the next record on, at this desk; other desks on this "
    "workspace take it over when they start. Who changed what stands in the log."
)
SHARE_LABELS: Final = {
    "second_reading_share": "Read by a second person, who sees neither the draft nor the first answers",
    "blind_share": "Draft hidden until values are entered: shows how much drafts sway people",
    "vigilance_share": "Practice: a draft with a planted mistake comes first, and is told at once",
    "clean_share": "Clean drafts drawn at random among those that need somebody",
}
SHARES_DO: Final = "Use these"
SHARE_SET_OUTSIDE: Final = "set by {variable} where the desk was started, and changed there"
NO_SHARE: Final = "Please give percentages between 0 and 100"
SHARES_FIXED: Final = "This desk has no workspace folder of its own to keep them in."

CHECKS: Final = "This computer"
CHECKS_HOW: Final = (
    "What is installed, how the workspace stands, and what to do about it; as echodesk doctor says it."
)
CHECKS_DO: Final = "Look now (takes some seconds)"
CHECKS_NONE: Final = "This desk cannot look at its computer. In a terminal: echodesk doctor"
CHECKS_FOUND: Final = "What was found"
CHECKS_AGAIN: Final = "Look again"
CHECKS_BACK: Final = "Set-up"
CHECK_HEADINGS: Final = ("What", "How it stands", "Found", "To do")
GRADES: Final = {"PASS": "good", "WARN": "works with a limit", "FAIL": "in the way"}
