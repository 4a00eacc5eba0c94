"""What a snapshot is made from, read in a few passes over all records, and the register of snapshots made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Subquery, case, func, select
from sqlmodel import Session, col

from db.decisions import Purpose, QueueState
from db.errors import EchoDeskError
from db.events import FIRST_HASH, SNAPSHOT_REMOVED, SNAPSHOT_STORED, append_event, lock_chain, row_sha256
from db.fields.names import READ_COLUMNS
from db.label_view import LABEL
from db.standings import is_open_flag
from db.store.plain_rows import table_of
from db.tables.cases import Case, CaseImage, Image, NearDuplicate
from db.tables.drafts import Draft
from db.tables.events import Event
from db.tables.practice import SeededAnswer, SeededDraft
from db.tables.queue import QueueItem, Recheck
from db.tables.reviews import Review
from db.tables.snapshots import Snapshot
from db.withdrawals import is_in_force

Row = Mapping[str, Any]

_DRAFT_COLUMNS = (*READ_COLUMNS, "reader", "reader_version", "confidence", "light", "evidence")


@dataclass(frozen=True)
class LogEnd:
    """The newest event that is about the labels, so not a snapshot's own.

    Attributes:
        at: UTC; None where nothing has happened.
    """

    at: datetime | None
    head: str


def labels_with_status(session: Session) -> list[Row]:
    """Every label with its case, its draft and how well it is founded, by case; one row each.

    Columns: those of the view `label`, of the case, `active_s`, the draft's as `draft_*`, and
    `is_in_conflict`, `is_read_twice`, `is_adjudicated`.
    """
    readings = _readings()
    wanted = (
        select(
            LABEL,
            col(Case.patient_key),
            col(Case.site),
            col(Case.layout),
            col(Case.is_synthetic),
            col(Case.report_date),
            col(Case.ecg_date),
            col(Review.active_s),
            *(getattr(Draft, name).label(f"draft_{name}") for name in _DRAFT_COLUMNS),
            func.coalesce(readings.c.is_in_conflict, 0).label("is_in_conflict"),
            func.coalesce(readings.c.is_read_twice, 0).label("is_read_twice"),
            (LABEL.c.purpose == Purpose.ADJUDICATION.value).label("is_adjudicated"),
        )
        .join(Case, col(Case.id) == LABEL.c.case_id)
        .join(Review, col(Review.id) == LABEL.c.review_id)
        .outerjoin(Draft, col(Draft.id) == LABEL.c.draft_id)
        .outerjoin(readings, readings.c.case_id == LABEL.c.case_id)
        .order_by(LABEL.c.case_id)
    )
    return [dict(row) for row in session.execute(wanted).mappings()]


def _readings() -> Subquery:
    """Of every case in the queue: whether its readings wait for an adjudicator, and whether it was read
    twice.
    """
    waits = (col(QueueItem.purpose) == Purpose.ADJUDICATION.value) & (
        col(QueueItem.state) == QueueState.WAITING.value
    )
    twice = (col(QueueItem.purpose) == Purpose.SECOND.value) & (col(QueueItem.state) == QueueState.DONE.value)
    return (
        select(
            col(QueueItem.case_id),
            func.max(case((waits, 1), else_=0)).label("is_in_conflict"),
            func.max(case((twice, 1), else_=0)).label("is_read_twice"),
        )
        .group_by(col(QueueItem.case_id))
        .subquery()
    )


def pictures_of_labels(session: Session) -> list[Row]:
    """Every picture of every labelled case: `case_id`, `role`, `position` and the picture's columns, in page
    order.
    """
    wanted = (
        select(
            col(CaseImage.case_id),
            col(CaseImage.role),
            col(CaseImage.position),
            col(Image.sha256),
            col(Image.width_px),
            col(Image.height_px),
            col(Image.media_type),
            col(Image.perceptual_hash),
        )
        .join(Image, col(Image.sha256) == col(CaseImage.image_sha256))
        .where(col(CaseImage.case_id).in_(select(LABEL.c.case_id)))
        .order_by(col(CaseImage.case_id), col(CaseImage.role), col(CaseImage.position))
    )
    return [dict(row) for row in session.execute(wanted).mappings()]


def sent_back_at(session: Session, *, case_ids: Sequence[int]) -> dict[int, datetime]:
    """Case -> when its label was last sent back to an adjudicator, of those that ever were."""
    wanted = select(col(Recheck.case_id), func.max(col(Recheck.created_at))).where(
        col(Recheck.case_id).in_(case_ids)
    )
    return {int(case_id): when for case_id, when in session.execute(wanted.group_by(col(Recheck.case_id)))}


def pictures_alike(session: Session) -> list[tuple[str, str]]:
    """Pairs of pictures that intake found to look alike."""
    found = session.execute(
        select(col(NearDuplicate.image_a), col(NearDuplicate.image_b)).order_by(NearDuplicate.image_a)
    )
    return [(str(one), str(other)) for one, other in found]


def labels_repeating_a_seed(session: Session) -> frozenset[int]:
    """Cases whose label carries the deliberately wrong value that was shown to the person who decided it."""
    wanted = (
        select(
            col(SeededDraft.case_id),
            col(SeededDraft.field),
            col(SeededDraft.shown),
            LABEL.c.ef_percent,
            LABEL.c.rwma,
            LABEL.c.pah,
        )
        .join(SeededAnswer, col(SeededAnswer.seeded_id) == col(SeededDraft.id))
        .join(LABEL, LABEL.c.case_id == col(SeededDraft.case_id))
        .where(LABEL.c.annotator_id == col(SeededDraft.annotator_id))
    )
    rows = session.execute(wanted).mappings()
    return frozenset(
        int(row["case_id"]) for row in rows if row[row["field"]] == row["shown"].get(row["field"])
    )


def unlabelled_cases(session: Session) -> dict[str, int]:
    """How many cases have no label: `unread` by any machine, `waiting` for a person, `flagged` and not
    decided.

    Together with the labels they are all `registered` ones.
    """
    labelled = select(LABEL.c.case_id)
    flagged = select(col(Review.case_id)).where(is_open_flag())
    drafted = select(col(Draft.case_id))
    is_open = col(Case.id).not_in(labelled)
    is_flagged, is_drafted = col(Case.id).in_(flagged), col(Case.id).in_(drafted)

    def count(*conditions: Any) -> int:
        return int(session.execute(select(func.count()).select_from(Case).where(*conditions)).scalar_one())

    return {
        "registered": count(),
        "unread": count(is_open, ~is_flagged, ~is_drafted),
        "waiting": count(is_open, ~is_flagged, is_drafted),
        "flagged": count(is_open, is_flagged),
    }


def end_of_log(session: Session) -> LogEnd:
    """The newest event, snapshots' own left out: making one changes nothing that the next is made from."""
    own = (SNAPSHOT_STORED, SNAPSHOT_REMOVED)
    newest = select(col(Event.created_at), col(Event.hash)).where(col(Event.kind).not_in(own))
    row = session.execute(newest.order_by(col(Event.id).desc()).limit(1)).first()
    return LogEnd(None, FIRST_HASH) if row is None else LogEnd(row[0], str(row[1]))


