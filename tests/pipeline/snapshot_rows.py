"""Labels as a snapshot is made of them, by hand: no database."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from db.labels import Findings
from pipeline.dataset.records import Collected, Exclusion, ImageRef, LabelRow, LabelStatus

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
KEY = b"k" * 32
GOOD_QUALITY = {
    "vigilance": {"rate": {"value": 1.0, "low": 0.91, "high": 1.0, "n": 40}, "by_field": {}, "void": 0}
}
EF = (62.0, 45.0, 35.0, 25.0)


def digest_of(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()


def findings(ef_percent: float | None = 55.0, rwma: str = "absent", **more: Any) -> dict[str, Any]:
    """A label's columns; severity follows."""
    return {
        **Findings().model_dump(mode="json"),
        "ef_percent": ef_percent,
        "ef_operator": None if ef_percent is None else "=",
        "ef_state": "not_stated" if ef_percent is None else "stated",
        "rwma": rwma,
        "rwma_severity": {"present": "moderate", "absent": "none"}.get(rwma, "not_stated"),
        "rwma_walls": ["apical"] if rwma == "present" else [],
        "pah": "none",
        **more,
    }


def picture(words: str, role: str = "ecg", page: int = 1, looks: str | None = None) -> ImageRef:
    return ImageRef(
        sha256=digest_of(words),
        role=role,
        page=page,
        width_px=100,
        height_px=80,
        media_type="image/jpeg",
        perceptual_hash=digest_of(f"looks {words}") if looks is None else looks,
    )


def label(number: int, **more: Any) -> LabelRow:
    """One label; every number is another patient with pictures of their own."""
    day = date(2025, 6, 1) + timedelta(days=number)
    given: dict[str, Any] = {
        "case_id": number,
        "patient_key": digest_of(f"patient {number}"),
        "site": f"Ward {number % 3}",
        "layout": "letter",
        "is_synthetic": True,
        "report_date": day,
        "ecg_date": day + timedelta(days=2),
        "findings": findings(EF[number % 4], ("absent", "present")[number % 2]),
        "status": LabelStatus.SINGLE,
        "review_id": 1000 + number,
        "decision": "accept",
        "reason": None,
        "arm": "shown",
        "annotator": 1 + number % 3,
        "active_s": 12.25,
        "decided_at": NOW,
        "codebook_version": "1",
        "draft_id": 2000 + number,
        "reader": "rules",
        "reader_version": "1",
        "draft": findings(EF[number % 4], ("absent", "present")[number % 2]),
        "confidence": {"ef_percent": 0.9},
        "light": {"ef_percent": "green"},
        "evidence": {"ef_percent": {"page": 1, "boxes": [[1.0, 2.0, 3.0, 4.0]]}},
        "images": (picture(f"report {number}", "report"), picture(f"ecg {number}")),
    }
    return LabelRow(**{**given, **more})


def collected(rows: Sequence[LabelRow], **more: Any) -> Collected:
    """Labels with nothing left out, and good figures."""
    given: dict[str, Any] = {
        "rows": rows,
        "registered": len(rows) + 3,
        "exclusions": [Exclusion("waiting for a first reading", 3)],
        "quality": GOOD_QUALITY,
        "as_of": NOW,
        "head": digest_of("head"),
        "codebook_version": "1",
    }
    return Collected(**{**given, **more})


def forty() -> Collected:
    """Forty labels of forty patients that pass every check."""
    return collected([label(number) for number in range(1, 41)])
