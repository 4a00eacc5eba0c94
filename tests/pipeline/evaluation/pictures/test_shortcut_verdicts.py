"""Models that read a known thing on the page: the evaluation says which, by what their answers follow.

They are no networks but measure ink on small made-up sheets, so that what they read is known for sure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from collapses import collapse_of
from fabricated_runs import Said, fabricate

from db.measures.discrimination import auroc
from db.measures.estimate import Estimate
from pipeline.dataset.opened import Pair, open_snapshot
from pipeline.evaluation.pictures.attributions import Attributed, Attributions, Randomised
from pipeline.evaluation.pictures.counterfactuals import Counterfactuals, counterfactuals, follow_rate
from pipeline.evaluation.pictures.shortcuts import (
    attribution_verdicts,
    prediction_spread,
    shortcut_verdicts,
)
from pipeline.evaluation.pictures.subjects import Subjects
from pipeline.evaluation.results import Severity, as_data
from pipeline.modeling.attention import Scrambled
from pipeline.modeling.ensemble import Predictions
from pipeline.training.run_folder import open_run
from pipeline.waveforms.cohort_table import PatientRow, invent_cohort

N, SIDE = 60, 32
Square = np.ndarray
Reader = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Sheets:
    """Pages of a few pixels: a header above, a spike below whose height follows the EF, a tone of paper.

    Attributes:
        heights: of each patient's spike, pixels. headers, tones: how dark header and paper are, grey levels.
    """

    heights: np.ndarray
    headers: np.ndarray
    tones: np.ndarray
    masks: str = "exact"
    changes: tuple[str, ...] = ("header", "paper")

    def sheet(self, height: int, header: int, tone: int) -> Square:
        square = np.full((SIDE, SIDE), 230 - tone, dtype=np.uint8)
        square[:4, 4:28] -= np.uint8(header)
        square[SIDE - height : SIDE, 15:17] = 20
        return square

    def own(self, place: int) -> Square:
        return self.sheet(int(self.heights[place]), int(self.headers[place]), int(self.tones[place]))

    def erased(self, place: int) -> Square:
        return self.sheet(0, int(self.headers[place]), int(self.tones[place]))

    def changed(self, change: str, place: int, other: int) -> Square:
        header = other if change in ("header", "look") else place
        tone = other if change in ("paper", "look") else place
        return self.sheet(int(self.heights[place]), int(self.headers[header]), int(self.tones[tone]))

    def with_waveform(self, place: int, other: int) -> Square:
        return self.sheet(int(self.heights[other]), int(self.headers[place]), int(self.tones[place]))


def cohort(*, tells_header: bool = False) -> tuple[Subjects, Sheets]:
    """Half ill; the spike follows the EF, and the header the illness where it tells it."""
    people = half_ill(N)
    rng = np.random.default_rng(4)
    ef = np.array([person.ef_percent for person in people])
    rwma = np.array([int(person.is_rwma_significant) for person in people])
    is_ill = (ef < 50) | (rwma == 1)
    subjects = Subjects(
        pairs=tuple(pair(person) for person in people),
        folds=np.arange(N) // 2 % 2,
        ef_percent=ef,
        rwma=rwma,
        one_view=Predictions(np.full(N, np.nan), np.full(N, np.nan)),
    )
    headers = np.where(is_ill, 90, 30) if tells_header else rng.choice([30, 90], size=N)
    heights = np.clip(ef / 3 - 4 * rwma + rng.normal(0, 1, N), 2, 26).astype(int)
    return subjects, Sheets(heights, headers, rng.integers(0, 30, N))


def half_ill(n: int) -> list[PatientRow]:
    drawn = invent_cohort(400, np.random.default_rng(1))
    ill = [one for one in drawn if one.ef_percent < 50 or one.is_rwma_significant]
    well = [one for one in drawn if one not in ill]
    return [one for both in zip(ill, well, strict=False) for one in both][:n]


def pair(person: PatientRow) -> Pair:
    return Pair(
        f"r{person.number}", f"i{person.number}", f"p{person.number}", f"g{person.number}", 0, None,
        person.ef_percent, "stated", "=", "present", "severe", "", person.site, True,
    )  # fmt: skip


def reads_waveform(squares: np.ndarray) -> np.ndarray:
    """How short the spike is: the iller, the shorter; and a little of the paper's tone, as any network."""
    return -(squares[:, 4:, 15] < 40).sum(axis=1) - 0.01 * squares[:, 0, 0]


