"""Every finding about pictures has a sentence, and every sentence's values are there."""

from __future__ import annotations

import re

import pytest
from test_shortcuts import cheating  # noqa: F401 - a fixture

from db.measures.estimate import Estimate
from pipeline.evaluation.pictures.counterfactuals import Counterfactuals
from pipeline.evaluation.pictures.shortcuts import Spread, shortcut_verdicts, spread_verdicts
from pipeline.evaluation.report.text.pictures import SWAPS, VERDICTS, WARNED
from pipeline.evaluation.results import Severity, Verdict


def names(template: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", template))


def check(verdicts: list[Verdict]) -> None:
    assert verdicts
    for one in verdicts:
        assert names(VERDICTS[one.id]) <= set(one.values)
        if one.severity is Severity.WARNING and one.id in WARNED:
            assert names(WARNED[one.id]) <= set(one.values)


def test_a_shortcuts_sentences_have_their_values(cheating: Counterfactuals) -> None:  # noqa: F811
    check(shortcut_verdicts(cheating))


def test_the_spreads_sentence_has_its_values() -> None:
    low = Estimate(0.1, 0.05, 0.15, 100)
    check(spread_verdicts(Spread(low, low, low, low, low)))


@pytest.mark.parametrize("name", SWAPS)
def test_every_exchange_has_a_verdict(name: str) -> None:
    assert f"moves_with_{name}" in VERDICTS
