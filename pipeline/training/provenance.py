"""What a run was taught with and judged on: counted and hashed, so that somebody else can check it.

Row ids are hashed in sets (`run_folder.rows_sha256`). What was fitted, and what was chosen, says on which
set; `null` where no record was used: constants, settings, weights that were there before.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from pipeline.config.settings import ExperimentSettings
from pipeline.dataset.opened import OpenedSnapshot
from pipeline.imaging.augment import VIEWS
from pipeline.training.examples import Examples
from pipeline.training.inputs.photo_quality import PhotoQuality
from pipeline.training.run_folder import DATA

RECORDINGS: Final = "recordings"


def recordings_text(ecg_ids: Iterable[int]) -> str:
    """Numbers of PTB-XL's records as one short text: tens of thousands fit in a line."""
    return " ".join(map(str, sorted(ecg_ids)))


def data_record(
    snapshot: OpenedSnapshot,
    examples: Examples,
    settings: ExperimentSettings,
    left_out: Mapping[str, str],
    quality: PhotoQuality | None,
) -> dict[str, Any]:
    """`data.json` of a run.

    Args:
        left_out: photograph -> why it was left out.
        quality: of the photographs that were looked over; None where none were.
    """
    training = settings.training
    splits = examples.splits(training.validation_share, training.seeds[0])
    return {
        "snapshot": snapshot.name,
        "content_sha256": snapshot.content_sha256,
        "is_synthetic": snapshot.is_synthetic,
        **({"is_brought_in": True} if snapshot.is_brought_in else {}),
        "records": len(examples.records),
        "patients": len({pair.patient_id for pair in examples.pairs}),
        "photographs": len(examples.pairs),
        "photographs_left_out": dict(left_out),
        "photograph_quality": None if quality is None else quality.as_json(),
        "targets": [asdict(count) for count in examples.targets.counts],
        "sites": dict(sorted(Counter(pair.site for pair in examples.pairs).items())),
        "folds": {
            str(split.fold): {
                "training": len(split.training),
                "validation": len(split.validation),
                "held_out": len(split.held_out),
                "held_out_sha256": examples.rows_sha256(split.held_out),
                "training_sha256": examples.rows_sha256(split.training),
                "validation_sha256": examples.rows_sha256(split.validation),
            }
            for split in splits
        },
        "provenance": {
            "validation_seed": training.seeds[0],
            "prepared": _prepared(settings),
            "choices": {"test_time_views": {"value": VIEWS, "chosen_on": None}},
            "features": ["photograph"],
            "sites_of_folds": examples.sites_of_folds,
            "stage2": stage2_of(settings.backbone.weights_file),
        },
    }


def _prepared(settings: ExperimentSettings) -> list[dict[str, Any]]:
    """What is done to a picture before a network learns from it, and what of it was fitted to records."""
    steps = ["squares", f"normalisation: {settings.picture.normalisation}"]
    if settings.training.caches_trunk:
        steps.append("frozen layers")
    return [{"step": step, "kept_for": "all folds", "fitted_on": None} for step in steps]


def stage2_of(weights_file: str | None) -> dict[str, Any] | None:
    """What the first weights say of the records that taught them; None without a file of weights.

    `recordings` in it is null where the file does not lie in a run of `echodesk pretrain`.
    """
    if weights_file is None:
        return None
    try:
        data = json.loads((Path(weights_file).parent / DATA).read_bytes())
    except (OSError, ValueError):
        return {"weights": Path(weights_file).name, RECORDINGS: None}
    found = {name: data.get(name) for name in ("ptbxl_table", "records", RECORDINGS)}
    return {"weights": Path(weights_file).name, **found}