def reads_header(squares: np.ndarray) -> np.ndarray:
    """How dark the header is, beside the paper around it."""
    return squares[:, 0, 0].astype(float) - squares[:, 0, 10]


def model(reader: Reader, own: np.ndarray) -> Callable[..., Predictions]:
    """A model whose answers are what it reads, scaled to the pages as they are."""
    middle, spread = float(np.median(own)), float(own.std()) or 1.0

    def answer(squares: np.ndarray, folds: np.ndarray) -> Predictions:
        score = np.tanh((reader(squares) - middle) / spread / 2)
        return Predictions(50 - 15 * score, 0.5 + 0.45 * score)

    return answer


def found_of(
    reader: Reader,
    *,
    tells_header: bool = False,
    masks: str = "exact",
    changes: tuple[str, ...] = ("header", "paper"),
) -> Counterfactuals:
    subjects, pages = cohort(tells_header=tells_header)
    own = reader(np.stack([pages.own(place) for place in range(N)]))
    answer = model(reader, own)
    pages = replace(pages, masks=masks, changes=changes)
    return counterfactuals(subjects, pages, answer, np.random.default_rng(1), resamples=200)


@pytest.fixture(scope="module")
def honest() -> Counterfactuals:
    return found_of(reads_waveform)


@pytest.fixture(scope="module")
def cheating() -> Counterfactuals:
    return found_of(reads_header, tells_header=True)


def faults(found: Counterfactuals) -> set[str]:
    return {one.id for one in shortcut_verdicts(found) if one.severity is Severity.FAULT}


def test_who_reads_the_waveform_has_no_fault(honest: Counterfactuals) -> None:
    assert honest.own.rwma_auroc.low > 0.5
    assert faults(honest) == set()
    assert honest.erased.rwma_auroc.low <= 0.5 <= honest.erased.rwma_auroc.high
    assert honest.erased.ef_r.low <= 0 <= honest.erased.ef_r.high
    assert honest.rwma_follows.value >= 0.95
    assert honest.ef_follows.value >= 0.95


def reads_waveform_and_tone(squares: np.ndarray) -> np.ndarray:
    """By the waveform, and shaken by the tone of the paper, which tells nothing."""
    return reads_waveform(squares) - 0.35 * squares[:, 0, 0]


def test_how_many_follow_a_waveform_is_explained_by_how_much_of_the_answers_is_look() -> None:
    honest = found_of(reads_waveform, changes=("look",))
    assert honest.rwma_look_share.high < 0.02 and honest.rwma_would_follow.low > 0.97
    shaken = found_of(reads_waveform_and_tone, changes=("look",))
    assert shaken.rwma_follows.value < 0.95 and 0.05 < shaken.rwma_look_share.value < 0.5
    for follows, expected in (
        (shaken.rwma_follows, shaken.rwma_would_follow), (shaken.ef_follows, shaken.ef_would_follow),
    ):  # fmt: skip
        assert expected.low < follows.value < expected.high
    cheating = found_of(reads_header, tells_header=True, changes=("look",))
    assert cheating.rwma_look_share.value > 0.9 and cheating.rwma_would_follow.value < 0.1


def test_a_twentieth_of_the_variance_is_as_much_as_95_in_100_can_bear() -> None:
    assert follow_rate(0.0, 100) == 1.0
    found = [follow_rate(share, 20) for share in (0.05, 0.065, 0.2, 0.5)]
    assert found == pytest.approx([0.97, 0.95, 0.78, 0.51], abs=0.015)


def test_who_reads_the_header_is_caught_by_erasing_and_by_exchanging_it(cheating: Counterfactuals) -> None:
    assert cheating.erased.low_ef_auroc.value == pytest.approx(cheating.own.low_ef_auroc.value, abs=0.02)
    assert faults(cheating) == {"erased_still_told", "moves_with_header", "waveform_not_followed"}
    swap = next(one for one in cheating.swaps if one.name == "header")
    assert swap.told.rwma_auroc.high < 0.5
    assert swap.rwma.towards.low > 0.3


def test_the_same_chance_gives_the_same_numbers(honest: Counterfactuals) -> None:
    again = found_of(reads_waveform)
    assert as_data(again) == as_data(honest)


