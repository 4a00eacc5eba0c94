"""What an evaluation says of its own numbers: no more than they show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_snapshots import tiny

from db.measures.estimate import Estimate
from db.measures.predicting.logistic import chances
from db.measures.predicting.redraws import Redraws
from pipeline.evaluation.all_parts import Options, parts_of_answers, untaught_verdicts
from pipeline.evaluation.answers import Answers
from pipeline.evaluation.calibration import distance_from_right, probability_numbers
from pipeline.evaluation.invented import invented_answers
from pipeline.evaluation.report.first_page import sentence_of
from pipeline.evaluation.results import Verdict, as_data


def verdicts_of(answers: Answers) -> list[Verdict]:
    return parts_of_answers(answers, Options(resamples=100))[1]


def said(verdict: Verdict) -> str:
    return sentence_of(as_data(verdict))


@pytest.fixture(scope="module")
def alike() -> list[Verdict]:
    """What is said where everybody's EF is 60 %."""
    answers = invented_answers(120)
    return verdicts_of(replace(answers, ef_percent=np.full(120, 60.0)))


def test_where_all_efs_are_alike_no_slope_is_blamed(alike: list[Verdict]) -> None:
    assert "ef_overspread" not in [one.id for one in alike]


def test_a_question_that_nobody_answers_with_yes_is_said_to_be_unmeasured(alike: list[Verdict]) -> None:
    asked = [one for one in alike if one.values.get("question", "").startswith("ef_below")]
    assert [one.id for one in asked] == ["no_such_cases"] * 3
    assert said(asked[0]) == (
        "0 of 120 cases have EF below 30, so whether it is told from the others can’t be measured."
    )


def test_one_case_alone_gives_no_number_to_quote() -> None:
    answers = invented_answers(120)
    ef = np.full(120, 60.0)
    ef[7] = 25.0
    found = {one.values.get("question"): one for one in verdicts_of(replace(answers, ef_percent=ef))}
    assert found["ef_below_30"].id == "too_few_positives"
    assert said(found["ef_below_30"]).endswith("must not be quoted.")


def test_a_gain_that_may_be_none_is_said_of_these_records_and_of_ef_alone() -> None:
    answers = invented_answers(200, ef_strength=0.35, rwma_strength=0.8)
    found = {one.id: said(one) for one in verdicts_of(answers)}
    assert found["no_better_than_median"].startswith("As far as these records tell, ")
    assert "no better at EF than answering the median for everybody" in found["no_better_than_median"]
    assert "no_better_than_chance" not in found or "as far as these" in found["no_better_than_chance"]


def calibration_of(shift: float, slope: float, seed: int) -> Estimate:
    """ICI of 300 probabilities whose log-odds are wrong by a shift and a slope."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(-1.2, 1.2, 300)
    happened = rng.random(300) < chances(shift + slope * odds)
    redraws = Redraws.of(np.arange(300), rng, 200)
    return probability_numbers(chances(odds), happened, redraws).measures["ici"]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_interval_of_a_distance_holds_0_where_nothing_is_wrong_and_not_where_much_is(seed: int) -> None:
    right, wrong = calibration_of(0, 1, seed), calibration_of(0.6, 0.6, seed)
    assert right.low == 0 < right.value <= right.high
    assert 0 < wrong.low <= wrong.value <= wrong.high


def test_a_distance_is_never_outside_its_own_interval() -> None:
    odd = Estimate(0.011, 0.012, 0.067, 298)
    assert distance_from_right(odd, np.full(200, 0.03)) == Estimate(0.011, 0.0, 0.067, 298)
    assert distance_from_right(odd, np.full(200, 0.005)) == Estimate(0.011, 0.011, 0.067, 298)
    unknown = Estimate(0.011, np.nan, np.nan, 298)
    assert distance_from_right(unknown, np.full(200, np.nan)) is unknown


@pytest.mark.parametrize(("head", "word"), [("ef", "EF"), ("rwma", "Wall motion")])
def test_a_head_that_was_not_taught_is_a_fault(head: str, word: str) -> None:
    assert list(untaught_verdicts(tiny())) == []
    (found,) = untaught_verdicts(tiny(**{f"losses__{head}_weight": 0}))
    assert (found.id, found.severity) == (f"{head}_not_taught", "fault")
    assert said(found).startswith(f"{word} was not taught")
