"""How the demo reports put pulmonary pressure, and what each way of putting it means for the record."""

from __future__ import annotations

from typing import Any

import numpy as np

from db.labels import Pah
from pipeline.demo.plan import PatientPlan
from pipeline.demo.proportions import pick
from pipeline.demo.wording.phrase import Mark, Phrase, join
from pipeline.demo.wording.statement import Statement

# Plausible printed pressures, mmHg. Labs grade them differently; the record keeps word and number apart.
_PRESSURES = {
    "none": (18, 30),
    "mild": (36, 45),
    "moderate": (46, 60),
    "severe": (62, 88),
    "present_unspecified": (40, 66),
    "number_only": (26, 54),
}
_NONE_PROSE = (
    "there is no pulmonary hypertension",
    "no evidence of pulmonary arterial hypertension",
    "pulmonary artery pressure is normal",
)
_NONE_TERSE = ("no PAH", "no PH", "no pulmonary hypertension", "PA pressure normal")
_GRADED_PROSE = (
    "{g} pulmonary hypertension",
    "{g} pulmonary arterial hypertension",
    "there is {g} pulmonary hypertension",
)
_GRADED_TERSE = ("{g} PAH", "{g} PH", "{g} pulmonary hypertension", "PAH: {g}")
_UNGRADED = ("pulmonary hypertension present", "PAH present", "significant pulmonary hypertension", "PAH +")
_HEDGED = (
    "pulmonary hypertension cannot be ruled out",
    "possible pulmonary hypertension, to be correlated clinically",
    "unable to exclude PAH in this window",
)
_NUMBER = ("RVSP {v} mmHg", "PASP {v} mmHg", "RVSP = {v} mmHg", "estimated PASP {v} mmHg")
_NUMBER_PROSE = (
    "estimated PA systolic pressure is {v} mmHg",
    "the RVSP is estimated at {v} mmHg",
    "PASP by TR jet {v} mmHg",
)


def pah_statement(plan: PatientPlan, prose: bool, rng: np.random.Generator) -> Statement | None:
    """What this report says about pulmonary pressure; None where it says nothing at all."""
    if plan.pah_style == "gradient_not_pressure":
        return _gradient(plan, prose, rng)
    if plan.pah == "not_mentioned":
        return None
    if plan.pah == "hedged":
        phrase = Phrase(pick(rng, _HEDGED))
        return Statement(None, phrase, {"pah": Pah.NOT_STATED}, {}, ("hedged_ph",))
    if plan.pah == "number_only":
        number, facts, traps = _pressure(plan, prose, rng)
        return Statement(number, None, facts, {}, ("rvsp_only", *traps))
    return _worded(plan, prose, rng)


def _worded(plan: PatientPlan, prose: bool, rng: np.random.Generator) -> Statement:
    also: dict[str, tuple[str, ...]] = {}
    traps: list[str] = []
    if plan.pah_style == "tr_grade_beside_no_pah":
        grade = pick(rng, ("mild", "moderate"))
        traps.append("tr_grade_beside_no_pah")
        phrase = Phrase(f"{grade} TR, no PAH", (Mark("pah", "no PAH"),))
    else:
        text = _word(plan, prose, rng)
        phrase = Phrase(text, (Mark("pah", text),))
    if plan.pah_style == "mild_to_moderate_pah":
        also["pah"] = ("mild",)
        traps.append("mild_to_moderate_pah")
    facts: dict[str, Any] = {"pah": Pah(plan.pah)}
    if plan.pah_style == "rvsp_range" or rng.random() < (0.2 if plan.pah == "none" else 0.65):
        number, numbers, number_traps = _pressure(plan, prose, rng)
        facts |= numbers
        traps += number_traps
        if plan.pah_style in ("plain", "rvsp_range") and rng.random() < 0.6:
            return Statement(None, join([phrase, number.with_frame("(", ")")]), facts, also, tuple(traps))
        return Statement(number, phrase, facts, also, tuple(traps))
    return Statement(None, phrase, facts, also, tuple(traps))


def _word(plan: PatientPlan, prose: bool, rng: np.random.Generator) -> str:
    if plan.pah == "none":
        return pick(rng, _NONE_PROSE if prose else _NONE_TERSE)
    if plan.pah == "present_unspecified":
        return pick(rng, _UNGRADED)
    grade = plan.pah
    if plan.pah_style == "mild_to_moderate_pah":
        grade = pick(rng, ("mild to moderate", "mild-to-moderate"))
    return pick(rng, _GRADED_PROSE if prose else _GRADED_TERSE).format(g=grade)


def _pressure(
    plan: PatientPlan, prose: bool, rng: np.random.Generator
) -> tuple[Phrase, dict[str, Any], tuple[str, ...]]:
    low, high = _PRESSURES[plan.pah]
    value = int(rng.integers(low, high + 1))
    templates = _NUMBER_PROSE if prose else _NUMBER
    if plan.pah_style == "rvsp_range":
        return (
            _marked(pick(rng, templates), f"{value}-{value + 5}"),
            {"rvsp_mmhg": value + 2.5},
            ("rvsp_range",),
        )
    return _marked(pick(rng, templates), str(value)), {"rvsp_mmhg": float(value)}, ()


def _marked(template: str, printed: str) -> Phrase:
    return Phrase(template.format(v=printed), (Mark("rvsp_mmhg", f"{printed} mmHg"),))


def _gradient(plan: PatientPlan, prose: bool, rng: np.random.Generator) -> Statement:
    """A gradient across the tricuspid valve, which is not a pressure in the lung."""
    value = int(rng.integers(15, 26))
    texts = (
        f"trivial TR, TR max PG {value} mmHg",
        f"TR peak gradient {value} mmHg",
        f"RVSP = {value} mmHg + RAP",
    )
    finding = Phrase(pick(rng, texts))
    if plan.pah == "none":
        text = pick(rng, _NONE_PROSE if prose else _NONE_TERSE)
        word = Phrase(text, (Mark("pah", text),))
        return Statement(finding, word, {"pah": Pah.NONE}, {}, ("gradient_not_pressure",))
    return Statement(finding, None, {"pah": Pah.NOT_STATED}, {}, ("gradient_not_pressure",))
