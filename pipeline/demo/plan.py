"""Who is in the cohort: each patient's heart, how the report will be worded, printed and captured.

Proportions follow the seed paper (500 patients: EF 357 / 81 / 54 / 8, significant RWMA 129), scaled to any
number by largest remainder. The paper gives no spread for pulmonary hypertension; `PAH_PER_500` is our own,
chosen so that every answer occurs among 60. The exact proportions are those of the patients; what the
reports say about them is less: about 7 % of the reports describe the EF in words only, and about 2 % of the
captures nobody can read. Source: `seed_paper.txt`, table 1, for the strata.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice

import numpy as np

from db.fields.strata import EfStratum, ef_stratum
from pipeline.demo.people import Person, people
from pipeline.demo.proportions import draw, pick, shuffled, spread
from pipeline.demo.wording.traps import (
    EF_STYLES,
    EXTRAS,
    PAH_STYLES,
    RWMA_STYLES_ABSENT,
    RWMA_STYLES_PRESENT,
    quota,
)
from pipeline.waveforms.cohort_table import EF_BANDS_PERCENT, EF_STRATA_PER_500, RWMA_PER_500, apportion

PAH_PER_500 = {
    "severe": 15,
    "moderate": 42,
    "present_unspecified": 18,
    "mild": 85,
    "hedged": 15,
    "number_only": 45,
    "not_mentioned": 30,
    "none": 250,
}
LAYOUTS = ("typed_letter", "indian_table", "two_column", "fax", "discharge_summary")
CONDITIONS = {"clean": 40, "phone": 45, "harsh": 15}
ILLEGIBLE_SHARE = 0.02
MEASURED_LAYOUTS = ("indian_table", "two_column", "fax")

_FIRST_DAY, _DAYS = date(2025, 4, 1), 390


@dataclass
class PatientPlan:
    """Everything decided about one patient before a word is written.

    Attributes:
        number: 1-based place in the cohort.
        ef_percent: what the patient's ventricle really does; the report may say it differently or not at all.
        rwma_severity: `none`, `mild`, `moderate` or `severe`.
        pah: a key of `PAH_PER_500`.
        ef_style, rwma_style, pah_style: a key of the style tables in `traps.py`, or `plain`.
        extras: further traps to print.
        is_legible: false for the few captures nobody can read.
    """

    number: int
    person: Person
    layout: str
    condition: str
    report_date: date
    ecg_date: date
    stratum: EfStratum
    ef_percent: float = 60.0
    rwma_severity: str = "none"
    pah: str = "none"
    ef_style: str = "plain"
    rwma_style: str = "plain"
    pah_style: str = "plain"
    extras: set[str] = field(default_factory=set)
    is_legible: bool = True

    @property
    def site(self) -> str:
        """The hospital, as the manifest names it."""
        return self.person.hospital


def plan_cohort(patients: int, seed: int) -> list[PatientPlan]:
    """Decide the whole cohort; the same arguments give the same plans."""
    rng = np.random.default_rng([seed, 0])
    plans = _first_plans(patients, rng)
    keep_whole = _give_ef(plans, rng)
    _give_rwma(plans, keep_whole, rng)
    _give_pah(plans, rng)
    _give_styles(plans, rng)
    _give_extras(plans, rng)
    # No report is unreadable in a cohort of a handful: everybody wants to see something work first.
    harsh = [plan for plan in plans if plan.condition == "harsh"]
    for plan in draw(rng, harsh, round(ILLEGIBLE_SHARE * patients)):
        plan.is_legible = False
    return plans


def _first_plans(patients: int, rng: np.random.Generator) -> list[PatientPlan]:
    layouts = shuffled(apportion(dict.fromkeys(LAYOUTS, 1.0), patients), rng)
    # Spread over the layouts, so that each layout is captured in every condition where there are enough.
    by_layout = sorted(range(patients), key=lambda place: layouts[place])
    conditions = dict(zip(by_layout, spread(apportion(CONDITIONS, patients)), strict=True))
    strata = shuffled(apportion(EF_STRATA_PER_500, patients), rng)
    plans = []
    for place, person in enumerate(islice(people(rng), patients)):
        day = _FIRST_DAY + timedelta(days=int(rng.integers(_DAYS)))
        ecg_day = day + timedelta(days=int(rng.integers(-6, 3)))
        cards = (layouts[place], conditions[place], day, ecg_day, strata[place])
        plans.append(PatientPlan(place + 1, person, *cards))
    return plans


def _give_ef(plans: Sequence[PatientPlan], rng: np.random.Generator) -> list[PatientPlan]:
    """Choose how each EF is written, then a value that fits; returns who gets global hypokinesia."""
    weak = [plan for plan in plans if plan.stratum != "normal"]
    fits: Mapping[str, Callable[[PatientPlan], bool]] = {
        "ef_above": lambda plan: plan.stratum == "normal",
        "ef_below": lambda plan: plan.stratum in ("moderately_reduced", "severely_reduced"),
        "several_methods": lambda plan: plan.stratum != "severely_reduced",
    }
    _deal_styles(plans, "ef_style", EF_STYLES, fits, rng)
    for plan in plans:
        plan.ef_percent = _ef_value(plan, rng)
        if ef_stratum(plan.ef_percent) != plan.stratum:
            raise AssertionError("an EF fell outside its stratum")
    return draw(rng, weak, quota(RWMA_STYLES_ABSENT["global_only_hypokinesia"], len(plans)))


def _ef_value(plan: PatientPlan, rng: np.random.Generator) -> float:
    low, high = EF_BANDS_PERCENT[plan.stratum]
    if plan.ef_style == "range_ef":
        starts = [start for start in range(20, 65, 5) if low <= start and start + 5 <= high + 1]
        return pick(rng, starts) + 2.5
    if plan.ef_style == "ef_above":
        return float(pick(rng, (50, 55, 60)))
    if plan.ef_style == "ef_below":
        return 35.0 if plan.stratum == "moderately_reduced" else 25.0
    middle = 60 if plan.stratum == "normal" else (low + high) / 2
    value = round(float(np.clip(rng.triangular(low - 1, middle, high + 1), low, high)))
    # Eyes read in fives: about a third of all readings, and every "about".
    fives = [five for five in range(20, 70, 5) if low <= five <= high]
    if plan.ef_style == "approximate_ef" or rng.random() < 0.35:
        return float(min(fives, key=lambda five: abs(five - value)))
    return float(value)


def _give_rwma(plans: Sequence[PatientPlan], keep_whole: list[PatientPlan], rng: np.random.Generator) -> None:
    """The weaker the ventricle, the likelier a regional abnormality and the worse; chance has its say."""
    whole = {plan.number for plan in keep_whole}
    risk = {plan.number: -plan.ef_percent + float(rng.normal(0, 9)) for plan in plans}
    order = sorted(plans, key=lambda plan: (plan.number in whole, -risk[plan.number]))
    counts = apportion(RWMA_PER_500, len(plans))
    severities = [severity for severity, count in counts.items() for _ in range(count)]
    for plan, severity in zip(order, severities, strict=True):
        plan.rwma_severity = severity
    for plan in keep_whole:
        if plan.rwma_severity == "none" and plan.ef_percent < 50:
            plan.rwma_style = "global_only_hypokinesia"


def _give_pah(plans: Sequence[PatientPlan], rng: np.random.Generator) -> None:
    risk = {plan.number: -plan.ef_percent + float(rng.normal(0, 16)) for plan in plans}
    order = sorted(plans, key=lambda plan: -risk[plan.number])
    counts = apportion(PAH_PER_500, len(plans))
    answers = [answer for answer, count in counts.items() for _ in range(count)]
    for plan, answer in zip(order, answers, strict=True):
        plan.pah = answer


def _give_styles(plans: Sequence[PatientPlan], rng: np.random.Generator) -> None:
    def present(plan: PatientPlan) -> bool:
        return plan.rwma_severity != "none"

    def absent(plan: PatientPlan) -> bool:
        return plan.rwma_severity == "none"

    absent_styles = {style: share for style, share in RWMA_STYLES_ABSENT.items() if "global" not in style}
    _deal_styles(plans, "rwma_style", absent_styles, dict.fromkeys(absent_styles, absent), rng)
    fits = dict.fromkeys(RWMA_STYLES_PRESENT, present)
    fits["worst_of_mixed"] = lambda plan: plan.rwma_severity == "severe"
    fits["global_with_regional"] = lambda plan: present(plan) and plan.ef_percent < 50
    _deal_styles(plans, "rwma_style", dict(reversed(RWMA_STYLES_PRESENT.items())), fits, rng)
    pah_fits: Mapping[str, Callable[[PatientPlan], bool]] = {
        "tr_grade_beside_no_pah": lambda plan: plan.pah == "none",
        "mild_to_moderate_pah": lambda plan: plan.pah == "moderate",
        "gradient_not_pressure": lambda plan: plan.pah in ("none", "not_mentioned"),
        "rvsp_range": lambda plan: plan.pah in ("mild", "moderate", "severe", "number_only"),
    }
    _deal_styles(plans, "pah_style", PAH_STYLES, pah_fits, rng)


def _deal_styles(
    plans: Sequence[PatientPlan],
    attribute: str,
    shares: Mapping[str, float],
    fits: Mapping[str, Callable[[PatientPlan], bool]],
    rng: np.random.Generator,
) -> None:
    """Give each style to its quota of fitting patients who have none yet; the choosiest style first."""

    def anybody(plan: PatientPlan) -> bool:
        return plan is not None

    def free(style: str) -> list[PatientPlan]:
        return [
            plan for plan in plans if getattr(plan, attribute) == "plain" and fits.get(style, anybody)(plan)
        ]

    for style in sorted(shares, key=lambda style: len(free(style))):
        for plan in draw(rng, free(style), quota(shares[style], len(plans))):
            setattr(plan, attribute, style)


def _give_extras(plans: Sequence[PatientPlan], rng: np.random.Generator) -> None:
    """Deal the extras to the patients who have fewest, so that no report becomes a puzzle of everything."""
    for extra, share in EXTRAS.items():
        able = [plan for plan in plans if _extra_fits(extra, plan)]
        shuffled_able = draw(rng, able, len(able))
        for plan in sorted(shuffled_able, key=lambda plan: len(plan.extras))[: quota(share, len(plans))]:
            plan.extras.add(extra)


def _extra_fits(extra: str, plan: PatientPlan) -> bool:
    numeric = plan.ef_style != "words_only_ef"
    rules = {
        "reference_range": numeric and plan.ef_style in ("plain", "several_methods"),
        "hyphen_before_ef": numeric and plan.ef_style == "plain" and plan.layout in MEASURED_LAYOUTS,
        "mitral_ef_slope": plan.layout in MEASURED_LAYOUTS,
        "other_percentages": plan.layout in ("discharge_summary", "typed_letter"),
        "other_organ_ef": plan.layout == "discharge_summary",
        "stress_percentages": plan.layout != "discharge_summary",
    }
    return rules.get(extra, True)
