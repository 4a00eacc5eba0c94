"""Every sentence a person can see on the review desk: calm, plain, in one folder, ready for translation.

The browser gets `DESK` as JSON and never holds a sentence of its own. `{name}` marks what is filled in; both
`str.format` here and the page's own fill-in put values in as text, never as markup.
"""

from __future__ import annotations

from typing import Final

from db.labels import WALLS

TITLE: Final = "EchoDesk"

# Words beside the colours. With a single reader nothing "agrees", so green says only what is known.
LIGHT_WORDS: Final = {"red": "needs you", "amber": "check", "green": "reads clearly"}
GREEN_WITH_SEVERAL_READERS: Final = "readers agree"

FIELD_TITLES: Final = {
    "ef": "Ejection fraction",
    "rwma": "Wall motion (RWMA)",
    "pah": "Pulmonary hypertension (PAH)",
}

# The same answer is worded the same everywhere: chips, summaries, conflicts.
ANSWER_WORDS: Final = {
    "ef": {"not_stated": "not stated", "unreadable": "unreadable"},
    "rwma": {
        "present": "present",
        "absent": "absent",
        "not_stated": "not stated",
        "unreadable": "unreadable",
    },
    "rwma_severity": {
        "mild": "mild",
        "moderate": "moderate",
        "severe": "severe",
        "not_stated": "not graded",
        "none": "none",
    },
    "rwma_walls": {wall: wall for wall in WALLS},
    "pah": {
        "none": "none",
        "mild": "mild",
        "moderate": "moderate",
        "severe": "severe",
        "present_unspecified": "ungraded",
        "not_stated": "not stated",
        "unreadable": "unreadable",
    },
    # What kind of reading it is, in the line at the top.
    "purpose": {
        "first": "first reading",
        "second": "second reading",
        "adjudication": "adjudication",
        "audit": "audit reading",
    },
    # Why a draft was wrong, one key each; in the order of the keys.
    "reason": {
        "misread": "misread",
        "wrong_place": "wrong place",
        "missed": "missed",
        "not_in_report": "not in report",
        "negation": "negation",
        "grade": "grade",
        "unclear_report": "unclear report",
        "other": "other",
    },
    # Why a record is skipped, one key each; the code is stored as the note of the skip.
    "skip": {
        "hard_to_read": "hard to read",
        "page_missing": "page missing",
        "not_an_echo": "not an echo report",
        "two_patients": "two patients",
        "other_language": "other language",
        "ask_someone": "to ask someone",
    },
}

RECORD_TITLE: Final = "Record {case_id}"

# Quiet lines on a card.
IN_WORDS: Final = "No number in the report; in words: {words}"
NO_EVIDENCE: Final = "Nothing on the page was quoted for this."
SEVERITY_NOT_GRADED: Final = "severity not graded in the report"

# After a decision or a move.
# Said until something is done: after a skip of the only one, nothing else on the page has changed.
SKIPPED_EARLIER: Final = (
    "You skipped this record{reason}. Skipped ones come back once nothing else waits for you: answer it now, "
    "flag it with a note, or leave it for later."
)
SKIPPED_REASON: Final = " ({reason})"
AGAIN: Final = {
    "accept": "You accepted this record. Change an answer to store a new decision; Enter goes on.",
    "correct": "You corrected this record. Change an answer to store a new decision; Enter goes on.",
    "flag": "You flagged this record. Enter stores it as answered here; S leaves the flag and goes on.",
}
AGAIN_UNDONE: Final = "Undone. Enter stores this record as answered here."
AGAIN_UNDONE_FLAG: Final = "Undone: the flag is taken back. Answer the record, or flag it again."
AGAIN_NOTE: Final = "Your note: {note}"
NOTHING_BEFORE: Final = "There is no earlier record of yours to go back to."
HELD_BY_ANOTHER: Final = "Someone else has that record open just now."

