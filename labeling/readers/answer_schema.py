"""The form a language model answers in: one JSON schema, made from the label vocabulary.

The order of the keys is the order of writing: the words first, then the value they stand for, so that a value
is chosen with its evidence in view. Every value may be null, which means "I can't tell" and sends the field
to a person. Numbers are strings bounded by a pattern: a JSON number has no bound that a grammar could keep.
"""

from __future__ import annotations

import json
from typing import Any, Final

from db.fields.names import RWMA_COLUMNS, of_fields
from db.files.manifest import sha256_of
from db.labels import WALLS, EfOperator, EfState, Pah, Rwma, RwmaSeverity

# Raise it with any change: it is part of a draft's identity.
ANSWER_SCHEMA_VERSION: Final = "1"

QUOTE_MAX_CHARACTERS: Final = 160

# db.labels' EF_MIN_PERCENT to EF_MAX_PERCENT with up to two decimals. Optional digits are spelt out: xgrammar
# 0.2 takes `{1,2}` in a pattern for "any number of", and a model under it could print EF 257.
EF_NUMBER: Final = r"([5-9]|[1-8][0-9])(\.[0-9][0-9]?)?|90(\.00?)?"
# db.labels' RVSP_MIN_MMHG to RVSP_MAX_MMHG, likewise.
RVSP_NUMBER: Final = r"([5-9]|[1-9][0-9]|1[0-9][0-9])(\.[0-9][0-9]?)?|200(\.00?)?"

# Record field -> the key that holds its words, and the keys that hold its value.
QUOTE_KEYS: Final = of_fields(
    ef_percent="ef_quote", rwma="rwma_quote", pah="pah_quote", rvsp_mmhg="rvsp_quote"
)
VALUE_KEYS: Final[dict[str, tuple[str, ...]]] = of_fields(
    ef_percent=("ef_state", "ef_operator", "ef"), rwma=RWMA_COLUMNS, pah=("pah",), rvsp_mmhg=("rvsp",)
)
# The one key that a question about one field asks for.
ASKED_KEYS: Final = of_fields(ef_percent="ef", rwma="rwma", pah="pah", rvsp_mmhg="rvsp")
# Keys with a closed list of answers.
CLOSED_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "ef_state": tuple(EfState),
    "ef_operator": tuple(EfOperator),
    "rwma": tuple(Rwma),
    "rwma_severity": tuple(RwmaSeverity),
    "pah": tuple(Pah),
}


def number_pattern(number: str) -> str:
    """One number of this kind, or two with a hyphen between."""
    return f"^({number})(-({number}))?$"


def answer_schema() -> dict[str, Any]:
    """The JSON schema of an answer; a new object each time."""
    properties: dict[str, Any] = {
        "ef_quote": _quote(),
        "ef_state": _one_of(CLOSED_KEYS["ef_state"]),
        "ef_operator": _one_of(CLOSED_KEYS["ef_operator"]),
        "ef": _pattern(number_pattern(EF_NUMBER)),
        "lv_function": _quote(),
        "rwma_quote": _quote(),
        "rwma": _one_of(CLOSED_KEYS["rwma"]),
        "rwma_severity": _one_of(CLOSED_KEYS["rwma_severity"]),
        "rwma_walls": _list_of(WALLS),
        "pah_quote": _quote(),
        "pah": _one_of(CLOSED_KEYS["pah"]),
        "rvsp_quote": _quote(),
        "rvsp": _pattern(number_pattern(RVSP_NUMBER)),
    }
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def schema_sha256() -> str:
    """Hash of the schema as it is sent."""
    return sha256_of(json.dumps(answer_schema(), sort_keys=True).encode())


def _quote() -> dict[str, Any]:
    return {"anyOf": [{"type": "string", "maxLength": QUOTE_MAX_CHARACTERS}, {"type": "null"}]}


def _one_of(values: tuple[str, ...]) -> dict[str, Any]:
    return {"enum": [*(str(value) for value in values), None]}


def _list_of(values: tuple[str, ...]) -> dict[str, Any]:
    items = {"type": "string", "enum": list(values)}
    return {"anyOf": [{"type": "array", "items": items, "maxItems": len(values)}, {"type": "null"}]}


def _pattern(pattern: str) -> dict[str, Any]:
    return {"anyOf": [{"type": "string", "pattern": pattern}, {"type": "null"}]}
