"""The probability of a field's value, from the tokens that were chosen."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.readers.answer_schema import VALUE_KEYS
from labeling.readers.token_confidence import field_confidence, normalised, value_spans

# A hand-made answer: its tokens, and how probable each was among those allowed.
TOKENS = [
    ('{"ef_state', 1.0),
    ('":"', 0.9),  # the opening quotation mark: the choice against null
    ("stated", 0.8),
    ('","', 1.0),
    ("ef_operator", 1.0),
    ('":', 1.0),
    ("null", 0.5),
    (',"ef":"', 1.0),
    ("5", 0.7),
    ("5", 0.6),
    ('"', 0.5),  # the closing one: the choice against another digit
    (',"', 1.0),
    ("pah", 1.0),
    ('":"n', 0.4),
    ("one", 0.25),
    ('"}', 1.0),
]


def confidence_of(tokens: list[tuple[str, float]], **keys: tuple[str, ...]) -> dict[str, float]:
    text = "".join(token for token, _ in tokens)
    sizes = [len(token.encode()) for token, _ in tokens]
    return field_confidence(text, sizes, [math.log(chance) for _, chance in tokens], keys or VALUE_KEYS)


def test_a_field_is_as_probable_as_the_product_over_the_tokens_of_its_values() -> None:
    confidence = confidence_of(TOKENS)
    assert confidence["ef_percent"] == pytest.approx(0.9 * 0.8 * 0.5 * 0.7 * 0.6 * 0.5)
    assert confidence["pah"] == pytest.approx(0.4 * 0.25)


def test_a_field_whose_keys_are_not_in_the_answer_has_no_confidence() -> None:
    assert set(confidence_of(TOKENS)) == {"ef_percent", "pah"}


def test_words_outside_the_value_do_not_count() -> None:
    certain = [('{"ef_quote":"LVEF ', 1.0), ("55 %", 0.01), ('","ef":"', 1.0), ("55", 0.9), ('"}', 1.0)]
    assert confidence_of(certain, ef_percent=("ef",)) == {"ef_percent": pytest.approx(0.9)}


def test_letters_of_several_bytes_before_a_value_do_not_shift_it() -> None:
    tokens = [('{"q":"dr. Müller – naïve', 0.1), ('","pah":', 1.0), ('"mild"', 0.5), ("}", 1.0)]
    assert confidence_of(tokens, pah=("pah",)) == {"pah": pytest.approx(0.5)}


def test_tokens_that_do_not_add_up_to_the_answer_give_no_confidence() -> None:
    assert field_confidence('{"pah":null}', [4, 4], [0.0, 0.0]) == {}
    assert field_confidence("no json at all", [14], [0.0]) == {}


values = st.one_of(
    st.none(), st.text(max_size=20), st.lists(st.sampled_from(["mid", "apical"]), max_size=3), st.integers()
)


@given(st.dictionaries(st.text(max_size=8), values, max_size=6), st.sampled_from([None, 2]))
def test_the_place_of_every_value_is_found_however_the_object_is_written(
    answer: dict[str, object], indent: int | None
) -> None:
    text = json.dumps(answer, indent=indent)
    if not answer:
        with pytest.raises(ValueError):
            value_spans("{")
        return
    spans = value_spans(text)
    assert {key: json.loads(text[start:end]) for key, (start, end) in spans.items()} == answer


@given(st.text(max_size=40))
def test_any_text_is_either_one_object_or_refused(text: str) -> None:
    try:
        value_spans(text)
    except ValueError:
        return
    assert isinstance(json.loads(text), dict)


@given(st.lists(st.floats(-900, 0), min_size=1, max_size=9))
def test_shares_sum_to_one_and_keep_their_order(logarithms: list[float]) -> None:
    shares = normalised(logarithms)
    assert sum(shares) == pytest.approx(1.0)
    assert shares[logarithms.index(max(logarithms))] == max(shares)


def test_shares_of_hand_made_logarithms() -> None:
    assert normalised([math.log(0.02), math.log(0.06)]) == pytest.approx([0.25, 0.75])
