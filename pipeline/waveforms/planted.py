"""EF and wall motion planted in waveforms at a known strength, so that what can be read from them is known.

What is planted, exactly:

* Every patient has two hidden severities, each part truth and part chance. The global one is
  `s = a * z + sqrt(1 - a^2) * noise`, z being the standardised deficit of the EF; the regional one is
  `u = b * g + sqrt(1 - b^2) * noise`, g being the standardised grade of the wall motion (none 0, mild 0.35,
  moderate 0.7, severe 1). a and b are the strengths, 0 to 1.
* The waveform shows s and u, each strictly monotone, and nothing else of the labels: s widens the QRS, lowers
  its voltage and sinks the T wave; u deepens a scar in the patient's territory, which is drawn by chance for
  everybody.
* Nobody can know more than s and u tell. `attainable` works out, on the very patients, how well somebody does
  who reads both off without error and knows how EF and wall motion are spread in the cohort. A model stays
  below, because beats differ between people for other reasons.

Everything made here is semi-synthetic, whatever the waveform was before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Protocol

import numpy as np

from db.errors import EchoDeskError
from db.fields.strata import STRATUM_FLOORS
from db.labels import RwmaSeverity
from db.measures.discrimination import auroc
from pipeline.waveforms.cohort_table import PatientRow
from pipeline.waveforms.morphology import Floats, Morphology, severity_morphology
from pipeline.waveforms.recording import EF_PERCENT, RWMA_SIGNIFICANT, Recording
from pipeline.waveforms.streams import Stream, drawing

LOW_EF_PERCENT = STRATUM_FLOORS["mildly_reduced"]
_GRADE = {
    RwmaSeverity.NONE: 0.0,
    RwmaSeverity.MILD: 0.35,
    RwmaSeverity.MODERATE: 0.7,
    RwmaSeverity.SEVERE: 1.0,
}
# The curves that turn severities into sizes: most hearts look near normal, even the worst are told apart.
_GLOBAL_SIZE, _SCAR_SIZE = NormalDist(0.3, 1.4), NormalDist(0.6, 1.1)
# Predictions closer together than this differ by rounding alone.
_SAME = 1e-9


@dataclass(frozen=True)
class Strength:
    """How much of each hidden severity is truth: its correlation with the label, 0 (nothing) to below 1."""

    ef: float = 0.7
    rwma: float = 0.7

    def __post_init__(self) -> None:
        for name, value in (("EF", self.ef), ("wall motion", self.rwma)):
            if not 0 <= value < 1:
                raise EchoDeskError(f"{name} cannot be planted at strength {value:g}.", "Give 0 up to 0.99.")


@dataclass(frozen=True, eq=False)
class Severities:
    """The hidden severities of a cohort, standardised, shape (patients,) each."""

    overall: Floats
    regional: Floats


@dataclass(frozen=True)
class Attainable:
    """What somebody attains who sees the hidden severities, on these patients.

    Attributes:
        ef_r: correlation of the expected EF with the EF; 0 where nothing is planted.
        ef_mae: mean absolute error of the best guess, points.
        low_ef_auroc: telling EF below 40.
        rwma_auroc: telling significant wall motion; 0.5 where nothing is planted, NaN without both kinds.
    """

    ef_r: float
    ef_mae: float
    low_ef_auroc: float
    rwma_auroc: float
    n: int


class Base(Protocol):
    """A kind of waveform that findings can be planted in."""

    def changed(self, place: int, change: Morphology, rng: np.random.Generator) -> Recording:
        """The `place`-th person's recording with every beat changed; its labels are not looked at."""
        ...


def draw_severities(
    patients: Sequence[PatientRow],
    strength: Strength,
    rng: np.random.Generator,
) -> Severities:
    """Hidden severities for a cohort."""
    deficit, grade = _standardised(patients)
    noise = rng.normal(size=(2, len(patients)))
    return Severities(
        overall=strength.ef * deficit + np.sqrt(1 - strength.ef**2) * noise[0],
        regional=strength.rwma * grade + np.sqrt(1 - strength.rwma**2) * noise[1],
    )


