"""The figures of the labels that go into a snapshot, as plain JSON with n and intervals; nobody is named.

Keys: `vigilance` (`rate`, `by_field`, `void`), `agreement` (one entry for each pair of readers: `readers`,
`records`, `measures`, `same_answer`, `ef_bias`, `ef_lower_limit`, `ef_upper_limit`), `blind_arm` (by field:
`shown`, `hidden`,
`effect`), `corrections` (by field: share of labels that differ from their draft) and `certificate` (see
`db/quality/certificate.py`). A number is `{value, low, high, n}`, null where it cannot be
said. The first four are of all labels of the workspace, the certificate of the rows of the snapshot.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session

from db.fields.names import ANSWERS
from db.measures.estimate import estimates_json
from db.quality.agreement import PairReport, pair_reports, twice_read
from db.quality.blind_arm import anchoring, same_as_draft
from db.quality.certificate import FrozenLabel, certificate
from db.quality.corrections import corrections
from db.quality.vigilance import catch_rate, practice_records


def quality_figures(
    session: Session, labels: Sequence[FrozenLabel], *, ef_tolerance_points: float
) -> dict[str, Any]:
    """Everything that is measured about the labels.

    Args:
        labels: the rows of the snapshot.
    """
    caught = catch_rate(practice_records(session))
    corrected = corrections(session)
    twice = twice_read(session)
    return {
        "vigilance": {
            "rate": caught.rate.as_json(),
            "by_field": estimates_json(caught.by_field),
            "void": caught.void,
        },
        "agreement": [pair_json(report) for report in pair_reports(twice)] if twice else [],
        "blind_arm": {
            one.field: estimates_json({"shown": one.shown, "hidden": one.hidden, "effect": one.effect})
            for one in anchoring(same_as_draft(session))
        },
        "corrections": estimates_json({field: corrected.rate(field) for field in ANSWERS}),
        "certificate": certificate(session, labels, ef_tolerance_points=ef_tolerance_points),
    }


def pair_json(report: PairReport) -> dict[str, Any]:
    """How far two readers of the same records agree."""
    return {
        "readers": list(report.readers),
        "records": report.records,
        "measures": estimates_json(report.measures),
        "same_answer": estimates_json(report.same),
        "ef_bias": report.limits.bias.as_json(),
        "ef_lower_limit": report.limits.lower.as_json(),
        "ef_upper_limit": report.limits.upper.as_json(),
    }
