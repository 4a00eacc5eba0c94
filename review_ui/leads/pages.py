"""The quality pages by their address, each from readings of the database to a whole HTML page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from db.markup.elements import Child
from db.quality.agreement import PairReport, pair_reports, twice_read
from db.quality.audit import audit_reports
from db.quality.vigilance import practice_records
from db.workspace import Workspace
from review_ui.door.sessions import Identity
from review_ui.leads.agreement_page import agreement_sections
from review_ui.leads.audit_page import audit_sections
from review_ui.leads.dashboard_page import dashboard_counts, dashboard_sections
from review_ui.leads.frame import whole_page
from review_ui.leads.kept import KeptCounts, Read
from review_ui.leads.practice_page import practice_sections
from review_ui.text import quality as text

# What opens a read session, who asks, what stands behind the `?`, and the moment.
RenderNumbers = Callable[[Read, Identity, Mapping[str, str], datetime], str]

DASHBOARD: Final = "/quality"
AGREEMENT: Final = "/quality/agreement"
AUDIT: Final = "/quality/audit"
PRACTICE: Final = "/quality/vigilance"


@dataclass(frozen=True)
class QualityPage:
    """One page; who may open it is in `review_ui/door/policy.py`."""

    title: str
    render: RenderNumbers


_KEPT: Final = KeptCounts()


def dashboard_page(read: Read, identity: Identity, _query: Mapping[str, str], now: datetime) -> str:
    """Progress, corrections, time, errors left, vigilance pooled."""
    tolerance, today = _ef_tolerance_points(), now.astimezone(UTC).date()

    def count() -> list[Child]:
        return dashboard_sections(dashboard_counts(read, ef_tolerance_points=tolerance), today=today)

    kept = _KEPT.get(read, "dashboard", count, now=now, by=(today, tolerance))
    return whole_page(DASHBOARD, identity, kept.at, kept.counts)


def agreement_page(read: Read, identity: Identity, _query: Mapping[str, str], now: datetime) -> str:
    """How far two people, the draft and the final label agree."""

    def count() -> list[PairReport]:
        with read() as session:
            records = twice_read(session)
        return pair_reports(records)  # takes longer than the reading, and nobody has to wait for it

    kept = _KEPT.get(read, "agreement", count, now=now)
    return whole_page(AGREEMENT, identity, kept.at, agreement_sections(kept.counts))


def audit_page(read: Read, identity: Identity, _query: Mapping[str, str], now: datetime) -> str:
    """What each audit sample says."""
    tolerance = _ef_tolerance_points()
    with read() as session:
        reports = audit_reports(session, ef_tolerance_points=tolerance)
    return whole_page(AUDIT, identity, now, audit_sections(reports, ef_tolerance_points=tolerance))


def practice_page(read: Read, identity: Identity, _query: Mapping[str, str], now: datetime) -> str:
    """The person's own practice records; whose is taken from the session, never from the address."""
    with read() as session:
        records = practice_records(session, annotator_id=identity.annotator_id)
    return whole_page(PRACTICE, identity, now, practice_sections(records))


PAGES: Final[Mapping[str, QualityPage]] = {
    DASHBOARD: QualityPage(text.PAGE_TITLES[DASHBOARD], dashboard_page),
    AGREEMENT: QualityPage(text.PAGE_TITLES[AGREEMENT], agreement_page),
    AUDIT: QualityPage(text.PAGE_TITLES[AUDIT], audit_page),
    PRACTICE: QualityPage(text.PAGE_TITLES[PRACTICE], practice_page),
}


def _ef_tolerance_points() -> float:
    return Workspace().ef_tolerance_points
