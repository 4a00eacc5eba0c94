"""The OpenAPI description of what programs read, made from the addresses themselves."""

from __future__ import annotations

from typing import Any, Final

from db.tabular import Column, Kind
from review_ui.rest.answers import ADDRESSES, Address, Parameter

Json = dict[str, Any]

_KINDS: Final[dict[Kind, Json]] = {
    Kind.INTEGER: {"type": "integer"},
    Kind.NUMBER: {"type": "number"},
    Kind.TEXT: {"type": "string"},
    Kind.YES_NO: {"type": "boolean"},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.MOMENT: {"type": "string", "format": "date-time"},
    Kind.TEXTS: {"type": "array", "items": {"type": "string"}},
}
_ERROR: Final[Json] = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": {"type": "string"}},
}
_REFUSALS: Final = {
    "400": "A parameter cannot be.",
    "401": "No key, or one that opens nothing.",
    "403": "The role of the key's person may not read this.",
    "429": "Too many wrong keys from this address.",
    "503": "The database is busy.",
}


def openapi() -> Json:
    """OpenAPI 3.1."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "EchoDesk",
            "version": "1",
            "description": "Labels, records and progress of a desk, to read. Patients are keyed hashes.",
        },
        "security": [{"key": []}],
        "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
        "paths": {path: {"get": _operation(path, one)} for path, one in ADDRESSES.items()},
    }


def _operation(path: str, address: Address) -> Json:
    refused = {
        status: {"description": said, "content": {"application/json": {"schema": _ERROR}}}
        for status, said in _REFUSALS.items()
    }
    done = {
        "description": "As asked.",
        "content": {"application/json": {"schema": _answer(address)}},
    }
    return {
        "operationId": path.rpartition("/")[2],
        "summary": address.about,
        "parameters": [_parameter(one) for one in address.parameters],
        "responses": {"200": done, **refused},
    }


def _answer(address: Address) -> Json:
    if not address.columns:
        return {"type": "object", "additionalProperties": True}
    item = {
        "type": "object",
        "required": [column.name for column in address.columns],
        "properties": {column.name: _schema(column) for column in address.columns},
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "required": ["items"],
        "properties": {
            "items": {"type": "array", "items": item},
            "next_after": {"type": ["integer", "null"]},
            "total": {"type": "integer"},
        },
        "additionalProperties": False,
    }


def _schema(column: Column) -> Json:
    kind = _KINDS[column.kind]
    described: Json = {**kind, "type": [kind["type"], "null"]}
    if column.codes:
        described["enum"] = [*column.codes, None]
    told = column.meaning + (f" ({column.unit})" if column.unit else "")
    return described | ({"description": told} if told else {})


def _parameter(one: Parameter) -> Json:
    schema: Json = {"type": "string"}
    if one.is_number:
        schema = {"type": "integer", "minimum": one.low, "maximum": one.high, "default": one.usual}
    elif one.codes:
        schema |= {"enum": list(one.codes)}
    return {"name": one.name, "in": "query", "required": False, "description": one.meaning, "schema": schema}
