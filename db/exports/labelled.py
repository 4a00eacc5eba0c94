"""What every export for another program starts from: each record with its label, flag, draft and pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from db.decisions import ImageRole
from db.label_view import CurrentLabel
from db.labels import Findings
from db.standings import Standing, Status, standings
from db.tables.cases import CaseImage
from db.tables.drafts import Draft
from db.tables.reviews import Review


@dataclass(frozen=True)
class DraftRead:
    """A machine's reading of a record."""

    number: int
    reader: str
    version: str
    findings: Findings


@dataclass(frozen=True)
class LabelledRecord:
    """One record as it goes out.

    Attributes:
        draft: the newest reading of a machine, where drafts were asked for.
        active_s: time worked on the decision behind the label, seconds.
        pages: SHA-256 of the report's stored pictures, in page order.
    """

    standing: Standing
    draft: DraftRead | None
    active_s: float
    pages: tuple[str, ...]

    @property
    def number(self) -> int:
        """Of the record."""
        return int(self.standing.case.id or 0)

    @property
    def label(self) -> CurrentLabel | None:
        """What was decided; None while a flag is open, whatever was decided before it."""
        return self.standing.label if self.standing.status is Status.DECIDED else None


def outgoing_records(session: Session, *, with_drafts: bool) -> list[LabelledRecord]:
    """Every record, by number, drafted or not; reading the drafts takes half of the time."""
    drafts, pages = _newest_drafts(session) if with_drafts else {}, _pages(session)
    worked = dict(session.exec(select(Review.id, Review.active_s)).all())
    return [
        LabelledRecord(
            one,
            drafts.get(int(one.case.id or 0)),
            0.0 if one.label is None else worked[one.label.review_id],
            tuple(pages.get(int(one.case.id or 0), ())),
        )
        for one in standings(session)
    ]


def decided(records: Sequence[LabelledRecord]) -> list[tuple[LabelledRecord, CurrentLabel]]:
    """The records that have a label nobody has flagged since."""
    return [(one, label) for one in records if (label := one.label) is not None]


def _newest_drafts(session: Session) -> dict[int, DraftRead]:
    newest = select(func.max(Draft.id)).group_by(col(Draft.case_id))
    return {
        draft.case_id: DraftRead(int(draft.id or 0), draft.reader, draft.reader_version, draft.to_findings())
        for draft in session.exec(select(Draft).where(col(Draft.id).in_(newest)))
    }


def _pages(session: Session) -> dict[int, list[str]]:
    wanted = (
        select(col(CaseImage.case_id), col(CaseImage.image_sha256))
        .where(col(CaseImage.role) == ImageRole.REPORT.value)
        .order_by(col(CaseImage.case_id), col(CaseImage.position))
    )
    found: dict[int, list[str]] = {}
    for case_id, sha256 in session.execute(wanted):
        found.setdefault(case_id, []).append(sha256)
    return found