def decisions_on(session: Session, *, case_ids: Sequence[int]) -> list[Row]:
    """Every decision on some cases, oldest first, with whether it is in force; nobody's name."""
    wanted = select(table_of(Review), is_in_force().label("is_in_force"))
    found: list[Row] = []
    for start in range(0, len(case_ids), 500):
        some = wanted.where(col(Review.case_id).in_(case_ids[start : start + 500])).order_by(col(Review.id))
        found += [dict(row) for row in session.execute(some).mappings()]
    return found


def drafts_of(session: Session, *, case_id: int) -> list[Draft]:
    """Every draft of a case, oldest first."""
    return list(session.scalars(select(Draft).where(col(Draft.case_id) == case_id).order_by(col(Draft.id))))


def pictures_of(session: Session, *, case_id: int) -> list[Row]:
    """A case's pictures: `role`, `position`, `sha256`, size in pixels; in page order."""
    wanted = (
        select(
            col(CaseImage.role),
            col(CaseImage.position),
            col(Image.sha256),
            col(Image.width_px),
            col(Image.height_px),
        )
        .join(Image, col(Image.sha256) == col(CaseImage.image_sha256))
        .where(col(CaseImage.case_id) == case_id)
        .order_by(col(CaseImage.role).desc(), col(CaseImage.position))
    )
    return [dict(row) for row in session.execute(wanted).mappings()]


def case_numbers(session: Session) -> list[int]:
    """Every case."""
    return [int(number or 0) for number in session.scalars(select(col(Case.id)).order_by(col(Case.id)))]


def patient_keys(session: Session) -> list[str]:
    """Every person there is a case of."""
    return sorted(session.scalars(select(col(Case.patient_key)).distinct()))


def case_of(session: Session, *, kind: str, number: int) -> int | None:
    """The case of a `review`, a `draft` or a `case` by its number, or None."""
    model: Any = {"review": Review, "draft": Draft, "case": Case}[kind]
    row = session.get(model, number)
    if row is None:
        return None
    return int(row.id if kind == "case" else row.case_id)


def store_snapshot(session: Session, *, snapshot: Snapshot, actor: str, now: datetime) -> Snapshot:
    """Register a snapshot with its event, in the caller's transaction.

    Raises:
        EchoDeskError: when the name was used before.
    """
    lock_chain(session)
    if find_snapshot(session, name=snapshot.name) is not None:
        raise EchoDeskError(
            f"there is already a snapshot {snapshot.name}",
            "A snapshot is never changed: choose another name.",
        )
    snapshot.created_by, snapshot.created_at = actor, now
    session.add(snapshot)
    session.flush()
    session.refresh(snapshot)
    append_event(
        session,
        kind=SNAPSHOT_STORED,
        actor=actor,
        subject=f"snapshot:{snapshot.id}",
        payload={"content_sha256": snapshot.content_sha256, "row_sha256": row_sha256(snapshot)},
        now=now,
    )
    return snapshot


def note_removed(session: Session, *, snapshot: Snapshot, actor: str, now: datetime) -> None:
    """Note that a snapshot's folder is deleted, with the hashes that it is known by; its row stays."""
    lock_chain(session)
    if int(snapshot.id or 0) in removed_at(session):
        return
    append_event(
        session,
        kind=SNAPSHOT_REMOVED,
        actor=actor,
        subject=f"snapshot:{snapshot.id}",
        payload={
            "content_sha256": snapshot.content_sha256,
            "manifest_sha256": snapshot.manifest_sha256,
        },
        now=now,
    )


def removed_at(session: Session) -> dict[int, datetime]:
    """Number of a snapshot -> when its folder was deleted, of those that were."""
    events = select(col(Event.subject), col(Event.created_at)).where(col(Event.kind) == SNAPSHOT_REMOVED)
    return {int(subject.partition(":")[2]): at for subject, at in session.execute(events)}


def find_snapshot(session: Session, *, name: str) -> Snapshot | None:
    """The snapshot with this name, or None."""
    return session.scalars(select(Snapshot).where(col(Snapshot.name) == name)).first()


def list_snapshots(session: Session) -> list[Snapshot]:
    """Every snapshot, oldest first."""
    return list(session.scalars(select(Snapshot).order_by(col(Snapshot.id))))
