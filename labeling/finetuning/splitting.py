"""Train and validation, divided by patient so that nobody's reports stand on both sides."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from db.errors import EchoDeskError
from labeling.finetuning.examples import TrainingExample

# Below this, a validation figure says next to nothing and a few records are learnt by heart.
MIN_RECORDS = 20
MIN_PATIENTS = 5


@dataclass(frozen=True)
class Split:
    """Examples to learn from and examples to judge by."""

    train: tuple[TrainingExample, ...]
    validation: tuple[TrainingExample, ...]


def split_by_patient(
    examples: Sequence[TrainingExample],
    *,
    validation_share: float,
    seed: int,
    min_records: int = MIN_RECORDS,
    min_patients: int = MIN_PATIENTS,
) -> Split:
    """Divide by a hash of the patient: hardly anybody changes sides when more reviews come in.

    Args:
        validation_share: share of patients to judge by, 0-1, both ends excluded.

    Raises:
        EchoDeskError: there are too few records or patients to learn and to judge.
    """
    patients = {example.patient_key for example in examples}
    if len(examples) < min_records or len(patients) < max(2, min_patients):
        raise EchoDeskError(
            f"{len(examples)} reviewed records of {len(patients)} patients are too few to learn from",
            f"It takes at least {min_records} records of {max(2, min_patients)} patients, and pays from "
            "about 100: review some more, echodesk review.",
        )
    if not 0 < validation_share < 1:
        raise EchoDeskError("the validation share is not between 0 and 1", "Use --validation-share 0.2.")
    in_order = sorted(patients, key=lambda patient: _place(patient, seed))
    count = min(max(1, round(validation_share * len(patients))), len(patients) - 1)
    held_out = set(in_order[:count])
    return Split(
        train=tuple(example for example in examples if example.patient_key not in held_out),
        validation=tuple(example for example in examples if example.patient_key in held_out),
    )


def _place(patient_key: str, seed: int) -> bytes:
    """A patient's fixed place in the order."""
    return hashlib.sha256(f"{seed}:{patient_key}".encode()).digest()
