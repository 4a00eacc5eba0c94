"""Benchmark figures: golden numbers from independent computations, and every kind of miss counted once."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from db.errors import EchoDeskError
from db.labels import EfOperator, EfState, Evidence, Findings, Pah, Rwma, RwmaSeverity
from db.measures.kappa import kappa
from db.measures.proportions import Rate
from labeling.benchmark.run import load_gold, run_benchmark
from labeling.benchmark.scoring import Gold, score
from labeling.readers.base import Reading

SHARED = Path(__file__).resolve().parents[4] / "shared" / "echo_reports"


def _ef(percent: float) -> Findings:
    return Findings(ef_percent=percent, ef_operator=EfOperator.EQUAL, ef_state=EfState.STATED)


def test_wilson_interval_equals_the_published_worked_example() -> None:
    # Newcombe 1998, doi 10.1002/(SICI)1097-0258(19980430)17:8<857: 81 of 263 gives 0.2553 to 0.3662.
    low, high = Rate(81, 263).interval
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)


def test_an_empty_rate_is_nan_not_zero() -> None:
    assert math.isnan(Rate(0, 0).value)


def test_weighted_kappa_by_hand() -> None:
    # Truth has 1, 1, 2 of the three grades, the reading 1, 2, 1: expected disagreement 5, observed 1.
    found = kappa([0, 1, 2, 2], [0, 1, 1, 2], answers=range(3), is_graded=True)
    assert found.value == pytest.approx(1 - 1 / 5)


def test_a_wrong_ef_a_false_ef_and_an_unreadable_ef_are_three_things() -> None:
    gold = [Gold("a", _ef(40)), Gold("b", Findings()), Gold("c", _ef(60)), Gold("d", _ef(55))]
    read = [
        Reading(_ef(45), {"ef_percent": Evidence(quote="45")}),
        Reading(_ef(50), {"ef_percent": Evidence(quote="50")}),
        Reading(Findings(ef_state=EfState.UNREADABLE)),
        Reading(_ef(55), {"ef_percent": Evidence(quote="55")}),
    ]
    scores = score(list(zip(gold, read, strict=True)))
    assert (scores.ef_exact.hits, scores.ef_exact.n) == (1, 3)
    assert (scores.ef_wrong.hits, scores.ef_wrong.n) == (1, 3)
    assert (scores.false_ef.hits, scores.false_ef.n) == (1, 1)
    assert scores.ef_unreadable == 1


def test_an_acceptable_alternative_counts_as_right() -> None:
    gold = Gold("a", Findings(pah=Pah.MODERATE), accept={"pah": {"mild"}})
    assert score([(gold, Reading(Findings(pah=Pah.MILD)))]).pah_exact.hits == 1


def test_a_value_without_a_quote_is_counted() -> None:
    assert score([(Gold("a", _ef(40)), Reading(_ef(40)))]).quotes_missing == 1


def test_global_called_regional_and_number_called_grade_are_counted() -> None:
    gold = [
        Gold("a", Findings(rwma=Rwma.ABSENT, rwma_severity=RwmaSeverity.NONE), is_global_only=True),
        Gold("b", Findings(rvsp_mmhg=50), is_number_only=True),
    ]
    read = [Reading(Findings(rwma=Rwma.PRESENT)), Reading(Findings(pah=Pah.MODERATE, rvsp_mmhg=50))]
    scores = score(list(zip(gold, read, strict=True)))
    assert scores.global_called_regional.hits == 1
    assert scores.number_called_grade.hits == 1


def test_a_gold_folder_without_its_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(EchoDeskError, match=r"gold\.csv is missing"):
        load_gold(tmp_path)


def test_a_gold_line_that_makes_no_sense_is_named_by_number(tmp_path: Path) -> None:
    header = "file,report_type,ef_value,ef_operator,rwma_present,rwma_severity,pah,rvsp_mmhg,notes\n"
    (tmp_path / "gold.csv").write_text(
        header + "001.txt,echo,55,=,no,none,none,,\n002.txt,echo,500,=,no,none,none,,\n"
    )
    with pytest.raises(EchoDeskError, match="line 3"):
        load_gold(tmp_path)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the local evaluation reports are not on this machine")
def test_the_evaluation_texts_reach_the_promised_figures() -> None:
    result = run_benchmark(SHARED, input_kind="text")
    scores = result.overall
    assert scores.ef_exact.value >= 0.98
    assert scores.false_ef.hits <= 1
    assert scores.rwma_f1 >= 0.95
    assert scores.global_called_regional.hits == 0
    assert scores.pah_weighted_kappa >= 0.90
    assert scores.number_called_grade.hits == 0
    assert scores.pah_none_found.value >= 0.90
    assert scores.rvsp_exact.value >= 0.90
    assert scores.quotes_missing == 0
    assert result.quotes_not_in_text == 0