# Answers that cannot be stored as typed.
EF_NOT_A_NUMBER: Final = "Please type a number such as 55, a range such as 50-55, or >55, <30, ~60."
EF_OUT_OF_RANGE: Final = "An ejection fraction lies between {low} and {high} percent; {typed} does not."
EF_AS_FRACTION: Final = "Please type it in percent: {percent} rather than {typed}."
EF_ORDER: Final = "The first number of the range is larger than the second."
EF_RANGE_WITH_SIGN: Final = "A range has no > or < sign. Please type either the range or the sign."
RVSP_NOT_A_NUMBER: Final = "Please type a pressure such as 48 or 46-51, or clear it."
RVSP_OUT_OF_RANGE: Final = "A pressure lies between {low} and {high} mmHg; {typed} does not."
NOT_AN_ANSWER: Final = "That answer does not belong to this field."
NOTE_MISSING: Final = "Please write a few words, so that the next person knows what to look at."
NOTE_TOO_LONG: Final = "The note is longer than {limit} characters."
FIELDS_UNANSWERED: Final = "{fields} still needs an answer."
TOO_SOON: Final = "That was quicker than the page can be read. Please look once, then press Enter."

# When something else happened to the record.
CONFLICT: Final = "This record was decided while you had it open: {answers}. Your answers are kept here."
CONFLICT_FLAGGED: Final = "This record was flagged while you had it open. Your answers are kept here."
CONFLICT_KEYS: Final = (
    "Enter keeps yours beside theirs: where you two differ, an adjudicator decides. "
    "S leaves theirs and goes on."
)
CONFLICT_OWN_KEYS: Final = "Enter stores these instead of your earlier ones; S leaves those and goes on."
TAKEN: Final = "Your hold on this record ran out and someone else has it now. Your answers are kept here."
GONE: Final = (
    "The record you had open was taken out, because its patient withdrew their consent. "
    "What you had entered for it is not kept."
)
TAKEN_KEYS: Final = "S goes on to the next record."
SETTLED: Final = "An adjudicator has settled this record since. Backspace goes on to another one."
OLD_SCREEN: Final = "This page is older than the record. Please reload it; your answers are kept."
PRACTICE: Final = "Practice record: the draft said {wrong}, the page says {right}. Please answer again."
FLAGGED: Final = "Flagged by a reader: {note}"
SENT_BACK: Final = "This record was sent back to be looked at once more."
UNDONE: Final = "Undone. The record is as you had answered it."
UNDONE_FLAG: Final = AGAIN_UNDONE_FLAG
REDONE: Final = "Redone. Your decision counts again."
NOTHING_TO_UNDO: Final = "There is no decision of yours to take back."
NOTHING_TO_REDO: Final = "There is nothing to redo."
REREAD: Final = "Read again from that part of the page."
REREAD_NOTHING: Final = "Nothing about this field was found in that part of the page."
NO_REREADING: Final = "Parts of a page cannot be read again here."
BUSY: Final = "The database is busy. Your answers are kept; EchoDesk is trying again."
STILL_BUSY: Final = "The database is still busy. Your answers are kept; press Enter to try again."
DISK_FULL: Final = "The disk is full. Your answers are kept; EchoDesk is trying again."
DISK_STILL_FULL: Final = (
    "The disk is still full, so nothing can be stored. Your answers are kept. "
    "Please tell your lead; press Enter to try again when there is room."
)
FAILED: Final = "EchoDesk could not do that. Your answers are kept; press Enter to try again."
SIGNED_OUT: Final = "You are signed out. Your answers are kept on this page until you close it."
NOT_ALLOWED: Final = "Your role does not include this."

