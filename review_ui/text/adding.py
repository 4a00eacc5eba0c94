"""Every sentence of the page where reports are added."""

from __future__ import annotations

from typing import Final

TITLE: Final = "Add reports"
CHOOSE: Final = "Choose reports"
CHOOSE_HOW: Final = (
    "Photos, scans, PDFs and ECG photos, with or without a list (Excel or CSV) that says which file is "
    "whose. Nothing is stored before you have seen who gets what."
)
LIST_HOW: Final = (
    "A list has a row for each report, with a column for the patient's id (such as UHID) and one for the "
    "name of the file. Without a list the names of the files say it: A17_report.jpg and A17_ecg.jpg are "
    "patient A17."
)
MORE: Final = "Add more files"
DROP_HERE: Final = "Drop files, a folder or a zip here, or choose them:"
CHOOSE_FILES: Final = "Choose files"
CHOOSE_FOLDER: Final = "Choose a folder"
TAKE_PHOTO: Final = "Take a photo"
SENDING: Final = "{done} of {total} files are here."
STOP_SENDING: Final = "Cancel"
LOOKING: Final = "Looking at what was chosen."
NOT_SENT: Final = "These were left out:"
GO_ON: Final = "Go on without them"
SEND_FAILED: Final = "EchoDesk could not be reached. Please choose the files again."
NOTHING_CHOSEN: Final = "There was no file in it."

PREVIEW: Final = "Who gets what"
RECORDS_OF: Final = "{records} of {patients}. Nothing has been stored yet."
NO_RECORDS: Final = "Nothing in these files can be added as it is."
RECORD: Final = "1 record"
RECORDS: Final = "{number:,} records"
PATIENT: Final = "1 patient"
PATIENTS: Final = "{number:,} patients"
HEADINGS: Final = ("Patient", "Report", "ECG", "Why", "More")
AND_MORE: Final = "and {number:,} more"
COPIES: Final = "left out as copies: {names}"
REPORT_OF: Final = "report of {day}"
PAGES_INSIDE: Final = "{name}: {number} pages"
ECG_OF: Final = "ECG of {day}"
REFUSED: Final = "What cannot be added"
REFUSED_COUNT: Final = "{number} of the files or rows cannot be added."
REFUSED_REST: Final = "The others can."
REFUSED_HEADINGS: Final = ("File", "Row", "Reason", "What helps")
NOTES: Final = "Worth a look"
LEFT_ALONE: Final = "Not in the list, so left alone: {names}."
BY_A_DEVICE: Final = "{names}: a camera or scanner calls a file so. It says nothing about whose it is."
SPEAKING: Final = (
    "{names}: a name without a number is no id. Two patients may be called so, and a person's name is better "
    "kept out."
)
EACH_ITS_OWN: Final = "Each of these photos is a patient of its own, called after its file"
EACH_REMEDY: Final = (
    "If that is not so, type the patients' ids above, put them into the names (A17_report.jpg), or add a "
    "list that says it: drop it below."
)
EACH_MISSING: Final = "Please say first whether each of the photos is a patient of its own"
ADD: Final = "Add"
WHOSE: Final = "Whose are these?"
WHOSE_HOW: Final = (
    "The names of these files do not say it. Type the patient's id as it stands on the page; the rules are "
    "those of a list. You see who gets what before anything is stored."
)
WHOSE_ID: Final = "Patient's id"
WHOSE_DATE: Final = "Date of the report, if you have it"
WHOSE_KIND: Final = "What it is"
KINDS: Final = {
    "report": "a report",
    "page": "a further page of this patient's report",
    "ecg": "this patient's ECG",
}
WHOSE_USE: Final = "Use these ids"
WHOSE_MORE: Final = "{number} more files come after these."
PICTURE_OF: Final = "What {name} shows"
SITE: Final = "Where they come from (may stay empty)"
KEEP_IDS: Final = (
    "Keep the patients' ids, encrypted, on this machine, so that leads see them beside the records"
)
SYNTHETIC: Final = "These are invented patients, for practice"
ADD_ONE: Final = "Add this record"
ADD_MANY: Final = "Add these {number:,} records"
NOT_NOW: Final = "Not now"
NOT_NOW_HOW: Final = "“Not now” removes the files from EchoDesk; yours stay where they are."
LISTS: Final = "Which list says whose the files are?"
LISTS_HOW: Final = "There are {number} lists among the files."
LIST_USE: Final = "Use this one"
NO_LIST: Final = "none: the names of the files say it"

STORING: Final = "Adding"
STORED_OF: Final = "{done:,} of {total:,} records."
STORING_HOW: Final = "You can close this page; adding goes on for as long as EchoDesk runs."
STORED: Final = "Added"
STORED_NOTHING: Final = "Nothing was added"
STORED_ONE: Final = "1 record is added."
STORED_MANY: Final = "{number:,} records are added."
STORED_NONE: Final = "No record was added."
KNOWN_ONE: Final = "1 record was there before."
KNOWN_MANY: Final = "{number:,} records were there before."
COPIES_LEFT: Final = "Left out as copies of others: {number}."
LOOK_ALIKES: Final = "Pictures that look alike: {number} pairs. Nothing was dropped."
WAITS_TO_BE_READ: Final = "A machine reads them first; then they come to the desk."
READ_NOW: Final = "Read them now"
ADD_OTHERS: Final = "Add others"
BROKEN_OFF: Final = "Adding ended early: {reason} What was added until then is kept; add the files again."
FAILED: Final = "EchoDesk could not do that"
FAILED_REMEDY: Final = "Please choose the files again; what was stored is kept"

NAME_UNUSABLE: Final = "the file has a name that cannot be kept"
NAME_REMEDY: Final = "Give it a plain name of letters and digits."
NAME_TAKEN: Final = "another file of this name is here already"
NAME_TAKEN_REMEDY: Final = "Rename one of the two."
GONE: Final = "These files are not here any more"
GONE_REMEDY: Final = "Please choose them again"
TOO_MUCH: Final = "that is more than can be added at once"
TOO_MUCH_REMEDY: Final = "Add it in several parts, or use the command: echodesk intake FOLDER"
FILE_TOO_LARGE: Final = "a file is larger than 300 MB"
FILE_TOO_LARGE_REMEDY: Final = "Save it smaller, or in several files."
DISK_FULL: Final = "there is no room for it on the disk of EchoDesk"
DISK_FULL_REMEDY: Final = "Make room there, then choose the files again."
ZIP_BROKEN: Final = "the zip cannot be opened"
ZIP_BROKEN_REMEDY: Final = "Pack it again, or choose the folder itself."
ZIP_LOCKED: Final = "the zip is locked with a password"
ZIP_LOCKED_REMEDY: Final = "Unpack it first and choose the folder."
ZIP_SLOW: Final = "the zip takes too long to unpack"
ZIP_SLOW_REMEDY: Final = "Unpack it first and choose the folder."
EMPTY: Final = "the file is empty"
EMPTY_REMEDY: Final = "Save it again."
NO_ADDING: Final = "Reports cannot be added here; use the command: echodesk intake FOLDER"
