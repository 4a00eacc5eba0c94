"""The referral matrix: every cell of the paper's table, its edges, and what is never cleared."""

from __future__ import annotations

import math

import pytest

from pipeline.referral import Answer, Cell, ClearingRule, OperatingPoints, agreement, recommended

PAPER = OperatingPoints()


def cell(ef: float, rwma: float, ef_agreement: float = 90, rwma_agreement: float = 90) -> Cell:
    return recommended(Answer(ef, rwma, ef_agreement, rwma_agreement), PAPER)


@pytest.mark.parametrize(
    ("ef", "rwma", "agreed", "expected"),
    [
        (60, 0.1, 90, Cell.CLEARED),
        (60, 0.1, 70, Cell.CLEARED),
        (60, 0.1, 69.9, Cell.CORRELATE),
        (50, 0.399, 90, Cell.CLEARED),
        (49.9, 0.1, 90, Cell.REFER),
        (49.9, 0.1, 10, Cell.REFER),
        (60, 0.40, 90, Cell.REFER),
        (40, 0.1, 90, Cell.REFER),
        (39.9, 0.1, 10, Cell.PRIORITY),
        (60, 0.60, 90, Cell.PRIORITY),
    ],
)
def test_the_matrix_of_the_paper(ef: float, rwma: float, agreed: float, expected: Cell) -> None:
    assert cell(ef, rwma, agreed, agreed) is expected


def test_both_heads_must_agree() -> None:
    assert cell(60, 0.1, 95, 20) is Cell.CORRELATE
    assert cell(60, 0.1, 20, 95) is Cell.CORRELATE


@pytest.mark.parametrize("which", range(4))
def test_an_answer_that_is_no_number_is_never_cleared(which: int) -> None:
    values = [60.0, 0.1, 90.0, 90.0]
    values[which] = math.nan
    assert recommended(Answer(*values), PAPER) is not Cell.CLEARED


def test_operating_points_can_be_moved() -> None:
    strict = OperatingPoints(ef_abnormal_percent=55, rwma_abnormal=0.2)
    assert recommended(Answer(54, 0.1, 90, 90), strict) is Cell.REFER
    assert recommended(Answer(60, 0.2, 90, 90), strict) is Cell.REFER


def test_agreement_is_the_share_of_known_answers_with_as_large_a_spread() -> None:
    known = [1.0, 2.0, 2.0, 3.0]
    assert [agreement(spread, known) for spread in (0.5, 1.0, 2.0, 2.5, 9.0)] == [100, 100, 75, 25, 0]
    assert agreement(1.0, []) == 0


def test_a_clearing_rule_clears_nobody_unless_told() -> None:
    assert not ClearingRule().clears(90, 0)
    rule = ClearingRule(55, 0.2)
    assert rule.clears(55, 0.19)
    assert not rule.clears(54.9, 0.1)
    assert not rule.clears(60, 0.2)
    assert not rule.clears(math.nan, 0.1)