def planted_recordings(
    patients: Sequence[PatientRow],
    severities: Severities,
    base: Base,
    *,
    seed: int,
) -> Iterator[Recording]:
    """One recording a patient, made when it is asked for; marked synthetic and labelled with the truth."""
    for place, (patient, change) in enumerate(zip(patients, morphologies(patients, severities), strict=True)):
        recording = base.changed(place, change, drawing(seed, Stream.BEATS, place))
        yield replace(
            recording,
            recording_id=f"planted-{seed}-{patient.number:05d}",
            patient_key=f"planted-{seed}-{patient.number}",
            labels={EF_PERCENT: patient.ef_percent, RWMA_SIGNIFICANT: float(patient.is_rwma_significant)},
            fold=None,
            source=f"semi-synthetic: findings planted in {recording.source}",
            is_synthetic=True,
            base_id=recording.recording_id,
        )


def morphologies(patients: Sequence[PatientRow], severities: Severities) -> list[Morphology]:
    """What the severities do to each patient's beats."""
    return [
        severity_morphology(_GLOBAL_SIZE.cdf(overall), _SCAR_SIZE.cdf(regional), patient.territory)
        for patient, overall, regional in zip(
            patients, severities.overall.tolist(), severities.regional.tolist(), strict=True
        )
    ]


def attainable(patients: Sequence[PatientRow], severities: Severities, strength: Strength) -> Attainable:
    """How well the labels can be told from the hidden severities: Bayes' rule, the cohort being the prior."""
    weights = _posterior(patients, severities, strength)
    ef = np.array([patient.ef_percent for patient in patients])
    is_significant = np.array([patient.is_rwma_significant for patient in patients])
    return Attainable(
        ef_r=_correlation(weights @ ef, ef),
        ef_mae=float(np.abs(_medians(weights, ef) - ef).mean()),
        low_ef_auroc=auroc(_without_rounding(weights @ (ef < LOW_EF_PERCENT)), ef < LOW_EF_PERCENT),
        rwma_auroc=auroc(_without_rounding(weights @ is_significant), is_significant),
        n=len(patients),
    )


def _standardised(patients: Sequence[PatientRow]) -> tuple[Floats, Floats]:
    """EF deficit and grade of the wall motion, each with mean 0 and spread 1 (all 0 where all are alike)."""
    deficit = -np.array([patient.ef_percent for patient in patients])
    grade = np.array([_GRADE[patient.rwma_severity] for patient in patients])

    def scaled(values: Floats) -> Floats:
        spread = values.std()
        return (values - values.mean()) / spread if spread > 0 else np.zeros_like(values)

    return scaled(deficit), scaled(grade)


def _posterior(patients: Sequence[PatientRow], severities: Severities, strength: Strength) -> Floats:
    """How likely each patient (row) is each patient (column), from the severities seen; rows sum to 1."""
    deficit, grade = _standardised(patients)
    seen = (
        (severities.overall, strength.ef, deficit),
        (severities.regional, strength.rwma, grade),
    )
    logarithm = np.zeros((len(patients), len(patients)))
    for values, share, truth in seen:
        logarithm -= (values[:, None] - share * truth[None, :]) ** 2 / (2 * (1 - share**2))
    weights = np.exp(logarithm - logarithm.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _medians(weights: Floats, values: Floats) -> Floats:
    """The weighted median of `values` for each row of weights: the guess with the least absolute error."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[:, order], axis=1) >= 0.5 - _SAME
    return np.asarray(values[order][np.argmax(reached, axis=1)])


def _correlation(guesses: Floats, truth: Floats) -> float:
    if np.ptp(guesses) < _SAME or np.ptp(truth) == 0:
        return 0.0
    return float(np.corrcoef(guesses, truth)[0, 1])


def _without_rounding(scores: Floats) -> Floats:
    """Scores in which what differs by rounding alone is the same, so that it counts as a tie."""
    return np.asarray(np.rint(scores / _SAME) * _SAME)
