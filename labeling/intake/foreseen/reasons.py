"""Why a planned case is not taken in, in the words of the plan and of the intake itself."""

from __future__ import annotations

from collections.abc import Container, Sequence
from pathlib import Path

from db.access.patient_key import normal_patient_id, patient_key
from labeling.intake.pairing import PUT_AN_ID
from labeling.intake.patient_ids import AS_TEXT, other_zeros
from labeling.intake.plan import PlannedCase
from labeling.intake.report import Refused
from labeling.pages.page import PageError


def of_its_id(case: PlannedCase, secret: bytes, known: Container[str]) -> list[Refused]:
    """Why its patient id can't be used; empty where it can.

    Args:
        known: keyed hashes of the patients that are registered.
    """
    if not normal_patient_id(case.patient_id):
        return _whole(case, "bad_name", "the patient id is empty", "Give it one.")
    # Whether a spreadsheet seems to have dropped the zeros of an id that was registered with them.
    if patient_key(case.patient_id, secret) not in known and any(
        patient_key(other, secret) in known for other in other_zeros(case.patient_id)
    ):
        reason = "the patient id differs from that of a registered patient in the zeros in front alone"
        return _whole(case, "id_clash", reason, AS_TEXT)
    return []


def of_its_pages(case: PlannedCase, bad: Sequence[Refused]) -> list[Refused]:
    """All of its files, where pages of its report can't be read."""
    named = {item.path for item in bad}
    return [*bad, *_not_taken(case, [path for path in _files(case) if path not in named])]


def unreadable(path: Path, error: PageError, row: int | None) -> Refused:
    """Why one file can't be read."""
    return Refused(path, error.code, error.message, error.hint, row)


def may_be_another(case: PlannedCase) -> list[Refused]:
    """A new report under a mere name that is registered: a camera's, or a person's."""
    reason = "a patient called so is registered already, and a name does not say whether it is the same"
    return _whole(case, "id_clash", reason, PUT_AN_ID)


def of_another_patient(case: PlannedCase, file: Path | None = None) -> list[Refused]:
    """The very same report is somebody else's.

    Args:
        file: that of the other patient, where both are taken in together.
    """
    reason = "the same report is already registered for another patient"
    if file is not None:
        reason = f"{file.name} holds the same report for another patient"
    remedy = "Find out whose report it is; remove it from the wrong patient."
    return _whole(case, "other_patient", reason, remedy)


def _whole(case: PlannedCase, code: str, reason: str, remedy: str) -> list[Refused]:
    first = case.reports[0]
    others = [path for path in _files(case) if path != first]
    return [Refused(first, code, reason, remedy, case.row), *_not_taken(case, others)]


def _files(case: PlannedCase) -> tuple[Path, ...]:
    return (*case.reports, *case.ecgs)


def _not_taken(case: PlannedCase, paths: Sequence[Path]) -> list[Refused]:
    reason = "another file of the same case was refused"
    remedy = "Put that file right and run the intake again."
    return [Refused(path, "not_taken", reason, remedy, case.row) for path in paths]
