"""The checklists: an item counts only with all its elements, and only where its part was done."""

from __future__ import annotations

import pytest

from pipeline.evaluation.report.checklist import ITEMS, counts, filled
from pipeline.evaluation.report.text.checklist import PLACES
from pipeline.evaluation.results import NotRun


@pytest.mark.parametrize(("form", "items"), [("tripod", 52), ("claim", 44)])
def test_a_form_has_all_its_items(form: str, items: int) -> None:
    numbers = [number for number, _, _ in ITEMS[form]]
    assert len(set(numbers)) == items


@pytest.mark.parametrize("form", list(ITEMS))
def test_every_place_is_known(form: str) -> None:
    named = [words.partition("@")[2].strip() for _, _, elements in ITEMS[form] for words in elements]
    assert {name for name in named if name} <= set(PLACES)


def test_an_item_is_whole_only_with_all_its_elements() -> None:
    items = {item.number: item for item in filled("tripod", {"calibration": {"rwma": 1}, "folds": {"n": 5}})}
    assert not items["2"].is_whole
    assert any(one.is_answered for one in items["2"].elements)
    assert items["12f"].is_whole


def test_a_part_that_was_not_run_answers_nothing() -> None:
    done, not_done, absent = (counts(parts) for parts in ({"leaks": {"n": 1}}, {"leaks": NotRun("x")}, {}))
    assert not_done == absent
    assert done["claim"].elements_answered == absent["claim"].elements_answered + 1
    assert counts({"leaks": {"reason": "x"}}) == absent


def test_what_no_program_can_know_is_left_to_the_author() -> None:
    items = {item.number: item for item in filled("tripod", {})}
    for number in ("17", "18a", "18b", "19", "3c"):
        assert all(one.place is None for one in items[number].elements)
