"""Simple random samples of labels for blind re-reading, drawn once and kept."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy
from sqlalchemy import bindparam, func
from sqlmodel import Session, col, select

from db.errors import EchoDeskError
from db.events import (
    AUDIT_SAMPLE_STORED,
    CONSENT_WITHDRAWN,
    append_event,
    lock_chain,
    one_line_json,
    row_sha256,
)
from db.label_view import LABEL, newest_labels
from db.queue.items import refresh_case
from db.queue.plan import ReadingRules
from db.tables.audits import AuditItem, AuditSample
from db.tables.events import Event

NAME_MAX_CHARACTERS = 80

# Put together once: that takes many times as long as asking it.
_OF_CASE = sqlalchemy.select(col(AuditItem.sample_id)).where(col(AuditItem.case_id) == bindparam("case_id"))


@dataclass(frozen=True)
class Draw:
    """The labels an audit sample was drawn from, as the log has them.

    Attributes:
        labels: (case, review) of every label when it was drawn, by case.
        taken_out: those of them whose record was taken out since, because the patient withdrew consent.
    """

    labels: tuple[tuple[int, int], ...]
    taken_out: frozenset[tuple[int, int]] = frozenset()


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
        payload={"row_sha256": row_sha256(sample), "items": one_line_json(drawn)},
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


def labels_at_draw(session: Session, *, sample_id: int) -> Draw | None:
    """Which labels there were when a sample was drawn, worked out anew from the log, so that the draw can be
    proved to be random; None where its event is not in the log.
    """
    drawn_at = session.execute(
        sqlalchemy.select(col(Event.id)).where(col(Event.subject) == f"audit_sample:{sample_id}")
    ).scalar()
    if drawn_at is None:
        return None
    before = sqlalchemy.select(col(Event.subject)).where(col(Event.id) < drawn_at)
    last_review = _last(session, before, "review")
    last_withdrawal = _last(session, before, "withdrawal")
    labels = newest_labels(until_review=last_review, until_withdrawal=last_withdrawal)
    found = session.execute(
        sqlalchemy.select(labels.c.case_id, labels.c.review_id).order_by(labels.c.case_id)
    )
    left = {(int(case_id), int(review_id)) for case_id, review_id in found}
    gone = labels_taken_out(session).get(sample_id, frozenset())
    return Draw(tuple(sorted(left | gone)), gone)


def labels_taken_out(session: Session) -> dict[int, frozenset[tuple[int, int]]]:
    """Sample -> (case, review) of the labels it was drawn from whose record was taken out since.

    A sample that lost none is not there. What is left of a simple random sample is one of what is left of
    the population: nobody withdraws because of what a re-reading said.
    """
    events = sqlalchemy.select(col(Event.payload)).where(col(Event.kind) == CONSENT_WITHDRAWN)
    found: dict[int, set[tuple[int, int]]] = {}
    for payload in session.execute(events).scalars():
        for number, pairs in payload["labels"].items():
            found.setdefault(int(number), set()).update((int(case), int(review)) for case, review in pairs)
    return {number: frozenset(pairs) for number, pairs in found.items()}


def _last(session: Session, subjects: Any, table: str) -> int:
    """The greatest number of a table's rows among subjects such as `review:12`."""
    kind = f"{table}:"
    number = sqlalchemy.cast(func.substr(col(Event.subject), len(kind) + 1), sqlalchemy.Integer)
    wanted = sqlalchemy.select(func.max(number)).where(
        col(Event.subject).like(f"{kind}%"), col(Event.subject).in_(subjects)
    )
    return int(session.execute(wanted).scalar() or 0)
