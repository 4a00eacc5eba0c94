"""The audit page: per sample and field the errors found, and how many there may be."""

from __future__ import annotations

from collections.abc import Sequence

from db.markup.elements import Html, table
from db.quality.audit import AuditReport, FieldBound
from review_ui.leads import words
from review_ui.leads.frame import aside, section, sentence
from review_ui.text import quality as text


def audit_sections(reports: Sequence[AuditReport], *, ef_tolerance_points: float) -> list[Html]:
    """One section a sample, the newest first."""
    if not reports:
        return [section(text.AUDIT_HEADING, sentence(text.AUDIT_NONE), wide=True)]
    how = aside(text.AUDIT_HOW.format(tolerance=ef_tolerance_points))
    return [how, *(_sample(report) for report in reports)]


def bound_table(report: AuditReport) -> Html:
    """Errors, bound and what is still to read, one row a field."""
    headings = (
        text.FIELD,
        text.ERRORS_FOUND,
        text.READ_AGAIN,
        text.POPULATION,
        text.AT_MOST,
        text.MORE_FOR_ONE_PERCENT,
    )
    return table(headings, [_row(bound) for bound in report.fields], caption=report.name)


def more_words(bound: FieldBound) -> str:
    """How many more to read for one percent."""
    if bound.more_for_target is None:
        return text.MORE_IMPOSSIBLE
    return text.MORE_VALUE.format(more=bound.more_for_target) if bound.more_for_target else text.MORE_NONE


def _sample(report: AuditReport) -> Html:
    line = words.filled(
        text.AUDIT_LINE,
        day=words.moment(report.drawn_at, "day"),
        population=report.population,
        size=report.size,
        read=report.read,
    )
    if not report.is_random:
        return section(report.name, sentence(line), sentence(text.AUDIT_NOT_RANDOM), wide=True)
    flagged = sentence(text.AUDIT_FLAGGED.format(flagged=report.flagged)) if report.flagged else None
    early = aside(text.AUDIT_EARLY) if report.read < report.size else None
    return section(report.name, sentence(line), flagged, bound_table(report), early, wide=True)


def _row(bound: FieldBound) -> tuple[str, ...]:
    at_most = text.AT_MOST_VALUE.format(count=bound.bound, share=text.percent(bound.bound_share))
    return (
        text.FIELDS[bound.field],
        f"{bound.errors:,}",
        f"{bound.read:,}",
        f"{bound.population:,}",
        at_most,
        more_words(bound),
    )
