"""Everything else a report says: history, chambers, valves, measurements, and the traps that live there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.demo.plan import PatientPlan
from pipeline.demo.proportions import pick
from pipeline.demo.wording.phrase import Mark, Phrase

_COMPLAINTS = (
    "breathlessness on walking",
    "chest discomfort for two weeks",
    "palpitations",
    "swelling of both feet",
    "tiredness on climbing stairs",
    "fitness before surgery",
    "review after angioplasty",
)
_MISSPELLINGS = {
    "ejection": ("ejecton", "ejction"),
    "fraction": ("fracton", "frction"),
    "hypokinesia": ("hypokinesa", "hypokenesia"),
    "hypokinetic": ("hypokintic", "hypokenetic"),
    "akinesia": ("akinesa", "akenesia"),
    "pulmonary": ("pulmonery", "pulmnary"),
    "hypertension": ("hypertention", "hypertenson"),
    "abnormality": ("abnormalty", "abnormaility"),
    "regional": ("reginal", "regonal"),
    "moderate": ("modrate", "moderte"),
    "inferior": ("infeior", "inferor"),
    "anterior": ("anteror", "anterier"),
}


@dataclass(frozen=True)
class Measurement:
    """One row of the M-mode table; `normal` is the printed reference range, without unit."""

    label: str
    value: str
    unit: str
    normal: str
    marks: tuple[Mark, ...] = ()


def history(plan: PatientPlan, prose: bool, rng: np.random.Generator) -> list[Phrase]:
    """Why the patient came, and what was known."""
    complaint = pick(rng, _COMPLAINTS)
    lines = [f"Referred with {complaint}." if prose else f"Indication: {complaint}"]
    if "systemic_hypertension" in plan.extras:
        lines.append(
            pick(
                rng,
                (
                    "Known systemic hypertension, on treatment.",
                    "Severe hypertension for eight years, on three drugs.",
                    "Hypertension and diabetes, on tablets.",
                ),
            )
        )
    if "stress_percentages" in plan.extras:
        share = int(rng.integers(82, 96))
        lines.append(
            pick(
                rng,
                (
                    f"Treadmill test last month: {share} % of the target heart rate reached.",
                    f"Exercise test: reached {share}% of predicted heart rate, stopped for tiredness.",
                ),
            )
        )
    if "other_percentages" in plan.extras:
        lad, rca = int(rng.integers(12, 19)) * 5, int(rng.integers(4, 11)) * 5
        lines.append(f"Coronary angiogram: LAD {lad} % stenosis, RCA {rca} % plaque. SpO2 97 % on room air.")
    if "other_organ_ef" in plan.extras:
        lines.append(f"HIDA scan: gall bladder ejection fraction {int(rng.integers(24, 46))} %.")
    return [Phrase(line) for line in lines]


def chambers(plan: PatientPlan, rng: np.random.Generator) -> str:
    """The size of the left-sided chambers, in keeping with the EF."""
    if plan.ef_percent < 40:
        return pick(rng, ("LV and LA dilated", "dilated LV, LA enlarged"))
    if "systemic_hypertension" in plan.extras:
        return pick(rng, ("concentric LVH, hypertensive heart", "hypertensive LVH, cavity normal in size"))
    return pick(
        rng, ("LV normal in size", "all chambers normal in size", "LV cavity and wall thickness normal")
    )


def right_ventricle(plan: PatientPlan, rng: np.random.Generator) -> str:
    """The right ventricle: its wall motion and its EF say nothing about the left."""
    parts = [pick(rng, ("RA and RV normal in size", "right heart not enlarged"))]
    if "rv_hypokinesia" in plan.extras:
        parts = [pick(rng, ("RV dilated, RV free wall hypokinetic", "mild RV hypokinesia", "RV hypokinetic"))]
    if "rv_ef" in plan.extras:
        parts.append(f"RV ejection fraction {_other_than(plan, rng, 38, 58)} %")
    elif "rv_hypokinesia" not in plan.extras:
        parts.append(pick(rng, ("RV function good", f"TAPSE {int(rng.integers(17, 25))} mm")))
    return ", ".join(parts)


def _other_than(plan: PatientPlan, rng: np.random.Generator, low: int, high: int) -> int:
    """A number that no honest reading of the LV's EF could give."""
    return pick(rng, [number for number in range(low, high) if abs(number - plan.ef_percent) > 3])


