"""What a semi-synthetic study is to be, and the invented patients and labels that follow from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from pipeline.dataset.study.pages import PHONE_SHARE, Shortcuts
from pipeline.waveforms.cohort_table import PatientRow, invent_cohort
from pipeline.waveforms.ef_spread import spread_limits, spread_lines
from pipeline.waveforms.planted import Attainable, Severities, Strength, attainable, draw_severities
from pipeline.waveforms.streams import Stream, drawing


@dataclass(frozen=True)
class StudyPlan:
    """What is made.

    Attributes:
        strength: how much of EF and wall motion the waveform tells; both 0 plant nothing.
        label_errors: share of the labels (EF and wall motion, each by itself) that are another patient's.
    """

    patients: int = 500
    seed: int = 20260401
    strength: Strength = field(default_factory=lambda: Strength(0.9, 0.9))
    shortcuts: Shortcuts = field(default_factory=Shortcuts)
    label_errors: float = 0.0


def drawn(plan: StudyPlan) -> tuple[list[PatientRow], Severities]:
    """The patients and their hidden severities; the same plan draws the same."""
    patients = invent_cohort(
        plan.patients, drawing(plan.seed, Stream.COHORT), site_strength=plan.shortcuts.site
    )
    return patients, draw_severities(patients, plan.strength, drawing(plan.seed, Stream.SEVERITIES))


def attainable_of(plan: StudyPlan) -> Attainable:
    """What can be known of the true labels from the waveforms of a plan's patients."""
    patients, severities = drawn(plan)
    return attainable(patients, severities, plan.strength)


def planted_lines(plan: StudyPlan) -> list[str]:
    """In sentences: what can be found at best, and how EF is spread here beside what the paper prints."""
    known = attainable_of(plan)
    ef = np.array([patient.ef_percent for patient in drawn(plan)[0]])
    return [
        f"Planted in these ECGs: at best EF r {known.ef_r:.2f} and mean error {known.ef_mae:.1f} points, "
        f"wall motion AUROC {known.rwma_auroc:.2f}. Semi-synthetic: it says nothing about real ECGs.",
        f"EF here: {ef.min():g} to {ef.max():g}, mean {ef.mean():.1f}, SD {ef.std():.1f}.",
        *spread_lines(spread_limits()),
    ]


def even_scans(labels: Sequence[PatientRow], folds: Mapping[int, int], plan: StudyPlan) -> frozenset[int]:
    """Numbers of the patients whose page is scanned: of each fold and of like findings the same share.

    A network sees at once what took a page. Drawn by chance alone, scans go with the findings a little: in
    all folds alike, which looks like something learnt, or the other way in one fold than in the rest, which
    pushes what is said of that fold below chance (docs/experiments.md).

    Args:
        labels: a row for each patient, as the snapshot has it. folds: by number.
    """
    order = sorted(
        labels, key=lambda one: (folds[one.number], one.is_rwma_significant, one.ef_percent, one.number)
    )
    edges = np.linspace(0, len(order), round(len(order) * (1 - PHONE_SHARE)) + 1).round().astype(int)
    chance = drawing(plan.seed, Stream.SCANS)
    places = [int(chance.integers(low, high)) for low, high in zip(edges, edges[1:], strict=False)]
    return frozenset(order[place].number for place in places)


def given_labels(patients: Sequence[PatientRow], plan: StudyPlan) -> tuple[list[PatientRow], int]:
    """The labels that go into the snapshot: the truth, but for a share that are another patient's.

    Returns:
        a row for each patient, whose EF and wall motion are the label; and how many differ from the truth.
    """
    rng = drawing(plan.seed, Stream.LABEL_ERRORS)
    labels = list(patients)
    for names in (("ef_percent",), ("rwma_severity", "walls", "territory")):
        for place in np.flatnonzero(rng.random(len(patients)) < plan.label_errors):
            other = patients[int(rng.integers(len(patients)))]
            labels[place] = replace(labels[place], **{name: getattr(other, name) for name in names})
    wrong = sum(
        (label.ef_percent, label.rwma_severity) != (patient.ef_percent, patient.rwma_severity)
        for label, patient in zip(labels, patients, strict=True)
    )
    return labels, wrong
