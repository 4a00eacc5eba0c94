"""Who withdrew their consent: the list in the database, the list in the file, and off them again."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from db.consent.noted import Noted, is_outdated, note_consent, noted_withdrawals
from db.errors import EchoDeskError
from db.events import append_event, lock_chain
from db.store.engine import Database
from db.tables.cases import Case
from db.tables.consent import WithdrawnPatient
from db.workspace import Workspace

CONSENT_GIVEN_AGAIN: Final = "consent_given_again"


def is_withdrawn(session: Session, *, patient_key: str) -> bool:
    """Whether this patient's consent is withdrawn, as the database has it."""
    row = session.get(WithdrawnPatient, patient_key)
    return row is not None and row.again_at is None


def consented_again_at(session: Session, *, patient_key: str) -> datetime | None:
    """When a patient who had withdrawn consented again; None where they did not."""
    row = session.get(WithdrawnPatient, patient_key)
    return None if row is None else row.again_at


def withdrawn_in(session: Session) -> dict[str, datetime]:
    """Keyed hash -> since when, of everybody on the database's list, the oldest first."""
    wanted = select(WithdrawnPatient).where(col(WithdrawnPatient.again_at).is_(None))
    rows = session.exec(wanted.order_by(col(WithdrawnPatient.withdrawn_at)))
    return {row.patient_key: row.withdrawn_at for row in rows}


def withdrawn_patients(workspace: Workspace, session: Session | None) -> dict[str, datetime]:
    """Keyed hash -> since when, of everybody on either list: the database's, and the file's beside the key.

    Args:
        session: None where there is no database, or it may not be opened.

    Raises:
        EchoDeskError: the file is damaged.
    """
    noted = {one.patient_key: one.at for one in _noted(workspace, session)}
    return noted | (withdrawn_in(session) if session is not None else {})


def still_here(session: Session, workspace: Workspace) -> list[str]:
    """Patients who are noted in the file and whose withdrawal the database lacks: it is an older one, or the
    program was killed.
    """
    noted = [one.patient_key for one in _noted(workspace, session)]
    known = withdrawn_in(session)
    with_records = set(session.exec(select(Case.patient_key).distinct())) if noted else set()
    return [key for key in noted if key not in known or key in with_records]


def without_withdrawn(database: Database, workspace: Workspace) -> Database:
    """The database, where nobody is in it who withdrew; else it is closed again.

    Raises:
        EchoDeskError: somebody is, because an older one was put back; or the list in the file is damaged.
    """
    if not workspace.withdrawn_file.exists():
        return database
    try:
        with database.read() as session:
            left = len(still_here(session, workspace))
        if left:
            raise EchoDeskError(
                f"patients who withdrew their consent are in this database, or not on its list: {left}",
                "An older one was put back, or a withdrawal broke off. First: echodesk withdraw --noted",
            )
    except EchoDeskError:
        database.close()
        raise
    return database


def _noted(workspace: Workspace, session: Session | None) -> list[Noted]:
    """Who is noted in the file, without those who consented again at another machine since."""
    noted = list(noted_withdrawals(workspace.withdrawn_file).values())
    if session is None or not noted:
        return noted
    wanted = select(WithdrawnPatient).where(col(WithdrawnPatient.again_at).is_not(None))
    again = {row.patient_key: row.again_at for row in session.exec(wanted)}
    return [one for one in noted if not is_outdated(one, again.get(one.patient_key))]


def give_consent_again(
    database: Database, workspace: Workspace, *, patient_key: str, actor: str, now: datetime
) -> bool:
    """Take a patient off both lists, with an event that names nobody; what was taken out stays so.

    Returns:
        False when they were on neither.
    """
    with database.write() as session:
        lock_chain(session)
        was_noted = any(one.patient_key == patient_key for one in _noted(workspace, session))
        if not (was_noted or is_withdrawn(session, patient_key=patient_key)):
            return False
        row = session.get(WithdrawnPatient, patient_key)
        session.add(row := row or WithdrawnPatient(patient_key=patient_key, withdrawn_at=now))
        row.again_at = now
        session.flush()
        append_event(session, kind=CONSENT_GIVEN_AGAIN, actor=actor, subject="patients", payload={}, now=now)
    # Last: killed before, the patient is still refused, and the same command again ends it.
    note_consent(workspace.withdrawn_file, patient_key, now=now)
    return True
