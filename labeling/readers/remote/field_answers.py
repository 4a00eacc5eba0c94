"""How sure a model behind a server was of each field, and one question about one field of a piece of a page.

Sureness comes from the probabilities that the server gives for the tokens it printed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import Any, Final

from db.errors import EchoDeskError
from db.fields.names import FieldName
from labeling.readers.answer_schema import (
    ASKED_KEYS,
    CLOSED_KEYS,
    EF_NUMBER,
    RVSP_NUMBER,
    VALUE_KEYS,
    answer_schema,
    number_pattern,
)
from labeling.readers.base import FieldAnswer
from labeling.readers.remote.reply import Reply, TokenChance
from labeling.readers.token_confidence import value_spans


def field_confidence(
    raw_text: str, tokens: Sequence[TokenChance], value_keys: Mapping[str, Sequence[str]] = VALUE_KEYS
) -> dict[str, float]:
    """Record field -> probability of the values that were printed, 0-1; empty where it can't be worked out.

    As for a model in this process (`token_confidence.py`): the product over the tokens of a field's values,
    both quotation marks included. A server shows the likeliest tokens only and may show them as they were
    before the
    grammar: in a closed field each token is weighed without those shown that lead to no allowed answer.

    Args:
        raw_text: an answer of the agreed form.
        tokens: its tokens in order; special tokens may follow.
        value_keys: record field -> keys of the answer that hold its value.
    """
    text = raw_text.encode()
    if not tokens or not b"".join(token.text for token in tokens).startswith(text):
        return {}
    try:
        spans = {key: _in_bytes(raw_text, span) for key, span in value_spans(raw_text).items()}
    except ValueError:
        return {}
    starts = list(accumulate((len(token.text) for token in tokens), initial=0))
    placed = list(zip(tokens, starts, starts[1:], strict=False))
    return {
        field: _chance_of([(key, spans[key]) for key in keys], text, placed)
        for field, keys in value_keys.items()
        if all(key in spans for key in keys)
    }


def _chance_of(
    values: Sequence[tuple[str, tuple[int, int]]],
    text: bytes,
    placed: Sequence[tuple[TokenChance, int, int]],
) -> float:
    """The product over the tokens that hold part of these values; one with parts of two counts once.

    Args:
        values: key and half-open range in bytes of each value. placed: each token with its own range.
    """
    chance, counted = 1.0, set[int]()
    for key, span in values:
        for number, (token, start, end) in enumerate(placed):
            is_part = start < span[1] and end > span[0]
            if is_part and token.text and number not in counted:
                counted.add(number)
                chance *= _token_chance(key, span, text, token, start)
    return chance


def _in_bytes(text: str, span: tuple[int, int]) -> tuple[int, int]:
    return len(text[: span[0]].encode()), len(text[: span[1]].encode())


def _token_chance(key: str, span: tuple[int, int], text: bytes, token: TokenChance, begin: int) -> float:
    """The chance that this place kept to the value printed, however it would have been cut into tokens.

    In a closed field that is a share: tokens shown that lead to no allowed answer are taken out of the whole.
    """
    start, end = span
    # What the token holds before the value begins is fixed: the colon and the blanks.
    before = text[begin:start]
    so_far = text[start:begin]
    printed = text[start:end]
    kept, forbidden = token.probability, 0.0
    for other, probability in token.others:
        if other == token.text:
            continue
        written = so_far + other[len(before) :]
        is_value = other.startswith(before) and len(other) > len(before)
        if is_value and _agree(written, printed):
            kept += probability
        elif key in CLOSED_KEYS and not (
            is_value and any(_agree(written, answer) for answer in _answers(key))
        ):
            forbidden += probability
    return min(1.0, kept / max(kept, 1.0 - forbidden)) if kept > 0 else 0.0


def _agree(written: bytes, answer: bytes) -> bool:
    return answer.startswith(written) or written.startswith(answer)


def _answers(key: str) -> list[bytes]:
    return [json.dumps(str(value)).encode() for value in CLOSED_KEYS[key]] + [b"null"]


# The schema of an answer, and what is wrong with an answer, by code.
Form = tuple[Mapping[str, Any], Callable[[str], str]]

_NUMBERS: Final = {"ef": number_pattern(EF_NUMBER), "rvsp": number_pattern(RVSP_NUMBER)}


def field_question(field: FieldName) -> Form:
    """The form of an answer about one field."""
    key = ASKED_KEYS[field]
    schema = {
        "type": "object",
        "properties": {key: answer_schema()["properties"][key]},
        "required": [key],
        "additionalProperties": False,
    }
    return schema, lambda text: "" if _is_of_form(key, text) else "bad_field"


def field_answer(field: FieldName, reply: Reply) -> FieldAnswer | Exception:
    """A reply as an answer, or what is wrong with it."""
    key = ASKED_KEYS[field]
    if not _is_of_form(key, reply.text):
        return EchoDeskError(
            "the model's answer about one field is not of the agreed form (bad_field)",
            "Serve the model with structured output on, or name another model.",
        )
    sure = field_confidence(reply.text, reply.tokens, {field: (key,)})
    return FieldAnswer(field, json.loads(reply.text)[key], sure.get(field, 0.0))


def _is_of_form(key: str, text: str) -> bool:
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return False
    if not isinstance(answer, dict) or set(answer) != {key}:
        return False
    value = answer[key]
    if value is None:
        return True
    if not isinstance(value, str):
        return False
    return value in CLOSED_KEYS[key] if key in CLOSED_KEYS else re.fullmatch(_NUMBERS[key], value) is not None
