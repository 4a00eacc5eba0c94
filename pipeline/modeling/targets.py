"""What the network learns from a label, said once: EF as a fraction, wall motion as significant or not.

| label | EF target | RWMA target |
|---|---|---|
| EF stated | percent / 100 | |
| EF printed as `>55` or `<30` | the number printed, or none (`bounded_ef`) | |
| EF not stated, unreadable | none | |
| wall motion abnormal: moderate, severe | | 1 |
| abnormal without a grade | | none, or 1 (`ungraded_rwma`) |
| abnormal: mild; absent | | 0 |
| not stated, unreadable | | none |

Source: seed paper, table 1 ("non-significant (none + mild)", "significant (moderate + severe)").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from db.errors import EchoDeskError
from db.labels import EF_MAX_PERCENT, EF_MIN_PERCENT, EfOperator, EfState, Rwma, RwmaSeverity
from pipeline.config.settings import TargetSettings

RWMA_MASKED: Final = -1

Use = Literal["target", "negative", "positive", "masked"]


class Labelled(Protocol):
    """The columns of a label that targets are made of, as in `db.labels.Findings`; plain strings do, too."""

    @property
    def ef_percent(self) -> float | None: ...
    @property
    def ef_state(self) -> str: ...
    @property
    def ef_operator(self) -> str | None: ...
    @property
    def rwma(self) -> str: ...
    @property
    def rwma_severity(self) -> str: ...


@dataclass(frozen=True)
class CategoryCount:
    """How many labels say one thing, and what became of them.

    Attributes:
        field: `ef` or `rwma`.
        category: such as `stated`, `present, moderate`.
        use: a `target` (EF), `negative`, `positive` (RWMA), or `masked`: no target, no loss.
    """

    field: str
    category: str
    use: Use
    n: int


@dataclass(frozen=True)
class Targets:
    """Targets of n records, in their order.

    Attributes:
        ef: shape [n], float32, ejection fraction 0-1; NaN where there is none: it can't pass for a value.
        rwma: shape [n], int64, 1 significant, 0 not; -1 where there is none.
        counts: every category that occurs, in the order of the table above.
    """

    ef: NDArray[np.float32]
    rwma: NDArray[np.int64]
    counts: tuple[CategoryCount, ...]

    @property
    def has_ef(self) -> NDArray[np.bool_]:
        """Shape [n]: whether the record teaches EF."""
        return np.logical_not(np.isnan(self.ef))

    @property
    def has_rwma(self) -> NDArray[np.bool_]:
        """Shape [n]: whether the record teaches wall motion."""
        return np.not_equal(self.rwma, RWMA_MASKED)


def build_targets(labels: Sequence[Labelled], names: Sequence[str], settings: TargetSettings) -> Targets:
    """Targets of labelled records.

    Args:
        names: what to call each record in an error; a row id, never a patient.

    Raises:
        EchoDeskError: names the first record whose label can't be true: an EF as a fraction or out of bounds,
            a number that disagrees with its state, a word that is not in the vocabulary.
    """
    ef = np.full(len(labels), np.nan, dtype=np.float32)
    rwma = np.full(len(labels), RWMA_MASKED, dtype=np.int64)
    seen: Counter[tuple[str, str, Use]] = Counter()
    for row, (label, name) in enumerate(zip(labels, names, strict=True)):
        _refuse_impossible(label, name)
        category, use = _ef_category(label, settings)
        seen["ef", category, use] += 1
        if use == "target" and label.ef_percent is not None:
            ef[row] = label.ef_percent / 100
        category, use = _rwma_category(label, settings)
        seen["rwma", category, use] += 1
        if use != "masked":
            rwma[row] = int(use == "positive")
    counts = [CategoryCount(*key, n) for key, n in seen.items()]
    return Targets(ef, rwma, tuple(sorted(counts, key=_place_in_table)))


def _refuse_impossible(label: Labelled, name: str) -> None:
    hint = "Correct the label at the desk and freeze a new snapshot."
    value = label.ef_percent
    for word, vocabulary in (
        (label.ef_state, EfState),
        (label.rwma, Rwma),
        (label.rwma_severity, RwmaSeverity),
    ):
        if word not in list(vocabulary):
            raise EchoDeskError(f"record {name}: {word!r} is not a word of {vocabulary.__name__}", hint)
    if (label.ef_state == EfState.STATED) != (value is not None):
        raise EchoDeskError(f"record {name}: EF is {label.ef_state} and its value is {value}", hint)
    if (label.rwma == Rwma.ABSENT) != (label.rwma_severity == RwmaSeverity.NONE):
        raise EchoDeskError(
            f"record {name}: wall motion is {label.rwma} with severity {label.rwma_severity}", hint
        )
    if value is None or EF_MIN_PERCENT <= value <= EF_MAX_PERCENT:
        return
    if 0 < value <= 1:
        raise EchoDeskError(
            f"record {name}: EF {value:g} is a fraction; labels are in percent",
            f"Multiply the column ef_percent by 100 ({value:g} becomes {100 * value:g}).",
        )
    raise EchoDeskError(
        f"record {name}: EF {value:g} % is outside {EF_MIN_PERCENT:g}-{EF_MAX_PERCENT:g} %",
        hint,
    )


def _ef_category(label: Labelled, settings: TargetSettings) -> tuple[str, Use]:
    if label.ef_state != EfState.STATED:
        return str(label.ef_state), "masked"
    if label.ef_operator in (EfOperator.ABOVE, EfOperator.BELOW):
        return "stated as a bound", "target" if settings.bounded_ef == "use" else "masked"
    return "stated", "target"


def _rwma_category(label: Labelled, settings: TargetSettings) -> tuple[str, Use]:
    if label.rwma == Rwma.ABSENT:
        return "absent", "negative"
    if label.rwma != Rwma.PRESENT:
        return str(label.rwma), "masked"
    if label.rwma_severity == RwmaSeverity.NOT_STATED:
        return "present, no grade", "positive" if settings.ungraded_rwma == "positive" else "masked"
    is_mild = label.rwma_severity == RwmaSeverity.MILD
    return f"present, {label.rwma_severity}", "negative" if is_mild else "positive"


_TABLE: Final = (
    "stated", "stated as a bound", "present, severe", "present, moderate", "present, no grade",
    "present, mild", "absent", "not_stated", "unreadable",
)  # fmt: skip


def _place_in_table(count: CategoryCount) -> tuple[str, int]:
    return count.field, _TABLE.index(count.category)


def definitions(settings: TargetSettings) -> dict[str, str]:
    """What each target means under these settings, in words that travel with the weights."""
    ungraded = "counts as significant" if settings.ungraded_rwma == "positive" else "is left out"
    bounded = "counts as the number printed" if settings.bounded_ef == "use" else "is left out"
    return {
        "ef": f"left-ventricular ejection fraction, percent / 100; a bound (>55) {bounded}",
        "rwma": "probability of a significant regional wall-motion abnormality: 1 moderate or severe, "
        f"0 absent or mild; one without a grade {ungraded}",
    }
