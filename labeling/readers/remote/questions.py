"""One question about one field of a piece of a page, for a model behind a server."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from db.errors import EchoDeskError
from db.fields.names import FieldName
from labeling.readers.answer_schema import CLOSED_KEYS, EF_NUMBER, RVSP_NUMBER, answer_schema, number_pattern
from labeling.readers.remote.confidence import field_confidence
from labeling.readers.remote.reply import Reply

# The schema of an answer, and what is wrong with an answer, by code.
Form = tuple[Mapping[str, Any], Callable[[str], str]]

# Field -> the key of the answer form that is asked for.
_ASKED: Final[dict[FieldName, str]] = {"ef_percent": "ef", "rwma": "rwma", "pah": "pah", "rvsp_mmhg": "rvsp"}
_NUMBERS: Final = {"ef": number_pattern(EF_NUMBER), "rvsp": number_pattern(RVSP_NUMBER)}


@dataclass(frozen=True)
class FieldAnswer:
    """What a model says about one field.

    Attributes:
        value: as the answer form has it (`absent`, `50-55`); None when it can't tell.
        probability: of this value, 0-1; 0 where the server gives no probabilities.
    """

    field: FieldName
    value: str | None
    probability: float


def field_question(field: FieldName) -> Form:
    """The form of an answer about one field."""
    key = _ASKED[field]
    schema = {
        "type": "object",
        "properties": {key: answer_schema()["properties"][key]},
        "required": [key],
        "additionalProperties": False,
    }
    return schema, lambda text: "" if _is_of_form(key, text) else "bad_field"


def field_answer(field: FieldName, reply: Reply) -> FieldAnswer | Exception:
    """A reply as an answer, or what is wrong with it."""
    key = _ASKED[field]
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
