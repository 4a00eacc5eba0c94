"""The quality pages by their address, each from readings of the database to a whole HTML page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from db.markup.elements import Child, Html, element, rendered_markdown
from db.quality.agreement import pair_reports, twice_read
from db.quality.audit import audit_reports
from db.quality.vigilance import practice_records
from db.workspace import Workspace
from review_ui.documents import document_file, document_text
from review_ui.door.sessions import Identity
from review_ui.leads.agreement_page import agreement_sections
from review_ui.leads.audit_page import audit_sections
from review_ui.leads.dashboard_page import dashboard_counts, dashboard_sections
from review_ui.leads.frame import METHODS, section, sentence, whole_page
from review_ui.leads.kept import Kept, KeptCounts, Read, in_parts
from review_ui.leads.practice_page import practice_sections
from review_ui.text import quality as text

# What opens a read session, who asks, what stands behind the `?`, and the moment.
RenderNumbers = Callable[[Read, Identity, Mapping[str, str], datetime], str]

DASHBOARD: Final = "/quality"
AGREEMENT: Final = "/quality/agreement"
AUDIT: Final = "/quality/audit"
PRACTICE: Final = "/quality/vigilance"
METHODS_FILE: Final = document_file("quality.md")


@dataclass(frozen=True)
class QualityPage:
    """One page; who may open it is in `review_ui/door/policy.py`."""

    title: str
    render: RenderNumbers


_KEPT: Final = KeptCounts()
_AGAIN_S: Final = 2


def dashboard_page(read: Read, identity: Identity, _query: Mapping[str, str], now: datetime) -> str:
    """Progress, corrections, time, errors left, vigilance pooled."""
    tolerance, today = _ef_tolerance_points(), now.astimezone(UTC).date()

    def count() -> list[Child]:
        return dashboard_sections(dashboard_counts(read, ef_tolerance_points=tolerance), today=today)

    kept = _KEPT.get(read, "dashboard", count, now=now, by=(today, tolerance))
    return _counted_page(DASHBOARD, identity, now, kept)


def agreement_page(read: Read, identity: Identity, _query: Mapping[str, str], now: datetime) -> str:
    """How far two people, the draft and the final label agree."""

    def count() -> list[Html]:
        records = [record for part in in_parts(read, twice_read) for record in part]
        return agreement_sections(pair_reports(records))

    kept = _KEPT.get(read, "agreement", count, now=now)
    return _counted_page(AGREEMENT, identity, now, kept)


def _counted_page(path: str, identity: Identity, now: datetime, kept: Kept[Any] | None) -> str:
    """The page with the newest counts; while newer ones are on their way it looks again by itself."""
    if kept is None:
        wait = section(text.COUNTING, sentence(text.COUNTING_NOW), wide=True)
        return whole_page(path, identity, now, wait, is_counted=False, refresh_s=_AGAIN_S)
    return whole_page(
        path, identity, kept.at, kept.counts, refresh_s=_AGAIN_S if kept.is_being_counted else 0
    )


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


def methods_page(_read: Read, identity: Identity, _query: Mapping[str, str], now: datetime) -> str:
    """What the numbers mean, from the documentation.

    Raises:
        EchoDeskError: it is missing.
    """
    markdown = document_text(METHODS_FILE, text.METHODS_MISSING)
    words = element("article", rendered_markdown(markdown.partition("\n")[2]), class_="prose wide")
    return whole_page(METHODS, identity, now, words, is_counted=False)


PAGES: Final[Mapping[str, QualityPage]] = {
    DASHBOARD: QualityPage(text.PAGE_TITLES[DASHBOARD], dashboard_page),
    AGREEMENT: QualityPage(text.PAGE_TITLES[AGREEMENT], agreement_page),
    AUDIT: QualityPage(text.PAGE_TITLES[AUDIT], audit_page),
    PRACTICE: QualityPage(text.PAGE_TITLES[PRACTICE], practice_page),
}


def _ef_tolerance_points() -> float:
    return Workspace().ef_tolerance_points
