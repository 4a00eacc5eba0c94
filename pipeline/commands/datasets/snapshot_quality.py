"""The figures of the labels that go into a snapshot, as plain JSON with n and intervals; nobody is named.

Keys: `vigilance` (`rate`, `by_field`, `void`), `agreement` (one entry for each pair of readers: `readers`,
`records`, `measures`, `same_answer`, `ef_bias`, `ef_lower_limit`, `ef_upper_limit`), `blind_arm` (by field:
`shown`, `hidden`,
`effect`), `corrections` (by field: share of labels that differ from their draft) and `certificate` (see
`pipeline/dataset/certificate_evidence.py`). A number is `{value, low, high, n}`, null where it cannot be
said. The first four are of all labels of the workspace, the certificate of the rows of the snapshot.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pipeline.dataset.certificate_evidence import certificate

if TYPE_CHECKING:
    from sqlmodel import Session

    from db.measures.estimate import Estimate
    from db.quality.agreement import PairReport
    from pipeline.dataset.records import Collected


def quality_figures(session: Session, chosen: Collected, *, ef_tolerance_points: float) -> dict[str, Any]:
    """Everything that is measured about the labels."""
    from db.fields.names import ANSWERS
    from db.quality.agreement import pair_reports, twice_read
    from db.quality.blind_arm import anchoring
    from db.quality.corrections import corrections
    from db.quality.vigilance import catch_rate, practice_records

    caught = catch_rate(practice_records(session))
    corrected = corrections(session)
    twice = twice_read(session)
    return {
        "vigilance": {
            "rate": estimate_json(caught.rate),
            "by_field": _estimates(caught.by_field),
            "void": caught.void,
        },
        "agreement": [_pair(report) for report in pair_reports(twice)] if twice else [],
        "blind_arm": {
            one.field: _estimates({"shown": one.shown, "hidden": one.hidden, "effect": one.effect})
            for one in anchoring(session)
        },
        "corrections": _estimates({field: corrected.rate(field) for field in ANSWERS}),
        "certificate": certificate(session, chosen, ef_tolerance_points=ef_tolerance_points),
    }


def estimate_json(estimate: Estimate) -> dict[str, float | int | None]:
    """A number with its interval; NaN is no JSON."""
    ends = {"value": estimate.value, "low": estimate.low, "high": estimate.high}
    return {
        **{name: None if math.isnan(number) else number for name, number in ends.items()},
        "n": estimate.n,
    }


def _estimates(named: Mapping[str, Estimate]) -> dict[str, Any]:
    return {name: estimate_json(estimate) for name, estimate in named.items()}


def _pair(report: PairReport) -> dict[str, Any]:
    return {
        "readers": list(report.readers),
        "records": report.records,
        "measures": _estimates(report.measures),
        "same_answer": _estimates(report.same),
        "ef_bias": estimate_json(report.limits.bias),
        "ef_lower_limit": estimate_json(report.limits.lower),
        "ef_upper_limit": estimate_json(report.limits.upper),
    }
