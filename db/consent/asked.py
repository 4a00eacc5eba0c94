"""Whose consent is meant: by ids as they were typed, or by the number of a record. Nobody is guessed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlmodel import Session

from db.access.own_ids import OwnIds
from db.access.patient_key import load_secret, normal_patient_id, patient_key
from db.consent.holdings import cases_of, patient_of_case
from db.consent.patients import withdrawn_patients
from db.errors import EchoDeskError
from db.store.key_mark import check_key
from db.workspace import Workspace

_UNKNOWN: Final = (
    "Nothing was done. Type it as it stands in your own list: a spelling near another's is never guessed. Or "
    "name one of the patient's records: --record NUMBER. To have intake refuse somebody of whom nothing is "
    "here yet, add --ahead."
)


@dataclass(frozen=True)
class Asked:
    """One patient who was named.

    Attributes:
        written: the id as it was typed, or as intake kept it; None where nobody knows it here.
    """

    patient_key: str
    written: str | None


def ids_in(text: str) -> list[str]:
    """The ids of a list, one a line; empty lines and those that begin with # are none."""
    lines = (line.strip() for line in text.lstrip("\ufeff").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def patients_asked(
    session: Session,
    workspace: Workspace,
    *,
    ids: Sequence[str] = (),
    records: Sequence[int] = (),
    is_ahead: bool = False,
) -> list[Asked]:
    """The patients behind ids and record numbers, each once; all of them are known, or nobody is answered.

    Args:
        is_ahead: also somebody of whom nothing is here.

    Raises:
        EchoDeskError: an id or a number is nobody's, or the key file is missing or another one. Ids are not
            repeated, only their place in the list.
    """
    found: dict[str, Asked] = {}
    if ids:
        secret = load_secret(workspace.patient_key_file)
        check_key(session, secret, workspace)
        known = withdrawn_patients(workspace, session)
        for place, written in enumerate(ids, start=1):
            where = f"id {place} of {len(ids)}" if len(ids) > 1 else "the id"
            if not normal_patient_id(written):
                raise EchoDeskError(f"{where} is empty", _UNKNOWN)
            key = patient_key(written, secret)
            if not (is_ahead or key in known or cases_of(session, patient_key=key)):
                raise EchoDeskError(f"{where} is that of no record here", _UNKNOWN)
            found.setdefault(key, Asked(key, written))
    own = OwnIds(workspace)
    for number in records:
        by_number = patient_of_case(session, case_id=number)
        if by_number is None:
            raise EchoDeskError(
                f"there is no record {number}", "Leads see the numbers on the desk's page Records."
            )
        found.setdefault(by_number, Asked(by_number, own.of([by_number]).get(by_number)))
    return list(found.values())
