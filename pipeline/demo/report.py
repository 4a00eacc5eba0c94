"""What one report says, before it is laid out: sections of phrases and the truth they add up to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np

from db.labels import Findings, Rwma
from pipeline.demo.people import printed_date
from pipeline.demo.plan import MEASURED_LAYOUTS, PatientPlan
from pipeline.demo.wording import rest
from pipeline.demo.wording.ef import ef_statement, previous_ef
from pipeline.demo.wording.phrase import Phrase, join, sentence
from pipeline.demo.wording.pressure import pah_statement
from pipeline.demo.wording.rest import Measurement
from pipeline.demo.wording.statement import Statement
from pipeline.demo.wording.walls import rwma_statement

PROSE_LAYOUTS = ("typed_letter", "discharge_summary")


@dataclass
class Report:
    """The sections of a report and its truth.

    Attributes:
        date_style: which hospital's way of writing dates; see `people.printed_date`.
        history, previous, conclusion: one phrase a line or sentence.
        measurements: rows of the M-mode table; empty where the layout has none.
        observations: heading and phrase.
        printed: what the words on the paper say; `lv_function` before the layout changed its capitals.
        also_accept: defensible other answers, by field of `Findings`.
        traps: every trap that was really printed, sorted.
    """

    plan: PatientPlan
    date_style: int
    history: list[Phrase]
    previous: list[Phrase]
    measurements: list[Measurement]
    observations: list[tuple[str, Phrase]]
    conclusion: list[Phrase]
    printed: Findings
    also_accept: dict[str, tuple[str, ...]] = field(default_factory=dict)
    traps: tuple[str, ...] = ()


def compose(plan: PatientPlan, rng: np.random.Generator) -> Report:
    """Word one patient's report."""
    prose = plan.layout in PROSE_LAYOUTS
    ef = _placed_ef(plan, ef_statement(plan, prose, rng), rng)
    walls = rwma_statement(plan, prose, rng)
    pressure = pah_statement(plan, prose, rng)
    said = [statement for statement in (ef, walls, pressure) if statement is not None]
    style = int(rng.integers(6))
    earlier = plan.report_date - timedelta(days=int(rng.integers(90, 700)))
    has_previous = "previous_ef" in plan.extras
    traps = {trap for statement in said for trap in statement.traps}
    rows = _rows(plan, ef, traps, rng)
    report = Report(
        plan=plan,
        date_style=style,
        history=rest.history(plan, prose, rng),
        previous=[previous_ef(plan, prose, printed_date(earlier, style), rng)] if has_previous else [],
        measurements=rows,
        observations=_observations(plan, ef, walls, pressure, rng),
        conclusion=_conclusion(plan, said, rng),
        printed=_truth(said),
        also_accept={name: values for statement in said for name, values in statement.also_accept.items()},
    )
    if "misspellings" in plan.extras and _misspell(report, rng):
        traps.add("misspellings")
    if plan.layout == "indian_table":
        report.conclusion = [phrase.upper() for phrase in report.conclusion]
    report.traps = tuple(sorted(traps | _other_traps(report)))
    return report


def _placed_ef(plan: PatientPlan, ef: Statement, rng: np.random.Generator) -> Statement:
    """The EF stands in the conclusion, in the findings, or in both."""
    where = rng.random()
    if plan.ef_style == "several_methods" or where < 0.4:
        return ef
    finding, conclusion = (None, ef.conclusion) if where < 0.85 else (ef.finding, None)
    return Statement(finding, conclusion, ef.facts, ef.also_accept, ef.traps)


def _rows(plan: PatientPlan, ef: Statement, traps: set[str], rng: np.random.Generator) -> list[Measurement]:
    if plan.layout not in MEASURED_LAYOUTS:
        return []
    plain = plan.ef_style == "plain" and not plan.extras & {"hyphen_before_ef"}
    source = ef.conclusion or ef.finding
    value = None
    if plain and source is not None and rng.random() < 0.6:
        marks = tuple(mark for mark in source.marks if mark.tag == "ef_percent")
        value = Phrase(marks[0].quote, marks)
    normals = "reference_range" in plan.extras or rng.random() < 0.35
    traps.add("fs_beside_ef")
    if normals and value is not None:
        traps.add("reference_range")
    return rest.measurements(plan, value, normals, rng)


def _observations(
    plan: PatientPlan,
    ef: Statement,
    walls: Statement | None,
    pressure: Statement | None,
    rng: np.random.Generator,
) -> list[tuple[str, Phrase]]:
    left = [Phrase(rest.chambers(plan, rng))]
    if ef.finding is not None:
        left.append(ef.finding)
    mentions_tr = pressure is not None and any(
        "TR" in phrase.text for phrase in (pressure.finding, pressure.conclusion) if phrase is not None
    )
    sections = [
        ("Left ventricle", join([left[0], *(sentence(phrase) for phrase in left[1:])], ". ")),
        ("Right ventricle", Phrase(rest.right_ventricle(plan, rng))),
        ("Valves", Phrase(rest.valves(plan, mentions_tr, rng))),
        ("Septa and vessels", Phrase(rest.septa(plan, rng))),
        ("Others", Phrase(rest.remainder(rng))),
    ]
    if walls is not None and walls.finding is not None:
        sections.insert(1, ("Wall motion", walls.finding))
    if pressure is not None and pressure.finding is not None:
        sections.insert(-2, ("Doppler", pressure.finding))
    if "rv_ef" in plan.extras:
        # The right ventricle's EF must come before the left's: that is the trap.
        sections.sort(key=lambda section: section[0] != "Right ventricle")
    return sections


def _conclusion(plan: PatientPlan, said: Iterable[Statement], rng: np.random.Generator) -> list[Phrase]:
    parts = [statement.conclusion for statement in said if statement.conclusion is not None]
    if rng.random() < 0.5:
        parts.insert(min(1, len(parts)), Phrase(rest.diastolic(plan, rng)))
    if rng.random() < 0.6:
        order = rng.permutation(len(parts))
        parts = [parts[int(place)] for place in order]
    parts.append(Phrase(rest.remainder(rng)))
    return parts


def _truth(said: Iterable[Statement]) -> Findings:
    facts = {name: value for statement in said for name, value in statement.facts.items()}
    return Findings.model_validate(facts)


def _misspell(report: Report, rng: np.random.Generator) -> bool:
    """Spell some terms wrong, in place; whether there were any."""
    observed = [phrase for _, phrase in report.observations]
    changed, done = rest.misspell([*observed, *report.conclusion], rng)
    headings = [heading for heading, _ in report.observations]
    report.observations = list(zip(headings, changed[: len(observed)], strict=True))
    report.conclusion = changed[len(observed) :]
    return done


def _other_traps(report: Report) -> set[str]:
    """Extras that are printed wherever they are planned, and what follows from the rest."""
    planned = report.plan.extras - {"misspellings", "reference_range", "hyphen_before_ef"}
    if report.plan.rwma_style == "rwma_not_mentioned":
        planned = planned | {"rwma_not_mentioned"}
    words = report.printed.lv_function or ""
    ungraded = report.printed.rwma is Rwma.PRESENT and report.printed.rwma_severity == "not_stated"
    valves = " ".join(phrase.text for heading, phrase in report.observations if heading == "Valves")
    if ungraded and any(grade in f"{words} {valves}" for grade in ("mild", "moderate", "severe")):
        planned = planned | {"grade_not_borrowed"}
    return planned
