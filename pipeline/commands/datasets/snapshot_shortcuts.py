"""The shortcut probe over the rows of a snapshot, as figures for its card."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pipeline.commands.datasets.probe import probe_json

if TYPE_CHECKING:
    from pipeline.dataset.records import LabelRow

# Enough for an interval a few hundredths wide; more would hold up a freeze.
MOST_PICTURES: Final = 400


def shortcut_figures(rows: Sequence[LabelRow], images: Path, *, most: int = MOST_PICTURES) -> dict[str, Any]:
    """Whether wall motion can be told from the rows' ECG photographs without their waveform; empty without
    any.

    Keys as in `probe_json`; numbers rounded, so that the same pictures give the same bytes. Of more than
    `most` pictures an even choice by case is looked at.
    """
    from db.store.images import ImageStore
    from pipeline.dataset.probe.shortcuts import Picture, probe_pictures

    store = ImageStore(images)
    pictures = [
        Picture(store.path(image.sha256), str(row.findings["rwma"]), row.patient_key, image.perceptual_hash)
        for row in sorted(rows, key=lambda one: one.case_id)
        if row.findings["rwma"] in ("present", "absent")
        for image in row.images
        if image.role == "ecg"
    ]
    if not pictures:
        return {}
    step = -(-len(pictures) // most)
    figures = _rounded(probe_json(probe_pictures(pictures[::step])))
    return {"label": "rwma", "of_pictures": len(pictures), **figures}


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_rounded(one) for one in value]
    return round(value, 3) if isinstance(value, float) else value
