"""The closed lists of the desk and its jobs: roles, decisions, purposes, arms, reasons, states. No SQL."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person may do."""

    ANNOTATOR = "annotator"
    ADJUDICATOR = "adjudicator"
    LEAD = "lead"
    RESEARCHER = "researcher"
    ADMIN = "admin"


# Who may decide where readers differ.
ADJUDICATING = (Role.ADJUDICATOR, Role.LEAD, Role.ADMIN)


class ImageRole(StrEnum):
    """What a picture of a case shows."""

    REPORT = "report"
    ECG = "ecg"


class Decision(StrEnum):
    """What a person decided about a case. `accept` and `correct` decide the label; the others do not."""

    ACCEPT = "accept"
    CORRECT = "correct"
    FLAG = "flag"
    SKIP = "skip"


DECIDING = (Decision.ACCEPT.value, Decision.CORRECT.value)
# A flag settles a reading too: the person has read, and hands the record on.
SETTLING = (*DECIDING, Decision.FLAG.value)


class Purpose(StrEnum):
    """Why a record is read. Only `first` and `adjudication` make the label; see `docs/review.md`."""

    FIRST = "first"
    SECOND = "second"
    ADJUDICATION = "adjudication"
    AUDIT = "audit"


LABELLING = (Purpose.FIRST, Purpose.ADJUDICATION)


def makes_label(decision: str, purpose: str | None) -> bool:
    """Whether a review in force can be the label; of those of a case the newest is. (`db/label_view.py` has
    the same rule for the database.)

    Args:
        purpose: null in reviews older than second readings: they are first ones.
    """
    return decision in DECIDING and Purpose(purpose or Purpose.FIRST) in LABELLING


class Arm(StrEnum):
    """Whether the draft stood beside the page from the start, or only after a value was entered."""

    SHOWN = "shown"
    HIDDEN = "hidden"


class CorrectionReason(StrEnum):
    """Why a draft was wrong, in the annotator's eyes. At most eight: one key each."""

    MISREAD = "misread"
    WRONG_PLACE = "wrong_place"
    MISSED = "missed"
    NOT_IN_REPORT = "not_in_report"
    NEGATION = "negation"
    GRADE = "grade"
    UNCLEAR_REPORT = "unclear_report"
    OTHER = "other"


class ItemState(StrEnum):
    """Where one case stands in one extraction."""

    PENDING = "pending"
    LEASED = "leased"
    DONE = "done"
    FAILED = "failed"


class QueueState(StrEnum):
    """Where one reading of one case stands."""

    WAITING = "waiting"
    DONE = "done"


class UndoKind(StrEnum):
    """Taking a decision back, or putting it in force again."""

    UNDO = "undo"
    REDO = "redo"


class SeedKind(StrEnum):
    """How a deliberately wrong draft was made."""

    OTHER_BAND = "other_band"
    OTHER_PATIENT = "other_patient"
    FLIPPED = "flipped"