# Why there is no record to read, in a sentence or two.
EMPTY_NO_REPORTS: Final = "There are no reports yet. Whoever leads adds them."
EMPTY_ASSIGNED: Final = "Assigned to someone else: {number}."
# `<time>` is where the page puts the moment, as this browser's clock has it.
EMPTY_SOMEONE: Final = "someone else"
EMPTY_HELD: Final = "Open with {name}: {number}. Yours from <time> on, unless they go on."
EMPTY_ONE_DONE: Final = "The one record there is has been reviewed. Thank you."
EMPTY_ALL_DONE: Final = "All {total} records have been reviewed. Thank you."
EMPTY_AGAIN: Final = {
    "second": "Waiting for a second reading by someone else: {number}.",
    "adjudication": "Waiting for an adjudicator: {number}, flagged or read differently.",
    "audit": "Waiting for an audit reading by someone else: {number}.",
}
# In a team of two nobody is left who has not read what the two read differently.
EMPTY_STUCK: Final = (
    "Of these, {number} can be settled by nobody here: all who may settle them have read them. Look "
    "at the page together and change your own answer, or have one more person settle them."
)
EMPTY_UNREAD: Final = "Not read by machine yet: {number}."

# Everything the page itself says.
DESK: Final[dict[str, str]] = {
    "title": TITLE,
    "opening": "Opening the desk…",
    "page_of": "page {page} of {pages}",
    "progress": "{done} of {total} reviewed",
    "progress_label": "Records reviewed",
    "other_pages": "Other pages",
    "values": "Answers",
    "report": "Report page",
    "report_pane": "Report",
    "report_alt": "Page {page} of the report of record {case_id}",
    "severity": "Severity",
    "no_evidence": NO_EVIDENCE,
    "percent": "%",
    "from_range": "from {low} – {high}",
    "ef_typing": "Ejection fraction, percent",
    "rvsp_typing": "RVSP, mmHg",
    "rvsp": "RVSP",
    "rvsp_unit": "mmHg",
    "rvsp_none": "RVSP –",
    "type_over": "type over",
    "edited": "changed",
    "decided_before": "your earlier answer",
    "confirmed": "confirmed",
    "not_confirmed": "not confirmed",
    "no_answer_yet": "no answer yet",
    "nothing_yet": "–",
    "today": "{today} today",
    "storing": "storing your answer …",
    # A draft that is hidden until everything is entered, and what then stands beside it.
    "draft_hidden": "draft hidden",
    "hidden_line": "Please answer from the page.",
    "hidden_first": "Please answer from the page; the draft comes after. This shows how drafts sway people.",
    "to_answer": "to answer",
    "entered": "answered",
    "drafted_same": "The draft says the same: {draft}.",
    "drafted_differs": "The draft says {draft}.",
    "nothing_drafted": "nothing",
    "differs": "differs",
    "same_as_draft": "same as the draft",
    "compare": "Compare",
    "store": "Store",
    # Two readings side by side, without names.
    "reading": "Reading {number}: {answer}",
    "both_readings": "Both readings: {answer}.",
    "said_by_one": "Readings: {answer}. Only one of them says all of this.",
    "or": " or ",
    "readings_agree": "readings agree",
    "readings_differ": "readings differ",
    # What the readers behind the draft say, on demand.
    "other_reader": "{reader}: {value}",
    "no_other_reader": "No other reader has an answer here.",
    "keep_hint": "Type the value, or Enter to keep this.",
    "keep_or_choose": "Choose the answer, or Enter to keep this.",
    "flag": "Flag",
    "skip": "Skip",
    "skip_title": "Skip, because:",
    "skip_plain": "no reason",
    "reason_title": "Why was the draft wrong?",
    "reason_given": "Reason: {reason}.",
    "no_reason": "No reason given.",
    "reason_needs_change": "A reason goes with a changed answer. Nothing is changed on this record.",
    "accept": "Accept",
    "save": "Save",
    "confirm": "Confirm",
    "go_on": "Go on",
    "flag_title": "Flag with a note",
    "flag_placeholder": "What should the next person look at?",
    "flag_send": "Flag",
    "cancel": "Cancel",
    "fit": "Fit",
    "zoom_in": "Zoom in",
    "zoom_out": "Zoom out",
    "quarter": "Turn by a quarter (T)",
    "page_next": "Next page",
    "page_before": "Previous page",
    "key_tab": "next field that needs you",
    "touch_back": "Previous",
    "touch_undo": "Undo",
    "touch_codebook": "Codebook",
    "signs": "Signs for a range, more than, less than, about",
    "key_back": "previous record",
    "key_undo": "undo",
    "key_codebook": "codebook",
    "key_help": "keys",
    "research": "Research software. The report is the source; the draft is a suggestion.",
    "help_title": "Keys",
    "close": "Close",
    "codebook_title": "Codebook",
    "codebook_version": "version {version}",
    "codebook_missing": "The codebook could not be opened. Please try again.",
    "help_enter": "confirm the field that needs you; when none does, accept the record",
    "help_digits": "on the ejection fraction: type over it. 50-55, >55, <30 and ~60 work; C is ~, too",
    "help_tab": "to the next field that needs you, else to the next field",
    "help_arrows": "field by field; from the first, one step up is the last",
    "help_reason": "why the draft was wrong, after a change; without Shift where digits need it",
    "help_others": "what the other readers say; again hides it",
    "help_readings": "adjudication: take reading 1 or reading 2 for the field in focus",
    "help_codebook": "the codebook page of the field",
    "help_p": "present (wall motion); ungraded (pulmonary hypertension)",
    "help_a": "wall motion absent",
    "help_grades": "grade of the field in focus: 1 mild, 2 moderate, 3 severe; 0 none or absent",
    "help_g": "wall motion present, grade not given",
    "help_l": "the walls of the abnormality, by one key each; Enter ends it",
    "walls": "walls",
    "walls_title": "Which walls?",
    "walls_done": "done",
    "help_b": "a box on the page: arrows move it, Shift with arrows sizes it, Enter reads it again",
    "boxing": "Arrows move the box, Shift with arrows sizes it. Enter reads that part again; Esc drops it.",
    "no_rereading": NO_REREADING,
    "help_r": "type the RVSP in mmHg",
    "help_n": "not stated",
    "help_u": "unreadable",
    "help_f": "flag with a note",
    "help_s": "skip for now; then one key says why, Enter skips without",
    "help_back": "back to your previous record",
    "help_undo": "undo: the last change, then the last stored decision, and so on",
    "help_redo": "redo; Ctrl with Shift and Z does the same",
    "help_zoom": "zoom; Z fits the width",
    "help_quarter": "turn a page that lies on its side by a quarter",
    "help_move": "move the page: Shift with an arrow key, the wheel, or drag with Space held",
    "drag": "Drag",
    "help_drag": "read a part of the page again for the field in focus; Esc drops the answer",
    "help_pages": "the page before, the next page",
    "empty_title": "Nothing is waiting",
    "empty_again": "Enter looks again; Backspace goes back to your last record.",
    "look_again": "Look again",
    "offline": "EchoDesk cannot be reached. Your answers are kept; press Enter to try again.",
    "image_missing": "The page image could not be shown. Please skip or flag this record.",
    "keys_early": "Keys pressed before this record was open were not taken. Please press them again.",
    "nothing_changed": "Nothing was changed; your earlier decision stands.",
    "undone": "Undone. {what}.",
    "redone": "Redone. {what}.",
    "typed_number": "The number that was being typed",
    "no_difference": "The answers are the same",
    "reading_again": "Reading that part of the page again: {field}.",
    "reread_dropped": "Dropped. The answer is as it was.",
    "busy": BUSY,
    "still_busy": STILL_BUSY,
    "failed": FAILED,
    "signed_out": SIGNED_OUT,
    "covered": "The report is covered, because nobody was here. Press a key, or tap, to see it again.",
    "too_soon": TOO_SOON,
    "unanswered": FIELDS_UNANSWERED,
    "note_full": "A note holds 2,000 characters; what is beyond them was left out.",
    "note_missing": NOTE_MISSING,
    "ef_not_a_number": EF_NOT_A_NUMBER,
    "ef_out_of_range": EF_OUT_OF_RANGE,
    "ef_as_fraction": EF_AS_FRACTION,
    "ef_order": EF_ORDER,
    "ef_range_with_sign": EF_RANGE_WITH_SIGN,
    "rvsp_not_a_number": RVSP_NOT_A_NUMBER,
    "rvsp_out_of_range": RVSP_OUT_OF_RANGE,
}
