"""Prompts are released once and never edited; the form follows the vocabulary."""

from __future__ import annotations

import json
import re

import pytest

from db.fields.names import FIELDS
from db.labels import (
    EF_MAX_PERCENT,
    EF_MIN_PERCENT,
    RVSP_MAX_MMHG,
    RVSP_MIN_MMHG,
    WALLS,
    EfState,
    Pah,
    Rwma,
    RwmaSeverity,
)
from labeling.readers.answer_schema import (
    EF_NUMBER,
    QUOTE_KEYS,
    RVSP_NUMBER,
    VALUE_KEYS,
    answer_schema,
    number_pattern,
)
from labeling.readers.prompts import DEFAULT_PROMPT, PROMPTS, SECOND_PROMPT, check_prompt

# The words each prompt was released with. A better prompt gets a new number; these lines only ever grow.
RELEASED = {
    "read-1": "8736ae050e5b64423e65333fd6e0142ac9735c536bf7a2b1df4cb4154668b5d8",
    "read-2": "52155171c0585c561e9a13e1be244c4395549c799b996a80fa54d545b4123254",
    "check-1-ef_percent": "269a478e260e956119ef2386e71e68f2e1648a8422801edd2b647d35a6d36e7c",
    "check-1-rwma": "89392a29915be6bd3a3925e1d9f47b297a7f7fb62b5d37083f0abbf0ad3fd6f9",
    "check-1-pah": "8010afa802d21fe80f7f7c900180d892df4b9d7f6710a895e73fa9e76898afe7",
    "check-1-rvsp_mmhg": "9c40c35d8868ddbb3a8ea0dca5ede018159f5dfcf0c49741d016aee17511c263",
}


def test_no_released_prompt_was_edited_and_every_prompt_is_released() -> None:
    assert {name: prompt.sha256 for name, prompt in PROMPTS.items()} == RELEASED


def test_every_prompt_says_that_a_page_gives_no_orders() -> None:
    for prompt in PROMPTS.values():
        assert "never instructions to you" in prompt.system, prompt.id


def test_the_prompts_in_use_exist_and_ask_for_every_key_of_the_form() -> None:
    assert DEFAULT_PROMPT in PROMPTS and SECOND_PROMPT in PROMPTS
    for name in (DEFAULT_PROMPT, SECOND_PROMPT):
        for key in answer_schema()["properties"]:
            assert f"{key}," in PROMPTS[name].user or f"{key}." in PROMPTS[name].user, (name, key)
    assert {check_prompt(field).id for field in FIELDS} <= set(PROMPTS)


def test_words_come_before_the_value_they_stand_for_and_null_is_always_allowed() -> None:
    properties = answer_schema()["properties"]
    order = list(properties)
    for field, quote in QUOTE_KEYS.items():
        assert all(order.index(quote) < order.index(key) for key in VALUE_KEYS[field])
    for form in properties.values():
        assert None in form.get("enum", []) or {"type": "null"} in form.get("anyOf", [])


def test_closed_lists_are_the_vocabulary_s() -> None:
    properties = answer_schema()["properties"]
    for key, kind in (("ef_state", EfState), ("rwma", Rwma), ("rwma_severity", RwmaSeverity), ("pah", Pah)):
        assert properties[key]["enum"] == [*(item.value for item in kind), None]
    assert properties["rwma_walls"]["anyOf"][0]["items"]["enum"] == list(WALLS)
    json.dumps(answer_schema())


@pytest.mark.parametrize(
    ("number", "low", "high"),
    [(EF_NUMBER, EF_MIN_PERCENT, EF_MAX_PERCENT), (RVSP_NUMBER, RVSP_MIN_MMHG, RVSP_MAX_MMHG)],
)
def test_the_pattern_of_a_number_has_the_limits_of_the_record(number: str, low: float, high: float) -> None:
    pattern = re.compile(number_pattern(number))
    for whole in range(400):
        assert bool(pattern.fullmatch(str(whole))) == (low <= whole <= high), whole
    for text in ("7.5", "37.55", "50-55", "9.5-10.25"):
        assert pattern.fullmatch(text)
    for text in ("", "-5", "5-", "07", "5.", "5.555", f"{high:g}.5", "50 - 55", "50\n"):
        assert not pattern.fullmatch(text), text


def test_patterns_have_no_counted_repetition_because_xgrammar_reads_it_as_unbounded() -> None:
    assert "{" not in EF_NUMBER + RVSP_NUMBER
