"""Simple random samples of labels for blind re-reading, drawn once and kept."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy
from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from db.errors import EchoDeskError
from db.events import AUDIT_SAMPLE_STORED, append_event, canonical_json, lock_chain, row_sha256
from db.queue.items import refresh_case
from db.queue.plan import ReadingRules
from db.reviews import LABEL
from db.tables.audits import AuditItem, AuditSample

NAME_MAX_CHARACTERS = 80

# Put together once: that takes many times as long as asking it.
_OF_CASE = sqlalchemy.select(col(AuditItem.sample_id)).where(col(AuditItem.case_id) == bindparam("case_id"))


def draw_sample(
    session: Session,
    *,
    size: int,
    seed: int,
    name: str,
    drawn_by: str,
    now: datetime,
    rules: ReadingRules = ReadingRules(),  # noqa: B008 - frozen
) -> AuditSample:
    """Draw a simple random sample of all current labels and queue its blind re-readings.

    The draw is over labels in order of their case number, so the seed repeats it. Every label has the same
    chance, also one that a sample before has already looked at.

    Args:
        size: how many labels, 1 to all of them.
        seed: of Python's generator.

    Raises:
        EchoDeskError: when there are fewer labels, the name is taken, empty or too long, or the seed is too
            large.
    """
    lock_chain(session)
    if not 1 <= len(name) <= NAME_MAX_CHARACTERS:
        raise EchoDeskError(
            f"a sample's name has 1 to {NAME_MAX_CHARACTERS} characters", "Choose another --name."
        )
    if abs(seed) >= 2**31:
        raise EchoDeskError("the seed is too large to be kept", "Choose one below 2147483648.")
    if session.exec(select(AuditSample).where(AuditSample.name == name)).first() is not None:
        raise EchoDeskError(f"there is already an audit sample named {name}", "Choose another --name.")
    wanted = sqlalchemy.select(LABEL.c.case_id, LABEL.c.review_id).order_by(LABEL.c.case_id)
    labels = [(int(case), int(review)) for case, review in session.execute(wanted).all()]
    if not 1 <= size <= len(labels):
        raise EchoDeskError(
            f"{size} of {len(labels)} reviewed records cannot be drawn",
            f"Choose --n between 1 and {len(labels)}.",
        )
    drawn = sorted(random.Random(seed).sample(labels, size))  # noqa: S311 - a repeatable draw, not a secret
    sample = AuditSample(
        name=name, population=len(labels), size=size, seed=seed, drawn_by=drawn_by, created_at=now
    )
    session.add(sample)
    session.flush()
    session.refresh(sample)
    number = int(sample.id or 0)
    session.add_all(AuditItem(sample_id=number, case_id=case, review_id=review) for case, review in drawn)
    session.flush()
    append_event(
        session,
        kind=AUDIT_SAMPLE_STORED,
        actor=drawn_by,
        subject=f"audit_sample:{number}",
        payload={"row_sha256": row_sha256(sample), "items": canonical_json(drawn)},
        now=now,
    )
    for case, _ in drawn:
        refresh_case(session, case_id=case, rules=rules)
    return sample


def list_samples(session: Session) -> Sequence[AuditSample]:
    """Every sample, oldest first."""
    return session.exec(select(AuditSample).order_by(col(AuditSample.id))).all()


def samples_of_case(session: Session, *, case_id: int) -> list[int]:
    """The numbers of the samples a case was drawn into."""
    return [int(number) for number in session.connection().execute(_OF_CASE, {"case_id": case_id}).scalars()]