def test_a_model_that_tells_nothing_is_not_called_sound() -> None:
    subjects, pages = cohort()

    def answer(squares: np.ndarray, folds: np.ndarray) -> Predictions:
        return Predictions(np.full(len(squares), 55.0), np.full(len(squares), 0.3))

    found = counterfactuals(subjects, pages, answer, np.random.default_rng(1), resamples=50)
    assert [one.id for one in shortcut_verdicts(found)] == ["nothing_told"]
    assert not found.rwma_follows.is_known and not found.rwma_look_share.is_known


def test_the_level_of_a_folds_models_is_not_taken_for_a_waveform() -> None:
    subjects, pages = cohort()
    ill = [float(subjects.is_ill[subjects.folds == fold].mean()) for fold in (0, 1)]

    def answer(squares: np.ndarray, folds: np.ndarray) -> Predictions:
        tone = 0.001 * squares[:, 0, 0]
        return Predictions(50 + 10.0 * folds + tone, 0.3 + 0.2 * folds + tone)

    found = counterfactuals(subjects, pages, answer, np.random.default_rng(1), resamples=100)
    level = auroc(0.2 * subjects.folds, subjects.rwma == 1)
    assert ill == [0.5, 0.5]
    assert abs(level - 0.5) > 0.02
    assert found.erased.rwma_auroc.value == pytest.approx(found.swaps[0].told.rwma_auroc.value, abs=0.2)
    assert found.erased.rwma_auroc.low < 0.5 < found.erased.rwma_auroc.high


def test_partners_are_of_the_same_fold() -> None:
    subjects, pages = cohort()
    seen: list[tuple[int, int]] = []

    class Watched(Sheets):
        def changed(self, change: str, place: int, other: int) -> Square:
            seen.append((place, other))
            return super().changed(change, place, other)

        def with_waveform(self, place: int, other: int) -> Square:
            seen.append((place, other))
            return super().with_waveform(place, other)

    watched = Watched(pages.heights, pages.headers, pages.tones)
    answer = model(reads_waveform, np.array([-20.0, -10.0]))
    counterfactuals(subjects, watched, answer, np.random.default_rng(1), resamples=20)
    assert len(seen) == 3 * N
    assert all(subjects.folds[one] == subjects.folds[other] for one, other in seen)


def test_what_an_estimated_mask_leaves_of_a_trace_is_only_a_warning() -> None:
    found = found_of(reads_header, tells_header=True, masks="estimated")
    verdicts = {one.id: one.severity for one in shortcut_verdicts(found)}
    assert verdicts["erased_still_told"] is Severity.WARNING
    assert verdicts["moves_with_header"] is Severity.FAULT


def test_answers_that_gather_at_the_mean_are_a_fault(tmp_path: Path) -> None:
    made = fabricate(
        tmp_path,
        patients=100,
        answer=lambda truth, rng: Said(
            54 + 0.05 * (truth.ef_percent - 54) + rng.normal(0, 0.5, len(truth.ef_percent)),
            np.full(len(truth.ef_percent), 0.3),
        ),
    )
    spread = prediction_spread(open_run(made.run).predictions(), seed=1, resamples=100)
    assert spread is not None
    assert collapse_of(open_run(made.run), open_snapshot(made.snapshot)) == [("collapse", Severity.FAULT)]
    assert spread.ratio.value < 0.15
    assert spread.low_bias_points.low > 10
    assert spread.low_found.value == 0


def test_answers_that_keep_their_spread_are_none(tmp_path: Path) -> None:
    made = fabricate(
        tmp_path,
        patients=100,
        answer=lambda truth, rng: Said(
            truth.ef_percent + rng.normal(0, 8, len(truth.ef_percent)), np.full(len(truth.ef_percent), 0.3)
        ),
    )
    assert collapse_of(open_run(made.run), open_snapshot(made.snapshot)) == []


def test_maps_that_ignore_weights_or_lie_beside_the_page_are_warned_of() -> None:
    def sure(value: float) -> Estimate:
        return Estimate(value, value - 0.01, value + 0.01, 20)

    steps = (Scrambled("heads", 0.99), Scrambled("conv_stem", 0.95))
    looks = (
        Attributed("rwma", "layer_cam", sure(0.9), sure(0.5), sure(0.3)),
        Attributed("ef", "layer_cam", sure(2.0), sure(0.1), sure(0.3)),
    )
    found = Attributions(looks, (Randomised("ef", "layer_cam", steps),))
    assert [(one.id, one.values["head"]) for one in attribution_verdicts(found)] == [
        ("map_ignores_weights", "ef"),
        ("looks_beside_the_page", "rwma"),
    ]