def valves(plan: PatientPlan, mentions_tr: bool, rng: np.random.Generator) -> str:
    """Valve findings; grades printed here belong to the valves."""
    mitral = pick(
        rng, ("mild MR", "moderate MR") if plan.ef_percent < 45 else ("trivial MR", "no MR", "mild MR")
    )
    aortic = pick(rng, ("no AR", "aortic valve sclerosed, no AS", "trivial AR"))
    parts = [mitral, aortic]
    if not mentions_tr:
        parts.append(pick(rng, ("trivial TR", "mild TR", "no TR")))
    if "pulmonary_valve_grade" in plan.extras:
        parts.append(
            pick(rng, ("mild pulmonary regurgitation", "moderate PR", "mild pulmonary valve stenosis"))
        )
    return ", ".join(parts)


def septa(plan: PatientPlan, rng: np.random.Generator) -> str:
    """Septa and great vessels."""
    if "aneurysm_elsewhere" in plan.extras:
        return pick(
            rng,
            (
                "aneurysm of the interatrial septum, no shunt",
                "ascending aorta aneurysmal, 4.6 cm",
                "atrial septal aneurysm, IVS intact",
            ),
        )
    return pick(rng, ("IAS and IVS intact", "septa intact", "no shunt across the septa"))


def remainder(rng: np.random.Generator) -> str:
    """What is usually written last."""
    return pick(
        rng, ("no clot, no pericardial effusion", "no effusion, no vegetation", "pericardium normal, no clot")
    )


def diastolic(plan: PatientPlan, rng: np.random.Generator) -> str:
    """Diastolic function, whose grade is a Roman numeral."""
    if plan.ef_percent < 40:
        return pick(rng, ("grade II LV diastolic dysfunction", "grade III LVDD"))
    return pick(rng, ("grade I LVDD", "grade I LV diastolic dysfunction", "normal LV filling"))


def measurements(
    plan: PatientPlan, ef_value: Phrase | None, with_normals: bool, rng: np.random.Generator
) -> list[Measurement]:
    """The M-mode rows; `ef_value` is the EF as printed, or None where the table does not show it."""
    shortening = round(plan.ef_percent * 0.54 + float(rng.uniform(-1.5, 1.5)))
    diastole = 4.5 + max(0.0, 52 - plan.ef_percent) * 0.045 + float(rng.uniform(-0.2, 0.3))
    rows = [
        ("Aortic root", f"{rng.uniform(2.5, 3.4):.1f}", "cm", "2.0-3.7"),
        ("Left atrium", f"{rng.uniform(3.0, 3.9) + (plan.ef_percent < 40) * 0.6:.1f}", "cm", "1.9-4.0"),
        ("LVID (d)", f"{diastole:.1f}", "cm", "3.7-5.6"),
        ("LVID (s)", f"{diastole * (1 - shortening / 100):.1f}", "cm", "2.2-4.0"),
        ("IVS (d)", f"{rng.uniform(0.8, 1.2):.1f}", "cm", "0.6-1.1"),
        ("LVPW (d)", f"{rng.uniform(0.8, 1.1):.1f}", "cm", "0.6-1.1"),
    ]
    if "mitral_ef_slope" in plan.extras:
        rows.append(("Mitral E-F slope", str(int(rng.integers(72, 118))), "mm/s", "70-150"))
    table = [Measurement(*row) for row in rows]
    table.append(Measurement("FS", str(shortening), "%", "25-44"))
    if ef_value is not None:
        table.append(Measurement("EF", ef_value.text, "", "55-70", ef_value.marks))
    if with_normals:
        return table
    return [Measurement(row.label, row.value, row.unit, "", row.marks) for row in table]


def misspell(phrases: Sequence[Phrase], rng: np.random.Generator) -> tuple[list[Phrase], bool]:
    """One or two terms spelt wrong throughout; also whether any term was there to spell wrong."""
    text = " ".join(phrase.text for phrase in phrases).lower()
    present = [term for term in _MISSPELLINGS if re.search(rf"\b{term}\b", text)]
    chosen = {term: pick(rng, _MISSPELLINGS[term]) for term in present[: 1 + int(rng.integers(2))]}
    if not chosen:
        return list(phrases), False

    def edit(part: str) -> str:
        for right, wrong in chosen.items():
            part = re.sub(rf"\b{right}\b", wrong, part)
            part = re.sub(rf"\b{right.capitalize()}\b", wrong.capitalize(), part)
            part = re.sub(rf"\b{right.upper()}\b", wrong.upper(), part)
        return part

    return [phrase.change(edit) for phrase in phrases], True
