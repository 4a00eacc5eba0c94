"""How sure a model was of each field: the probability of the value it wrote, from the tokens it chose.

For every field: the product, over the tokens of its values, of the probability of the chosen token among the
tokens the form of the answer allowed there. A value counts with both its quotation marks: the opening one is
the choice against null, the closing one the choice against one more digit. Tokens that had to come count 1.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Final

from labeling.readers.answer_schema import VALUE_KEYS

_BLANKS: Final = " \t\r\n"


def field_confidence(
    text: str,
    token_bytes: Sequence[int],
    log_probabilities: Sequence[float],
    value_keys: Mapping[str, Sequence[str]] = VALUE_KEYS,
) -> dict[str, float]:
    """Record field -> probability of the values written for it, 0-1, higher is surer; empty for no agreed
    answer.

    Args:
        text: the answer, one JSON object.
        token_bytes: how many bytes of it each of its tokens is.
        log_probabilities: natural logarithm of each token's probability among the allowed ones.
        value_keys: record field -> keys of the answer that hold its value.
    """
    if sum(token_bytes) != len(text.encode()) or len(token_bytes) != len(log_probabilities):
        return {}
    try:
        spans = value_spans(text)
    except ValueError:
        return {}
    ends = list(accumulate(token_bytes))
    sums: dict[str, float] = {}
    for field, keys in value_keys.items():
        if not all(key in spans for key in keys):
            continue
        counted: set[int] = set()
        for key in keys:
            first, end = (len(text[:place].encode()) for place in spans[key])
            counted |= {
                number
                for number, (end_of_token, size) in enumerate(zip(ends, token_bytes, strict=True))
                if end_of_token > first and end_of_token - size < end
            }
        sums[field] = sum(log_probabilities[number] for number in counted)
    return {field: math.exp(min(0.0, value)) for field, value in sums.items()}


def value_spans(text: str) -> dict[str, tuple[int, int]]:
    """Key -> first character of its value and the one after its last, for one flat JSON object.

    Raises:
        ValueError: the text is not one JSON object.
    """
    decoder = json.JSONDecoder()
    place = _expect(text, _skip(text, 0), "{")
    spans: dict[str, tuple[int, int]] = {}
    while True:
        place = _skip(text, place)
        _expect(text, place, '"')
        key, place = decoder.raw_decode(text, place)
        start = _skip(text, _expect(text, _skip(text, place), ":"))
        _, end = decoder.raw_decode(text, start)
        spans[key] = (start, end)
        place = _skip(text, end)
        if text[place : place + 1] != ",":
            break
        place += 1
    _expect(text, place, "}")
    return spans


def normalised(log_probabilities: Sequence[float]) -> list[float]:
    """Shares of a whole: e to the power of each, scaled so that they sum to 1."""
    highest = max(log_probabilities)
    weights = [math.exp(value - highest) for value in log_probabilities]
    total = sum(weights)
    return [weight / total for weight in weights]


def _skip(text: str, place: int) -> int:
    while text[place : place + 1] and text[place] in _BLANKS:
        place += 1
    return place


def _expect(text: str, place: int, sign: str) -> int:
    if text[place : place + 1] != sign:
        raise ValueError("not one JSON object")
    return place + 1
