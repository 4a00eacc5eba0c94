"""How many errors the labels of a snapshot may still hold: certificate.json, and the same statement
everywhere else.

The bounds come from a blind re-reading of a random sample (see docs/quality.md). They are for labels that are
as they were when the sample was drawn; where a snapshot holds others, it is not certified, and the bounds say
for how many labels they hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from db.files.manifest import canonical_json
from pipeline.dataset.frozen import Frozen

FIELD_NAMES: Final = {
    "ef": "ejection fraction",
    "rwma": "regional wall-motion abnormality",
    "severity": "severity of the wall-motion abnormality",
    "pah": "pulmonary hypertension",
    "rvsp": "right ventricular systolic pressure",
}


def certificate_of(quality: Mapping[str, Any], rows: int) -> dict[str, Any]:
    """What can be said about remaining errors, as plain JSON.

    `is_certified`, `statement` (one or two sentences), `reason` (why not), `labels`, `labels_covered`, the
    sample's `drawn` and `read_again`, `confidence`, `method`, and by field: `errors_found`, `errors_at_most`
    and `share_at_most` among the labels covered, `share_at_most_of_all` counting every other label as wrong.

    Args:
        quality: figures of the labels; `certificate` as `db/quality/certificate.py` works it
            out.
        rows: labels in the snapshot.
    """
    found = quality.get("certificate") or {"is_certified": False, "reason": "no audit sample was drawn"}
    made: dict[str, Any] = {"labels": rows, "labels_covered": 0, "fields": {}}
    if not found["is_certified"]:
        return made | _said(str(found["reason"]))
    outside = int(found["not_covered"])
    made |= {
        "labels_covered": rows - outside,
        "population": found["population"],
        "read_again": found["read"],
        "confidence": found["confidence"],
        "method": found["method"],
        "fields": {one["field"]: _field(one, rows, outside) for one in found["fields"]},
    }
    if outside:
        were = "was" if outside == 1 else "were"
        return made | _said(
            f"{outside} of {rows} labels {were} made or changed after the audit sample was drawn"
        )
    return made | {"is_certified": True, "reason": "", "statement": _certified(made)}


def certificate_json(frozen: Frozen) -> bytes:
    """certificate.json."""
    return canonical_json(
        {
            "format": "echodesk-certificate/1",
            "snapshot": frozen.name,
            "content_sha256": frozen.content_sha256,
            "is_synthetic": frozen.is_synthetic,
            "as_of": frozen.as_of.isoformat(),
            **certificate_of(frozen.quality, len(frozen.labels)),
        }
    )


def _said(reason: str) -> dict[str, Any]:
    return {"is_certified": False, "reason": reason, "statement": f"Not certified: {reason}."}


def _field(one: Mapping[str, Any], rows: int, outside: int) -> dict[str, Any]:
    return {
        "name": FIELD_NAMES[one["field"]],
        "errors_found": one["errors"],
        "put_right": one["put_right"],
        "read_again": one["read"],
        "population": one["population"],
        "errors_at_most": one["residual"],
        "share_at_most": one["residual_share"],
        "share_at_most_of_all": (one["residual"] + outside) / rows if rows else 0.0,
    }


def _certified(made: Mapping[str, Any]) -> str:
    worst = max(made["fields"].values(), key=lambda one: one["share_at_most"])
    return (
        f"Certified: in each field, taken by itself, at most {100 * worst['share_at_most']:.2f} % of the "
        f"labels are still wrong with {100 * made['confidence']:.0f} % confidence, by {made['read_again']} "
        f"of {made['population']} labels that were drawn at random and read again blindly."
    )
