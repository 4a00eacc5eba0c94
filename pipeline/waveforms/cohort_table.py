"""The invented cohort's table: as many patients in each band of EF and wall motion as the seed paper has.

500 patients: EF 357 / 81 / 54 / 8 in its four bands, from 20 to 67 percent, wall motion significant in 129.
The paper gives no joint distribution; here the weaker a ventricle, the likelier and the worse its wall
motion. Source: seed paper, "Dataset" and its first table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from db.errors import EchoDeskError
from db.fields.strata import EfStratum
from db.labels import RwmaSeverity
from pipeline.waveforms.morphology import TERRITORIES

T = TypeVar("T")

EF_STRATA_PER_500: dict[EfStratum, int] = {
    "normal": 357,
    "mildly_reduced": 81,
    "moderately_reduced": 54,
    "severely_reduced": 8,
}
# Whole percents of each band; the ends of the cohort are the paper's.
EF_BANDS_PERCENT: dict[EfStratum, tuple[int, int]] = {
    "normal": (50, 67),
    "mildly_reduced": (40, 49),
    "moderately_reduced": (30, 39),
    "severely_reduced": (20, 29),
}
# Significant (moderate and severe) are the paper's 129; how they divide is ours.
RWMA_PER_500 = {"severe": 50, "moderate": 79, "mild": 40, "none": 331}
SIGNIFICANT = (RwmaSeverity.MODERATE, RwmaSeverity.SEVERE)
SITES = ("site_a", "site_b", "site_c")
_SITE_SHARES = (0.5, 0.3, 0.2)
_TERRITORY_SHARES = {"anterior": 0.45, "inferior": 0.35, "lateral": 0.2}
_MOST_WALLS = {RwmaSeverity.NONE: 0, RwmaSeverity.MILD: 1, RwmaSeverity.MODERATE: 2, RwmaSeverity.SEVERE: 4}
# Most ventricles eject around this; readings gather at the fives.
_USUAL_EF, _EF_REACH, _FIVES = 60.5, 13.0, 2.5
# How far chance moves a patient in the order by which wall motion is given, in points of EF.
_RWMA_CHANCE = 13.0


@dataclass(frozen=True)
class PatientRow:
    """One invented patient.

    Attributes:
        number: 1-based place in the cohort.
        ef_percent: whole percent, 20-67.
        territory: a key of `TERRITORIES`, drawn for everybody by chance alone: by itself it tells nothing.
        walls: abnormal walls of that territory; empty exactly where the severity is `none`.
        sex: `male` or `female`.
    """

    number: int
    ef_percent: float
    rwma_severity: RwmaSeverity
    territory: str
    walls: tuple[str, ...]
    age_years: int
    sex: str
    site: str

    @property
    def is_rwma_significant(self) -> bool:
        """Moderate or severe: what the screen refers."""
        return self.rwma_severity in SIGNIFICANT


def invent_cohort(patients: int, rng: np.random.Generator, *, site_strength: float = 0.0) -> list[PatientRow]:
    """Draw a table; counts of bands and grades are exact at 500 and by largest remainders otherwise.

    Args:
        patients: how many, at least 1.
        site_strength: 0-1, a shortcut planted on purpose: this share of the patients were seen at the last
            site where their heart is ill (EF below 50 or significant wall motion) and else at the first.

    Raises:
        EchoDeskError: there are no patients, or the strength is not a share.
    """
    if patients < 1:
        raise EchoDeskError("A cohort needs at least one patient.", "Give a number of 1 or more.")
    if not 0 <= site_strength <= 1:
        raise EchoDeskError(f"A site cannot follow the label at strength {site_strength:g}.", "Give 0 to 1.")
    ef = _ef_values(patients, rng)
    severities = _severities(ef, rng)
    return [_patient(place, ef[place], severities[place], rng, site_strength) for place in range(patients)]


def _ef_values(patients: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Whole percents in chance order; where a band has several patients, the ends of the cohort occur."""
    values = []
    for band, count in apportion(EF_STRATA_PER_500, patients).items():
        low, high = EF_BANDS_PERCENT[band]
        options = np.arange(low, high + 1)
        weights = np.where(options % 5 == 0, _FIVES, 1.0)
        if band == "normal":
            weights *= np.maximum(0.1, 1 - np.abs(options - _USUAL_EF) / _EF_REACH)
        drawn = np.sort(rng.choice(options, size=count, p=weights / weights.sum()))
        if count > 1 and band == "severely_reduced":
            drawn[0] = low
        if count > 1 and band == "normal":
            drawn[-1] = high
        values.append(drawn)
    return rng.permutation(np.concatenate(values)).astype(np.float64)


def _severities(ef: NDArray[np.float64], rng: np.random.Generator) -> list[RwmaSeverity]:
    """The grades in their exact numbers, the worst to the weakest ventricles as far as chance lets them."""
    order = np.argsort(ef + rng.normal(0, _RWMA_CHANCE, size=len(ef)), kind="stable")
    counts = apportion(RWMA_PER_500, len(ef))
    severities = [RwmaSeverity.NONE] * len(ef)
    for place, grade in zip(order, np.repeat(list(counts), list(counts.values())), strict=True):
        severities[place] = RwmaSeverity(str(grade))
    return severities


def _patient(
    place: int, ef_percent: float, severity: RwmaSeverity, rng: np.random.Generator, site_strength: float
) -> PatientRow:
    territory = str(rng.choice(list(_TERRITORY_SHARES), p=list(_TERRITORY_SHARES.values())))
    named = TERRITORIES[territory][: int(rng.integers(1, 5))][: _MOST_WALLS[severity]]
    is_ill = ef_percent < 50 or severity in SIGNIFICANT
    site = str(rng.choice(SITES, p=_SITE_SHARES))
    if rng.random() < site_strength:
        site = SITES[-1] if is_ill else SITES[0]
    # Ill hearts are a little older and more often men's, as in every cohort; the page prints both.
    age = rng.normal(59 if is_ill else 55, 11)
    return PatientRow(
        number=place + 1,
        ef_percent=float(ef_percent),
        rwma_severity=severity,
        territory=territory,
        walls=named,
        age_years=int(np.clip(round(age), 22, 90)),
        sex="male" if rng.random() < (0.7 if is_ill else 0.55) else "female",
        site=site,
    )


def apportion(weights: Mapping[T, float], total: int) -> dict[T, int]:
    """Split `total` by weight with the largest-remainder method; ties go to the key listed first.

    >>> apportion({"normal": 357, "mild": 81, "moderate": 54, "severe": 8}, 60)
    {'normal': 43, 'mild': 10, 'moderate': 6, 'severe': 1}
    """
    weight = sum(weights.values())
    exact = {key: total * share / weight for key, share in weights.items()}
    counts = {key: int(value) for key, value in exact.items()}
    missing = total - sum(counts.values())
    by_remainder = sorted(exact, key=lambda key: counts[key] - exact[key])
    for key in by_remainder[:missing]:
        counts[key] += 1
    return counts
