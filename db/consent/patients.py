"""Who withdrew their consent: the list in the database, the list in the file, and off them again."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from db.consent.noted import note_consent, noted_withdrawals
from db.events import append_event, lock_chain
from db.store.engine import Database
from db.tables.cases import Case
from db.tables.consent import WithdrawnPatient
from db.workspace import Workspace

CONSENT_GIVEN_AGAIN: Final = "consent_given_again"


def is_withdrawn(session: Session, *, patient_key: str) -> bool:
    """Whether this patient's consent is withdrawn, as the database has it."""
    return session.get(WithdrawnPatient, patient_key) is not None


def withdrawn_in(session: Session) -> dict[str, datetime]:
    """Keyed hash -> since when, of everybody on the database's list, the oldest first."""
    rows = session.exec(select(WithdrawnPatient).order_by(col(WithdrawnPatient.withdrawn_at)))
    return {row.patient_key: row.withdrawn_at for row in rows}


def withdrawn_patients(workspace: Workspace, session: Session | None) -> dict[str, datetime]:
    """Keyed hash -> since when, of everybody on either list: the database's, and the file's beside the key.

    Args:
        session: None where there is no database, or it may not be opened.

    Raises:
        EchoDeskError: the file is damaged.
    """
    noted = {key: one.at for key, one in noted_withdrawals(workspace.withdrawn_file).items()}
    return noted | (withdrawn_in(session) if session is not None else {})


def still_here(session: Session, workspace: Workspace) -> list[str]:
    """Patients who are noted in the file and whose withdrawal the database lacks: it is an older one, or the
    program was killed.
    """
    noted = list(noted_withdrawals(workspace.withdrawn_file))
    known = withdrawn_in(session)
    with_records = set(session.exec(select(Case.patient_key).distinct())) if noted else set()
    return [key for key in noted if key not in known or key in with_records]


def give_consent_again(
    database: Database, workspace: Workspace, *, patient_key: str, actor: str, now: datetime
) -> bool:
    """Take a patient off both lists, with an event that names nobody; what was taken out stays so.

    Returns:
        False when they were on neither.
    """
    with database.write() as session:
        lock_chain(session)
        row = session.get(WithdrawnPatient, patient_key)
        was_noted = patient_key in noted_withdrawals(workspace.withdrawn_file)
        if row is None and not was_noted:
            return False
        if row is not None:
            session.delete(row)
            session.flush()
        append_event(session, kind=CONSENT_GIVEN_AGAIN, actor=actor, subject="patients", payload={}, now=now)
    # Last: killed before, the patient is still refused, and the same command again ends it.
    note_consent(workspace.withdrawn_file, patient_key, now=now)
    return True
