"""What a run was taught with and judged on: counted and hashed, so that somebody else can check it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pipeline.dataset.opened import OpenedSnapshot
from pipeline.training.examples import Examples, Split


def data_record(
    snapshot: OpenedSnapshot, examples: Examples, splits: Sequence[Split], left_out: Mapping[str, str]
) -> dict[str, Any]:
    """`data.json` of a run.

    Args:
        left_out: photograph -> why it was left out.
    """
    return {
        "snapshot": snapshot.name,
        "content_sha256": snapshot.content_sha256,
        "is_synthetic": snapshot.is_synthetic,
        "records": len(examples.records),
        "patients": len({pair.patient_id for pair in examples.pairs}),
        "photographs": len(examples.pairs),
        "photographs_left_out": dict(left_out),
        "targets": [asdict(count) for count in examples.targets.counts],
        "sites": dict(sorted(Counter(pair.site for pair in examples.pairs).items())),
        "folds": {
            str(split.fold): {
                "training": len(split.training),
                "validation": len(split.validation),
                "held_out": len(split.held_out),
            }
            for split in splits
        },
    }
