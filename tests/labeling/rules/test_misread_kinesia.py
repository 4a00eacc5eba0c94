"""A word for poor motion whose first letters were misread is no silence; other words that end so are."""

from __future__ import annotations

import pytest

from labeling.readers.rules import RulesReader
from labeling.trust.light import light_of_fields


@pytest.mark.parametrize("word", ["Rypokinesia", "Xypokinesis", "ypokinesia", "1ypokinetic", "Mkinesia"])
def test_poor_motion_with_its_first_letters_misread_wants_a_person(word: str) -> None:
    reading = RulesReader().read_text(f"LVEF 42 %.\n{word} of the inferior wall is seen.")

    assert light_of_fields(reading)["rwma"].value != "green"


@pytest.mark.parametrize("word", ["Bradykinesia", "Telekinesis", "Pharmacokinetics"])
def test_words_of_other_things_say_nothing(word: str) -> None:
    reading = RulesReader().read_text(f"LVEF 42 %.\n{word} was noted in the letter.")

    assert light_of_fields(reading)["rwma"].value == "green"
