"""All numbers of a run, on answers whose quality is known; and what must not fool them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn import metrics

from db.measures.predicting.redraws import Redraws
from pipeline.evaluation.answers import Answers, Method
from pipeline.evaluation.binary_numbers import cut_numbers
from pipeline.evaluation.calibration import (
    ProbabilityNumbers,
    platt_out_of_fold,
    recalibration,
)
from pipeline.evaluation.ef_numbers import ef_numbers
from pipeline.evaluation.invented import invented_answers
from pipeline.evaluation.numbers import Numbers, NumbersSettings, all_numbers
from pipeline.evaluation.parts.conformal import band_limits, conformal_numbers, difficulty
from pipeline.evaluation.parts.fold_numbers import dealt_folds, fold_numbers
from pipeline.evaluation.parts.operating_points import DEPLOYED, operating_numbers
from pipeline.evaluation.parts.referral_numbers import cleared_by, clearing_rule, referral_numbers
from pipeline.evaluation.parts.subgroups import subgroup_rows
from pipeline.evaluation.reference_rows import MEDIAN, NETWORK, reference_rows
from pipeline.evaluation.results import NotRun, results_bytes
from pipeline.evaluation.screens import ef_screen, rwma_screen
from pipeline.referral import OperatingPoints

FEW = NumbersSettings(resamples=60, deals=60)


def redraws_of(answers: Answers, resamples: int = 120) -> Redraws:
    return Redraws.of(answers.patients, np.random.default_rng(0), resamples)


@pytest.fixture(scope="module")
def answers() -> Answers:
    return invented_answers()


@pytest.fixture(scope="module")
def numbers(answers: Answers) -> Numbers:
    return all_numbers(answers, np.random.default_rng(1), FEW)


# ---- all of them


def test_the_same_answers_give_the_same_bytes(answers: Answers, numbers: Numbers) -> None:
    again = all_numbers(answers, np.random.default_rng(1), FEW)
    assert results_bytes({"all": again}) == results_bytes({"all": numbers})


def test_records_without_labels_are_counted_and_left_out(answers: Answers) -> None:
    some = replace(
        answers,
        ef_percent=np.where(np.arange(500) < 100, np.nan, answers.ef_percent),
        rwma=np.where(np.arange(500) >= 400, -1, answers.rwma),
    )
    found = all_numbers(some, np.random.default_rng(1), replace(FEW, resamples=20, deals=5))
    assert (found.data.with_ef, found.data.with_rwma) == (400, 400)
    assert (found.ef.n, found.binary["rwma"].n, found.binary["ef_below_40"].n) == (400, 400, 400)
    assert found.referral.n == 300


def test_a_run_too_small_for_anything_says_so_and_does_not_fail() -> None:
    few = invented_answers().where(np.arange(500) < 8)
    found = all_numbers(few, np.random.default_rng(1), replace(FEW, resamples=20, deals=5))
    assert found.data.records == 8
    assert found.referral.safe.rule is None


# ---- EF


def test_pooled_numbers_are_those_of_scikit_learn(answers: Answers, numbers: Numbers) -> None:
    pooled = numbers.ef.pooled
    truth, said = answers.ef_percent, answers.ef_said
    assert pooled["mae"].value == pytest.approx(metrics.mean_absolute_error(truth, said), abs=1e-9)
    assert pooled["r2"].value == pytest.approx(metrics.r2_score(truth, said), abs=1e-9)
    assert pooled["mae"].low < pooled["mae"].value < pooled["mae"].high
    assert sum(band.n for band in numbers.ef.bands.values()) == 500
    assert numbers.ef.limits.bias.value == pytest.approx(pooled["bias"].value, abs=1e-9)


def test_fold_means_are_means_over_folds(answers: Answers, numbers: Numbers) -> None:
    by_fold = [
        np.corrcoef(answers.ef_percent[answers.folds == fold], answers.ef_said[answers.folds == fold])[0, 1]
        for fold in range(5)
    ]
    assert numbers.ef.fold_means["r"].value == pytest.approx(np.mean(by_fold), abs=1e-9)
    assert numbers.folds.spread["ef_r"].mean == pytest.approx(np.mean(by_fold), abs=1e-9)


def test_low_hearts_predicted_near_the_mean_show_in_their_band(numbers: Numbers) -> None:
    assert numbers.ef.bands["severely_reduced"].bias.value > 8
    assert abs(numbers.ef.bands["normal"].bias.value) < 5


def test_a_spike_at_the_mean_is_a_collapse_and_an_honest_weak_model_is_none() -> None:
    spike = invented_answers(squeeze=0.1)
    assert ef_numbers(spike, redraws_of(spike)).collapse.is_collapsed
    weak = invented_answers(ef_strength=0.5)
    assert not ef_numbers(weak, redraws_of(weak)).collapse.is_collapsed
    same = replace(spike, ef_said=np.full(500, 54.0))
    found = ef_numbers(same, redraws_of(same)).collapse
    assert (found.is_collapsed, found.in_spike.value) == (True, 1)


# ---- questions


def test_every_question_has_its_counts(numbers: Numbers) -> None:
    found = {name: (one.n, one.positives) for name, one in numbers.binary.items()}
    assert found == {
        "rwma": (500, 129), "ef_below_30": (500, 8), "ef_below_40": (500, 62), "ef_below_50": (500, 143),
    }  # fmt: skip
    assert numbers.binary["rwma"].delong.value == pytest.approx(numbers.binary["rwma"].pooled["auroc"].value)


def test_too_confident_probabilities_are_put_right_out_of_fold() -> None:
    bold = invented_answers(overconfidence=5)
    screen = rwma_screen(bold)
    found = recalibration(screen, redraws_of(bold))
    before, after = found.methods["as_said"], found.methods["platt"]
    assert isinstance(before, ProbabilityNumbers)
    assert isinstance(after, ProbabilityNumbers)
    assert before.measures["slope"].value < 0.6
    assert 0.85 < after.measures["slope"].value < 1.15
    assert after.measures["ici"].value < before.measures["ici"].value
    assert found.brier_gain["platt"].low > 0
    refused = found.methods["isotonic"]
    assert isinstance(refused, NotRun)
    assert refused.reason == "few_positives"


def test_a_fold_is_put_right_by_the_others_alone(answers: Answers) -> None:
    screen = rwma_screen(answers)
    before = platt_out_of_fold(screen)
    own = screen.folds == 2
    other = replace(screen, is_positive=np.where(own, ~screen.is_positive, screen.is_positive))
    after = platt_out_of_fold(other)
    assert before is not None
    assert after is not None
    assert (before[own] == after[own]).all()
    assert (before[~own] != after[~own]).all()


# ---- cuts


def test_choosing_a_threshold_on_the_same_records_flatters(answers: Answers) -> None:
    found = operating_numbers(ef_screen(answers, 30), redraws_of(answers)).points
    tight = found["sensitivity_90"]
    assert tight.naive.sensitivity.value >= 0.9
    assert tight.nested.sensitivity.value < tight.naive.sensitivity.value
    assert tight.flattery is not None
    assert tight.flattery.value > 0
    assert len(tight.fold_thresholds) == 5


def test_the_deployed_cut_is_the_papers(answers: Answers) -> None:
    rwma = operating_numbers(rwma_screen(answers), redraws_of(answers), (0.14,)).points[DEPLOYED]
    assert (rwma.threshold, rwma.naive.tp) == (
        0.40,
        int(((answers.rwma_said >= 0.4) & (answers.rwma == 1)).sum()),
    )
    assert rwma.naive.elsewhere[0].npv.value > rwma.naive.npv.value
    assert rwma.naive.found_per_100_slots.value == pytest.approx(100 * rwma.naive.ppv.value)
    ef = operating_numbers(ef_screen(answers, 40), redraws_of(answers)).points[DEPLOYED]
    assert ef.naive.tp + ef.naive.fp == int((answers.ef_said < 40).sum())


def test_a_better_model_has_more_net_benefit_than_everybody_and_nobody(answers: Answers) -> None:
    decisions = operating_numbers(rwma_screen(answers), redraws_of(answers)).decisions
    at = {one.threshold: one for one in decisions}
    assert at[0.25].gain.low > 0
    assert at[0.25].everybody.value == pytest.approx(0.258 - 0.742 / 3, abs=1e-9)


# ---- intervals


def test_an_interval_by_the_true_band_holds_the_ill_where_one_error_for_all_does_not(
    numbers: Numbers,
) -> None:
    plain, ours = (numbers.conformal.intervals[name] for name in ("plain", "by_truth"))
    assert 0.87 <= plain.coverage.value <= 0.93
    assert plain.bands["moderately_reduced"].value < 0.75
    assert 0.87 <= ours.coverage.value <= 0.93
    assert ours.bands["moderately_reduced"].value >= 0.85
    assert ours.width.value > plain.width.value


def test_sets_hold_both_classes(numbers: Numbers) -> None:
    sets = numbers.conformal.rwma
    assert sets.held["normal"].value == pytest.approx(0.9, abs=0.03)
    assert sets.held["abnormal"].value == pytest.approx(0.9, abs=0.04)
    assert sum(share.value for share in sets.shares.values()) == pytest.approx(1)


def test_too_few_records_hold_every_ef() -> None:
    few = invented_answers().where(np.arange(500) < 10)
    found = conformal_numbers(few, redraws_of(few)).intervals["by_truth"]
    assert (found.coverage.value, found.width.value) == (1, 100)
    assert band_limits(np.array([60.0] * 50 + [45.0] * 50)) == [50]
    assert difficulty(np.full(3, np.nan)).tolist() == [1, 1, 1]


# ---- folds, groups, other methods


def test_folds_dealt_by_chance_are_no_surprise_and_a_broken_fold_is(answers: Answers) -> None:
    rng = np.random.default_rng(3)
    fair = fold_numbers(answers, redraws_of(answers), rng, 200).spread["ef_r"]
    assert fair.p_value > 0.05
    assert fair.sd_by_chance.low < fair.sd < fair.sd_by_chance.high
    said = np.where(answers.folds == 0, rng.permutation(answers.ef_said), answers.ef_said)
    broken = replace(answers, ef_said=said)
    assert fold_numbers(broken, redraws_of(broken), rng, 200).spread["ef_r"].p_value < 0.05


def test_dealt_folds_keep_their_sizes_and_strata(answers: Answers) -> None:
    dealt = dealt_folds(answers, np.random.default_rng(0), 3)
    for row in dealt:
        assert (np.bincount(row) == np.bincount(answers.folds)).all()
        assert (np.bincount(row[answers.rwma == 1]) == np.bincount(answers.folds[answers.rwma == 1])).all()
    assert (dealt[0] != answers.folds).any()


def test_a_group_that_is_served_badly_is_named(answers: Answers) -> None:
    men = np.array(answers.groups["sex"]) == "male"
    noise = np.random.default_rng(0).normal(0, 25, 500)
    bad = replace(answers, ef_said=np.clip(answers.ef_said + noise * men, 0, 100))
    rows = {(row.column, row.value): row for row in subgroup_rows(bad, redraws_of(bad, 400))}
    assert "ef_mae" in rows["sex", "male"].differs
    fair = subgroup_rows(answers, redraws_of(answers, 400))
    assert sum(len(row.differs) for row in fair) == 0
    groups = {
        "light": ("middle third", "brightest third", "darkest third", "middle third", "unknown") * 100,
        "age": ("40-54", ">=70", "<40", "unknown", "55-69") * 100,
    }
    some = replace(answers, groups=groups)
    assert [row.value for row in subgroup_rows(some, redraws_of(some, 20))] == [
        "unknown", "darkest third", "middle third", "brightest third",
        "unknown", "<40", "40-54", "55-69", ">=70",
    ]  # fmt: skip
    small = replace(answers, groups={"device": ("a",) * 495 + ("b",) * 5})
    assert subgroup_rows(small, redraws_of(small))[1].measures == {}


def test_gains_over_simpler_methods_are_paired(answers: Answers) -> None:
    same = replace(answers, methods={"copy": Method(answers.ef_said, answers.rwma_said)})
    rows = {row.method: row for row in reference_rows(same, redraws_of(answers))}
    assert list(rows) == [NETWORK, "copy", "constant mean", MEDIAN]
    assert rows["copy"].network_gain["ef_mae"].high == 0
    assert rows[MEDIAN].network_gain["ef_mae"].low > 0
    assert not rows[MEDIAN].measures["ef_r"].is_known
    assert rows[MEDIAN].measures["rwma_auroc"].value == 0.5


def test_a_model_worse_than_the_median_is_seen_to_be() -> None:
    paper = invented_answers(ef_strength=0.37, squeeze=9.0 / (0.37 * 9.0))
    gain = {row.method: row for row in reference_rows(paper, redraws_of(paper))}[MEDIAN].network_gain
    assert gain["ef_mae"].high < 0
    assert gain["ef_within_10"].high < 0


# ---- referral


def test_cells_of_the_matrix_hold_everybody_once(numbers: Numbers) -> None:
    found = numbers.referral
    assert sum(cell.n for cell in found.cells.values()) == found.n == 500
    cleared = found.cells["cleared"]
    assert found.npv_of_cleared.value == pytest.approx(1 - cleared.ill.value)
    assert found.not_cleared.fn == cleared.missed
    assert found.safe.rule is None  # such a weak model may clear nobody


def test_cuts_chosen_on_the_answers_miss_a_tenth_on_folds_that_did_not_choose() -> None:
    answers = invented_answers(2000, ef_strength=0.9, rwma_strength=0.9)
    chosen = referral_numbers(answers, OperatingPoints()).chosen
    assert {"ef_abnormal_percent", "rwma_abnormal"} <= set(chosen.changed)
    assert sum(chosen.cells.values()) == 2000
    for said, ill in (
        (answers.ef_said < chosen.points.ef_abnormal_percent, answers.ef_percent < 50),
        (answers.rwma_said >= chosen.points.rwma_abnormal, answers.rwma == 1),
    ):
        assert 0.89 <= said[ill].mean() <= 0.93
    assert chosen.referred.sensitivity.value > 0.88
    assert chosen.points.ef_priority_percent <= chosen.points.ef_abnormal_percent
    assert chosen.points.rwma_priority >= chosen.points.rwma_abnormal


def test_where_hardly_anybody_is_ill_the_cuts_stay_what_they_were() -> None:
    answers = invented_answers(200)
    well = replace(answers, ef_percent=np.full(200, 60.0), rwma=np.zeros(200, dtype=np.int64))
    chosen = referral_numbers(well, OperatingPoints()).chosen
    assert (chosen.points, chosen.changed) == (OperatingPoints(), ())


def test_a_good_model_may_clear_and_its_rule_says_whom() -> None:
    good = invented_answers(2000, ef_strength=0.99, rwma_strength=0.95)
    ill = (good.ef_percent < 50) | (good.rwma == 1)
    rule, npv_low, share = clearing_rule(good.ef_said, good.rwma_said, ill)
    assert rule is not None
    cleared = cleared_by(rule, good.ef_said, good.rwma_said)
    assert cleared.mean() == pytest.approx(share)
    assert npv_low >= 0.97
    assert 1 - ill[cleared].mean() >= npv_low
    nested = referral_numbers(good, OperatingPoints()).safe.nested
    assert nested.npv.value > 0.95


@pytest.mark.parametrize("flagged", [1, 5, 149, 298, 0])
def test_how_many_are_screened_for_a_hundred_slots_is_as_sure_as_the_share_flagged(flagged: int) -> None:
    is_positive = np.arange(298) % 3 == 0
    cut = cut_numbers(is_positive, np.arange(298) < flagged)
    interval = binomtest(flagged, 298).proportion_ci(method="exact")
    said = cut.screened_per_100_slots
    if not flagged:
        assert np.isnan(said.value) and np.isnan(said.high)
        return
    assert said.value == pytest.approx(100 * 298 / flagged)
    assert (said.low, said.high) == (pytest.approx(100 / interval.high), pytest.approx(100 / interval.low))
    assert said.n == 298
