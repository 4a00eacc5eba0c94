"""Kappa, ICC, Bland-Altman and alpha are the reference libraries' numbers, and NaN where there is nothing to
say.
"""

from __future__ import annotations

import math
import warnings

import krippendorff
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import cohen_kappa_score

from db.measures.alpha import Level, alpha_of_answers, alpha_of_numbers
from db.measures.bland_altman import bland_altman
from db.measures.bootstrap import bootstrap
from db.measures.intraclass import icc21
from db.measures.kappa import confusion, kappa

GRADES = ("none", "mild", "moderate", "severe")
# Peak expiratory flow by two meters, litres a minute: the table of Bland and Altman 1986, Lancet 1:307-310.
WRIGHT = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
MINI_WRIGHT = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]
# Six targets by four judges: the table of Shrout and Fleiss 1979; they give ICC(2,1) as 0.29.
SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
# The reliability data of Krippendorff 2011 and its alphas to three places.
KRIPPENDORFF_2011 = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]

grade_pairs = st.lists(st.tuples(st.sampled_from(GRADES), st.sampled_from(GRADES)), min_size=1, max_size=40)


def simulated_readings(cases: int, readers: int, seed: int = 7) -> list[list[float]]:
    """Ejection fractions by several readers, whole percent."""
    generator = np.random.default_rng(seed)
    truth = generator.normal(52, 11, (cases, 1))
    read = np.round(truth + generator.normal(0, 5, (cases, readers)) + np.arange(readers))
    return [[float(value) for value in row] for row in read]


@given(grade_pairs, st.booleans())
@settings(deadline=None, max_examples=120)
def test_kappa_is_that_of_scikit_learn(pairs: list[tuple[str, str]], is_graded: bool) -> None:
    first, second = [one for one, _ in pairs], [other for _, other in pairs]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = cohen_kappa_score(
            first, second, labels=list(GRADES), weights="quadratic" if is_graded else None
        )
    ours = kappa(first, second, answers=GRADES, is_graded=is_graded).value
    assert ours == pytest.approx(expected, abs=1e-6, nan_ok=True)


def test_kappa_of_readers_who_only_gave_one_answer_cannot_be_said() -> None:
    assert math.isnan(kappa(["mild"] * 5, ["mild"] * 5, answers=GRADES).value)
    assert math.isnan(kappa([], [], answers=GRADES).value)


def test_kappa_of_one_constant_reader_is_zero() -> None:
    assert kappa(["mild"] * 4, ["mild", "none", "severe", "mild"], answers=GRADES).value == 0


def test_confusion_counts_rows_by_the_first_reader() -> None:
    assert confusion(["a", "a", "b"], ["a", "b", "b"], answers=("a", "b")) == [[1, 1], [0, 1]]
    with pytest.raises(ValueError, match="outside"):
        confusion(["a"], ["c"], answers=("a", "b"))


