"""What an evaluation found, as data: parts that are dataclasses, their JSON, and verdicts drawn from them.

Every part of the evaluation is a function from inputs to a frozen dataclass. `results.json` is these
dataclasses under one key a part: no text, table or plot shows a number that is not in it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum, StrEnum
from typing import Any, Final

from db.files.manifest import canonical_json
from db.measures.estimate import Estimate

FORMAT: Final = "echodesk-evaluation/1"


class Severity(StrEnum):
    """How much a verdict weighs: a bundle is refused where a shortcut or a leak is a fault."""

    FAULT = "fault"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Verdict:
    """One thing the evaluation found that its reader must know. Its sentence stands in `report/text/`.

    Attributes:
        id: what was found, such as `no_better_than_median`; the key of its sentence.
        kind: `numbers`, `shortcut`, `leak`, `external`, `referral`, ...
        values: what the sentence names: numbers, words, estimates.
    """

    id: str
    kind: str
    severity: Severity
    values: Mapping[str, Any]


@dataclass(frozen=True)
class NotRun:
    """A part of the evaluation that was not done.

    Attributes:
        reason: the id of the reason, such as `no_pictures`; its sentence stands in `report/text/`.
    """

    reason: str


def as_data(value: Any) -> Any:
    """A part as plain JSON values.

    Dataclasses become objects by their fields' names, an `Estimate` its own form, arrays and tuples lists,
    enums their values, NaN and infinite numbers null.

    Raises:
        TypeError: something has no form in JSON.
    """
    if isinstance(value, Estimate):
        return value.as_json()
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: as_data(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): as_data(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [as_data(inner) for inner in value]
    return _leaf(value)


def _leaf(value: Any) -> Any:
    if hasattr(value, "tolist"):  # an array of numpy, or one of its numbers
        return as_data(value.tolist())
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    raise TypeError(f"{type(value).__name__} has no form in results.json")


def results_bytes(parts: Mapping[str, Any]) -> bytes:
    """`results.json`: canonical, so that the same results are the same bytes."""
    return canonical_json({"format": FORMAT, **as_data(parts)})
