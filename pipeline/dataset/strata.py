"""The classes rows are divided by: ejection fraction in bands, wall motion, and days between ECG and echo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.dataset.records import LabelRow


def ef_stratum(findings: Mapping[str, Any]) -> str:
    """The band of the ejection fraction, or `not_stated` / `unreadable`; as in `db.labels.ef_stratum`."""
    value = findings["ef_percent"]
    if value is None:
        return str(findings["ef_state"])
    if value >= 50:
        return "normal"
    if value >= 40:
        return "mildly_reduced"
    return "moderately_reduced" if value >= 30 else "severely_reduced"


def days_between(row: LabelRow) -> int | None:
    """Date of the ECG minus date of the echo, days; None where either is not known."""
    if row.ecg_date is None or row.report_date is None:
        return None
    return (row.ecg_date - row.report_date).days
