"""What a reader must know, drawn from the parts by fixed rules: no number is judged by whoever made it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from db.measures.estimate import Estimate
from pipeline.evaluation.binary_numbers import BinaryNumbers
from pipeline.evaluation.ef_numbers import EfNumbers
from pipeline.evaluation.results import Severity, Verdict

# A question with fewer positives than this is answered by single patients.
FEW_POSITIVES: Final = 30
_ORDER: Final = {Severity.FAULT: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def by_weight(verdicts: list[Verdict]) -> tuple[Verdict, ...]:
    """Faults first, then warnings, then notes; within each as they were found."""
    return tuple(sorted(verdicts, key=lambda one: _ORDER[one.severity]))


def ef_verdicts(ef: EfNumbers, gain: Estimate) -> Iterator[Verdict]:
    """On EF.

    Args:
        gain: error of answering the median for everybody minus the model's, points; above 0 is better.
    """
    values: dict[str, Any] = {"gain": gain, "mae": ef.pooled["mae"]}
    if gain.has_interval and gain.high < 0:
        yield Verdict("worse_than_median", "numbers", Severity.FAULT, values)
    elif gain.has_interval and gain.low <= 0:
        yield Verdict("no_better_than_median", "numbers", Severity.FAULT, values)
    if ef.collapse.is_collapsed:
        collapse = ef.collapse
        yield Verdict(
            "collapse", "numbers", Severity.FAULT,
            {"said_sd": collapse.said_sd, "truth_sd": collapse.truth_sd, "in_spike": collapse.in_spike},
        )  # fmt: skip
    slope = ef.pooled["slope"]
    if slope.has_interval and slope.high < 1 and not ef.collapse.is_collapsed:
        yield Verdict("ef_overspread", "numbers", Severity.WARNING, {"slope": slope})


def binary_verdicts(binary: Mapping[str, BinaryNumbers]) -> Iterator[Verdict]:
    """On the yes-or-no questions."""
    for name, one in binary.items():
        values: dict[str, Any] = {"question": name, "n": one.n, "positives": one.positives}
        auroc = one.pooled["auroc"]
        if one.positives < FEW_POSITIVES:
            yield Verdict("few_positives", "numbers", Severity.WARNING, {**values, "auroc": auroc})
        elif auroc.has_interval and auroc.low <= 0.5:
            yield Verdict("no_better_than_chance", "numbers", Severity.FAULT, {**values, "auroc": auroc})