def pingouin_icc(readings: list[list[float]]) -> float:
    """ICC(2,1)."""
    import pingouin  # here: with what it brings it takes seconds, in every process that collects tests

    rows = [(case, reader, value) for case, row in enumerate(readings) for reader, value in enumerate(row)]
    frame = pd.DataFrame(rows, columns=["case", "reader", "value"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = pingouin.intraclass_corr(frame, targets="case", raters="reader", ratings="value").set_index(
            "Type"
        )
    return float(table.loc["ICC(A,1)", "ICC"])


@pytest.mark.parametrize(
    "readings",
    [SHROUT_FLEISS, simulated_readings(40, 2), simulated_readings(300, 2), simulated_readings(25, 3)],
)
def test_icc_is_that_of_pingouin(readings: list[list[float]]) -> None:
    assert icc21(readings).value == pytest.approx(pingouin_icc(readings), abs=1e-6)


def test_icc_is_the_published_number() -> None:
    assert icc21(SHROUT_FLEISS).value == pytest.approx(0.29, abs=0.005)


def test_icc_of_full_agreement_is_one() -> None:
    assert icc21([[50, 50], [60, 60], [35, 35]]).value == 1


@pytest.mark.parametrize("readings", [[], [[50, 52]], [[55, 55], [55, 55], [55, 55]]])
def test_icc_without_anything_that_varies_cannot_be_said(readings: list[list[float]]) -> None:
    assert math.isnan(icc21(readings).value)


def test_icc_of_one_constant_reader_is_that_of_the_formula() -> None:
    readings = [[50.0, value] for value in (40, 50, 60, 70)]
    assert icc21(readings).value == pytest.approx(pingouin_icc(readings), abs=1e-6)


def test_limits_are_the_published_ones() -> None:
    limits = bland_altman(WRIGHT, MINI_WRIGHT)
    assert limits.bias.value == pytest.approx(-2.1, abs=0.05)
    assert limits.sd == pytest.approx(38.8, abs=0.05)
    assert (limits.bias.low, limits.bias.high) == pytest.approx((-22.0, 17.8), abs=0.1)


def test_limits_and_intervals_follow_the_formula_with_student_t() -> None:
    limits = bland_altman(WRIGHT, MINI_WRIGHT)
    differences = np.subtract(WRIGHT, MINI_WRIGHT)
    n, sd, z = len(differences), differences.std(ddof=1), stats.norm.ppf(0.975)
    expected = stats.t.interval(0.95, n - 1, differences.mean(), sd / math.sqrt(n))
    assert (limits.bias.low, limits.bias.high) == pytest.approx(expected, abs=1e-6)
    upper = differences.mean() + z * sd
    reach = stats.t.ppf(0.975, n - 1) * sd * math.sqrt(1 / n + z**2 / (2 * (n - 1)))
    assert (limits.upper.value, limits.upper.low, limits.upper.high) == pytest.approx(
        (upper, upper - reach, upper + reach), abs=1e-6
    )
    assert limits.lower.value == pytest.approx(differences.mean() - z * sd, abs=1e-6)


def test_limits_need_two_pairs() -> None:
    assert not bland_altman([], []).bias.is_known
    alone = bland_altman([50], [48])
    assert alone.bias.value == 2
    assert not alone.upper.is_known


def test_limits_of_equal_readings_are_zero() -> None:
    limits = bland_altman([40, 50], [40, 50])
    assert (limits.bias.low, limits.upper.value, limits.sd) == (0, 0, 0)


@pytest.mark.parametrize(("level", "published"), [(Level.NOMINAL, 0.743), (Level.ORDINAL, 0.815)])
def test_alpha_of_answers_is_the_published_one_and_that_of_the_package(
    level: Level, published: float
) -> None:
    by_case = [
        [None if answer is None else str(answer) for answer in row]
        for row in zip(*KRIPPENDORFF_2011, strict=True)
    ]
    found = alpha_of_answers(by_case, answers=("1", "2", "3", "4", "5"), level=level)
    table = np.array([[np.nan if value is None else value for value in row] for row in KRIPPENDORFF_2011])
    expected = krippendorff.alpha(reliability_data=table, level_of_measurement=str(level))
    assert found.value == pytest.approx(expected, abs=1e-6)
    assert found.value == pytest.approx(published, abs=0.0006)
    assert found.n == 11


def test_alpha_of_numbers_is_the_published_one_and_that_of_the_package() -> None:
    by_case = list(zip(*KRIPPENDORFF_2011, strict=True))
    table = np.array([[np.nan if value is None else value for value in row] for row in KRIPPENDORFF_2011])
    expected = krippendorff.alpha(reliability_data=table, level_of_measurement="interval")
    assert alpha_of_numbers(by_case).value == pytest.approx(expected, abs=1e-6)
    assert alpha_of_numbers(by_case).value == pytest.approx(0.849, abs=0.0006)


gapped_grades = st.lists(
    st.tuples(*[st.one_of(st.none(), st.sampled_from(GRADES))] * 3), min_size=2, max_size=30
)


@given(gapped_grades, st.sampled_from(list(Level)))
@settings(deadline=None, max_examples=120)
def test_alpha_with_gaps_is_that_of_the_package(readings: list[tuple[str | None, ...]], level: Level) -> None:
    ours = alpha_of_answers(readings, answers=GRADES, level=level).value
    place = {grade: number for number, grade in enumerate(GRADES)}
    table = np.array([[np.nan if grade is None else place[grade] for grade in row] for row in readings]).T
    paired = {value for row in table.T if np.sum(~np.isnan(row)) > 1 for value in row if not np.isnan(value)}
    if len(paired) < 2:
        assert math.isnan(ours)
        return
    expected = krippendorff.alpha(
        reliability_data=table, level_of_measurement=str(level), value_domain=list(range(len(GRADES)))
    )
    assert ours == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("readings", [[], [[50.0, None]], [[50.0, 50.0], [50.0, 50.0]]])
def test_alpha_without_two_different_numbers_cannot_be_said(readings: list[list[float | None]]) -> None:
    assert math.isnan(alpha_of_numbers(readings).value)


def test_bootstrap_interval_is_that_of_redrawing_cases_one_by_one() -> None:
    readings = simulated_readings(60, 2)
    found = bootstrap(icc21(readings), seed=1, resamples=4_000)
    expected = stats.bootstrap(
        (np.arange(60),),
        lambda index: icc21([readings[int(case)] for case in index]).value,
        method="percentile",
        vectorized=False,
        n_resamples=600,
        rng=np.random.default_rng(3),
    ).confidence_interval
    assert found.value == icc21(readings).value
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.02)


def test_bootstrap_repeats_with_its_seed_and_differs_with_another() -> None:
    measure = icc21(simulated_readings(30, 2))
    assert bootstrap(measure, seed=1, resamples=200) == bootstrap(measure, seed=1, resamples=200)
    assert bootstrap(measure, seed=1, resamples=200).low != bootstrap(measure, seed=2, resamples=200).low


def test_bootstrap_of_too_little_has_no_interval() -> None:
    one_case = bootstrap(kappa(["mild"], ["none"], answers=GRADES), seed=1)
    assert one_case.value == 0
    assert not one_case.has_interval
    # In most resamples of these two cases everything is equal, so the rest would stand for all.
    mostly_equal = bootstrap(kappa(["mild"] * 3, ["mild", "mild", "none"], answers=GRADES), seed=1)
    assert not mostly_equal.has_interval


def test_cases_that_are_alike_may_be_counted_instead_of_listed() -> None:
    first, second = (
        ["mild", "none", "severe", "mild", "none", "none"],
        ["mild", "none", "mild", "mild", "none", "mild"],
    )
    listed = kappa(first, second, answers=GRADES, is_graded=True)
    counted = kappa(
        ["mild", "none", "severe", "none"],
        ["mild", "none", "mild", "mild"],
        answers=GRADES,
        is_graded=True,
        counts=[2, 2, 1, 1],
    )
    assert counted.value == pytest.approx(listed.value)
    assert counted.n == listed.n == 6
    numbers = [[50, 52], [50, 52], [60, 59], [35, 41]]
    kinds, counts = [[50, 52], [60, 59], [35, 41]], [2, 1, 1]
    assert icc21(kinds, counts=counts).value == pytest.approx(icc21(numbers).value)
    assert alpha_of_numbers(kinds, counts=counts).value == pytest.approx(alpha_of_numbers(numbers).value)
    grades = list(zip(first, second, strict=True))
    found = alpha_of_answers(
        [("mild", "mild"), ("none", "none"), ("severe", "mild"), ("none", "mild"), ("mild", None)],
        answers=GRADES,
        level=Level.ORDINAL,
        counts=[2, 2, 1, 1, 9],
    )
    assert found.value == pytest.approx(alpha_of_answers(grades, answers=GRADES, level=Level.ORDINAL).value)
    assert found.n == 6


def test_bootstrap_of_counted_cases_is_that_of_listed_ones() -> None:
    kinds, counts = [[50, 52], [60, 59], [35, 41], [70, 66]], [30, 20, 10, 25]
    listed = [row for row, often in zip(kinds, counts, strict=True) for _ in range(often)]
    ours, theirs = bootstrap(icc21(kinds, counts=counts), seed=1), bootstrap(icc21(listed), seed=2)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.01)
