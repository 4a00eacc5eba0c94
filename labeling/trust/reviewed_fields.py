"""What people decided about a reader's drafts, field by field: what a calibration learns from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from db.fields.names import FIELDS
from db.fields.sameness import Match, compare_field
from db.fields.words import is_unreadable
from db.label_view import current_labels
from db.labels import Check, Evidence, Findings
from db.tables.drafts import Draft
from labeling.readers.base import Generation, Grounding, Opinion, Reading
from labeling.trust.calibration import ReviewedField
from labeling.trust.light import decide_lights

if TYPE_CHECKING:
    from sqlmodel import Session

    from db.label_view import CurrentLabel


def reviewed_versions(session: Session) -> list[tuple[str, str, int]]:
    """(reader, version, how many labels were decided with one of its drafts on screen), most first."""
    counted = Counter((draft.reader, draft.reader_version) for _, draft in _labels_with_drafts(session))
    return [(reader, version, count) for (reader, version), count in counted.most_common()]


def reviewed_fields(session: Session, *, reader: str, reader_version: str) -> list[ReviewedField]:
    """Every field of every label that was decided with a draft of this reader at this version on screen.

    One label a case, the latest. Scores are computed afresh, so that those of one calibration are of one
    kind.
    """
    return [
        one
        for label, draft in _labels_with_drafts(session)
        if (draft.reader, draft.reader_version) == (reader, reader_version)
        for one in _fields_of(label, draft)
    ]


def is_right(drafted: Findings, decided: Findings, field: str) -> bool:
    """Whether a draft's field equals the label, by the same rules as two readers agree; a detail is a
    difference.
    """
    if is_unreadable(drafted, field) or is_unreadable(decided, field):
        return is_unreadable(drafted, field) and is_unreadable(decided, field)
    return compare_field(field, drafted, decided).match is Match.SAME


def reading_of_draft(draft: Draft) -> Reading:
    """The reading a stored draft was made from, as far as the light needs it."""
    return Reading(
        findings=draft.to_findings(),
        evidence={name: Evidence.model_validate(item) for name, item in draft.evidence.items()},
        confidence=dict(draft.confidence),
        checks=[Check.model_validate(item) for item in draft.checks],
        unreadable_reason=draft.unreadable_reason,
        warnings=list(draft.warnings),
        opinions=[_opinion(item) for item in draft.opinions or ()],
        grounding={name: Grounding(**item) for name, item in (draft.grounding or {}).items()},
        generation=Generation(**draft.generation) if draft.generation else None,
    )


def _opinion(stored: Mapping[str, Any]) -> Opinion:
    return Opinion(**{**stored, "findings": Findings.model_validate(stored["findings"])})


def _labels_with_drafts(session: Session) -> list[tuple[CurrentLabel, Draft]]:
    from sqlmodel import col, select

    labels = [label for label in current_labels(session) if label.draft_id is not None]
    wanted = [label.draft_id for label in labels]
    drafts: dict[int | None, Draft] = {}
    for start in range(0, len(wanted), 500):
        rows: Sequence[Draft] = session.exec(
            select(Draft).where(col(Draft.id).in_(wanted[start : start + 500]))
        ).all()
        drafts.update({row.id: row for row in rows})
    return [(label, drafts[label.draft_id]) for label in labels if label.draft_id in drafts]


def _fields_of(label: CurrentLabel, draft: Draft) -> list[ReviewedField]:
    lights = decide_lights(reading_of_draft(draft))
    drafted = draft.to_findings()
    return [
        ReviewedField(
            review_id=label.review_id,
            patient_key=label.patient_key,
            field=field,
            score=lights[field].score,
            light=str(draft.light.get(field, lights[field].light)),
            is_right=is_right(drafted, label.findings, field),
        )
        for field in FIELDS
    ]
