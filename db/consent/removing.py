"""Taking everything of a patient out: rows, pictures and, by `db/store/scrub.py`, what is left in free pages.

In one transaction, under the lock that every decision, draft and intake waits for: whoever comes after finds
nothing. Pictures are deleted inside it. A kill between leaves records with missing pictures at worst; the
list in the file says that they are to go, and the same command ends it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, delete, inspect, or_
from sqlmodel import Session, SQLModel, col, select

from db.consent.holdings import Holdings, holdings_of
from db.consent.noted import note_withdrawal
from db.consent.patients import consented_again_at, is_withdrawn, still_here
from db.events import ANNOUNCED, CONSENT_WITHDRAWN, append_event, lock_chain, row_sha256
from db.quality.audit_samples import labels_at_draw, list_samples
from db.store.engine import Database
from db.store.images import ImageStore
from db.store.scrub import scrub
from db.tables.audits import AuditItem
from db.tables.cases import Case, CaseImage, Image, ImageOrigin, NearDuplicate
from db.tables.consent import WithdrawnCase, WithdrawnPatient
from db.tables.drafts import Draft, ExtractionAttempt, ExtractionItem
from db.tables.practice import SeededAnswer, SeededDraft
from db.tables.queue import Lease, QueueItem, Recheck, SecondReading
from db.tables.reviews import Review, Withdrawal
from db.workspace import Workspace


@dataclass(frozen=True)
class TakenOut:
    """What went.

    Attributes:
        missing: pictures that were not in this machine's image store.
        is_new: whether the patient had not been on the list before.
    """

    holdings: Holdings
    missing: int
    is_new: bool


def withdraw_consent(
    database: Database, workspace: Workspace, *, patient_key: str, actor: str, now: datetime
) -> TakenOut:
    """Note that a patient withdrew their consent, and take out everything that is kept of them.

    Done before, it does nothing but look; killed at any moment and done again, the end is the same.

    Raises:
        EchoDeskError: the list beside the key can't be written. Nothing was touched then.
        OSError: a picture can't be deleted. The database is as it was then, the list is not.
    """
    with database.read() as session:
        again_at = consented_again_at(session, patient_key=patient_key)
    note_withdrawal(workspace.withdrawn_file, patient_key, now=now, again_at=again_at)
    store = ImageStore(workspace.images)
    with database.write() as session:
        lock_chain(session)
        is_new = not is_withdrawn(session, patient_key=patient_key)
        if is_new:
            row = session.get(WithdrawnPatient, patient_key)
            session.add(row := row or WithdrawnPatient(patient_key=patient_key, withdrawn_at=now))
            row.withdrawn_at, row.again_at = now, None
            session.flush()
        # Whoever is adding a row to one of these records has finished before, or will not find it.
        session.execute(select(Case.id).where(Case.patient_key == patient_key).with_for_update())
        held = holdings_of(session, patient_key=patient_key)
        if held.cases:
            _take_out(session, held, actor=actor, now=now)
        elif is_new:
            _announce(session, [], {}, {}, 0, actor=actor, now=now)
        missing = sum(not store.remove(name) for name in held.pictures)
    return TakenOut(held, missing, is_new)


def withdraw_noted(database: Database, workspace: Workspace, *, actor: str, now: datetime) -> list[str]:
    """Take out everybody who is noted in the file and whom this database still has: it was restored.

    Returns:
        their keyed hashes.

    Raises as `withdraw_consent` does; also where free pages can't be written over.
    """
    with database.read() as session:
        keys = still_here(session, workspace)
    for key in keys:
        withdraw_consent(database, workspace, patient_key=key, actor=actor, now=now)
    if keys:
        scrub(database, TABLES)
    return keys


def _take_out(session: Session, held: Holdings, *, actor: str, now: datetime) -> None:
    cases = list(held.cases)
    labels = _labels_at_draws(session, cases)
    rows = _tombstones(session, cases)
    session.add_all(WithdrawnCase(case_id=number, withdrawn_at=now) for number in cases)
    session.flush()
    for model, condition in _rows_of(cases, held.pictures):
        session.execute(delete(model).where(condition).execution_options(synchronize_session=False))
    session.expunge_all()
    _announce(session, cases, rows, labels, len(held.pictures), actor=actor, now=now)


def _announce(
    session: Session,
    cases: Sequence[int],
    rows: dict[str, str],
    labels: dict[str, list[list[int]]],
    pictures: int,
    *,
    actor: str,
    now: datetime,
) -> None:
    """The event: numbers and hashes that the log holds already, and nothing of who it was."""
    append_event(
        session,
        kind=CONSENT_WITHDRAWN,
        actor=actor,
        subject="patients",
        payload={"cases": list(cases), "rows": rows, "labels": labels, "pictures": pictures},
        now=now,
    )


def _labels_at_draws(session: Session, cases: Sequence[int]) -> dict[str, list[list[int]]]:
    """Audit sample -> (case, review) of these records among the labels it was drawn from.

    With them the draw can still be repeated with its seed, and so be proved to be random.
    """
    found = {}
    for sample in list_samples(session):
        draw = labels_at_draw(session, sample_id=int(sample.id or 0))
        theirs = [list(pair) for pair in (draw.labels if draw else ()) if pair[0] in set(cases)]
        if theirs:
            found[str(sample.id)] = theirs
    return found


def _tombstones(session: Session, cases: Sequence[int]) -> dict[str, str]:
    """`table:number` -> hash, of every row that goes and whose coming the log has announced."""
    found = {}
    conditions = dict(_rows_of(cases, ()))
    for model in (model for model in ANNOUNCED.values() if model in conditions):
        (key,) = inspect(model).primary_key
        for row in session.execute(select(model).where(conditions[model])).scalars():
            found[f"{model.__tablename__}:{getattr(row, key.name)}"] = row_sha256(row)
    return found


def _rows_of(
    cases: Sequence[int], pictures: Sequence[str]
) -> list[tuple[type[SQLModel], ColumnElement[bool]]]:
    """Tables and which of their rows go, children before what they refer to."""

    def of(model: Any) -> ColumnElement[bool]:
        return col(model.case_id).in_(cases)

    def below(column: Any, parent: Any, key: Any) -> ColumnElement[bool]:
        return col(column).in_(sqlalchemy.select(col(key)).where(of(parent)))

    alike = or_(col(NearDuplicate.image_a).in_(pictures), col(NearDuplicate.image_b).in_(pictures))
    return [
        (SeededAnswer, below(SeededAnswer.seeded_id, SeededDraft, SeededDraft.id)),
        (SeededDraft, of(SeededDraft)),
        (Withdrawal, below(Withdrawal.review_id, Review, Review.id)),
        *((model, of(model)) for model in (AuditItem, SecondReading, Recheck, Lease, QueueItem, Review)),
        (ExtractionAttempt, below(ExtractionAttempt.item_id, ExtractionItem, ExtractionItem.id)),
        *((model, of(model)) for model in (ExtractionItem, Draft, CaseImage)),
        (NearDuplicate, alike),
        (ImageOrigin, col(ImageOrigin.image_sha256).in_(pictures)),
        (Image, col(Image.sha256).in_(pictures)),
        (Case, col(Case.id).in_(cases)),
    ]


# Whose free pages may still hold words of a patient; everything a row goes from.
TABLES: tuple[type[SQLModel], ...] = tuple(model for model, _ in _rows_of((), ()))
