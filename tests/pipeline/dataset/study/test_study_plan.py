"""Labels of a study draw from chance of their own: where nothing is planted, nothing is there to find."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset.study.building import photographed
from pipeline.dataset.study.plan import StudyPlan, drawn
from pipeline.waveforms.cohort_table import PatientRow
from pipeline.waveforms.morphology import Morphology
from pipeline.waveforms.planted import Strength, draw_severities, planted_recordings
from pipeline.waveforms.planted_bases import DipoleBase
from pipeline.waveforms.recording import Recording
from pipeline.waveforms.streams import Stream, drawing

NOTHING = StudyPlan(patients=5, seed=8, strength=Strength(0, 0))
OF_LABELS = (Stream.COHORT, Stream.SEVERITIES, Stream.LABEL_ERRORS, Stream.BASE_ORDER)


def pages(patients: Sequence[PatientRow], plan: StudyPlan) -> list[NDArray[np.uint8]]:
    severities = draw_severities(patients, plan.strength, drawing(plan.seed, Stream.SEVERITIES))
    recordings = planted_recordings(patients, severities, DipoleBase(), seed=plan.seed)
    return [photographed(*both, plan).image for both in zip(patients, recordings, strict=True)]


def with_labels_of(patient: PatientRow, other: PatientRow) -> PatientRow:
    """The same person with all that another one has and is not read from the page: labels, age, sex, site."""
    return replace(other, number=patient.number, territory=patient.territory)


def test_where_nothing_is_planted_every_page_is_the_same_with_another_persons_labels() -> None:
    patients, _ = drawn(NOTHING)
    ill = [replace(patient, ef_percent=20.0 + patient.number) for patient in patients]
    changed = [with_labels_of(*both) for both in zip(patients, [*ill[1:], ill[0]], strict=True)]
    for page, again in zip(pages(patients, NOTHING), pages(changed, NOTHING), strict=True):
        assert np.array_equal(page, again)
    planted = replace(NOTHING, strength=Strength(0.9, 0.9))
    both = zip(pages(patients, planted), pages(changed, planted), strict=True)
    assert not any(np.array_equal(page, again) for page, again in both)


class Watched(DipoleBase):
    """Notes the state of the chance that each person's beats are drawn with."""

    def __init__(self) -> None:
        super().__init__()
        self.states: list[Any] = []

    def changed(self, place: int, change: Morphology, rng: np.random.Generator) -> Recording:
        self.states.append(rng.bit_generator.state)
        return super().changed(place, change, rng)


def test_no_beats_are_drawn_from_the_stream_of_the_labels() -> None:
    patients, severities = drawn(replace(NOTHING, patients=8))
    base = Watched()
    list(planted_recordings(patients, severities, base, seed=NOTHING.seed))
    of_labels = [drawing(NOTHING.seed, what).bit_generator.state for what in OF_LABELS]
    assert len(base.states) == len(patients)
    assert not [state for state in base.states if state in of_labels]


def test_every_purpose_and_every_person_has_chance_of_its_own() -> None:
    places = range(500)
    first = [drawing(8, what).random() for what in OF_LABELS]
    for what in (Stream.LOOKS, Stream.BEATS, Stream.GENERATED_BEATS, Stream.CAMERAS):
        first += [drawing(8, what, place).random() for place in places]
    assert len(set(first)) == len(OF_LABELS) + 4 * len(places)
