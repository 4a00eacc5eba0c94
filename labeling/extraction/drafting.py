"""A reader's reading -> the draft row that is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from db.files.code_version import code_version as version_of_code
from db.labels import Findings
from db.tables.drafts import Draft
from db.tables.findings import findings_columns
from labeling.readers.base import Generation, Grounding, Opinion, ReaderIdentity, Reading
from labeling.trust.light import Calibration, decide_lights


def reading_code_version() -> str:
    """Which code reads: `labeling`, the vocabulary and the fields; see `db.files.code_version`."""
    return version_of_code("labeling", "db/fields", "db/labels.py")


def draft_of_reading(
    reading: Reading,
    *,
    case_id: int,
    report_sha256: str,
    identity: ReaderIdentity,
    code_version: str,
    elapsed_s: float,
    calibration: Calibration | None = None,
) -> Draft:
    """The draft row of one reading, with a light for every field and the reasons for it.

    Args:
        elapsed_s: how long the reader took, seconds.
        calibration: what earlier reviews say about this reader's scores, if there is one.

    Raises:
        ValueError: a number in it is not finite, which no database column or JSON reader can hold.
    """
    _check_finite(reading, elapsed_s)
    lights = decide_lights(reading, calibration)
    return Draft(
        **findings_columns(reading.findings),
        case_id=case_id,
        report_sha256=report_sha256,
        reader=identity.name,
        reader_version=identity.version,
        weights_revision=identity.weights_revision,
        prompt_version=identity.prompt_version,
        code_version=code_version,
        evidence={name: item.model_dump(mode="json") for name, item in reading.evidence.items()},
        confidence={name: float(value) for name, value in reading.confidence.items()},
        light={name: decided.light.value for name, decided in lights.items()},
        reasons={
            name: [reason.model_dump(mode="json") for reason in decided.reasons]
            for name, decided in lights.items()
        },
        checks=[check.model_dump(mode="json") for check in reading.checks],
        legibility={name: float(value) for name, value in reading.legibility.items()},
        unreadable_reason=reading.unreadable_reason,
        warnings=list(reading.warnings),
        opinions=[_plain(opinion) for opinion in reading.opinions] or None,
        grounding={name: _plain(item) for name, item in reading.grounding.items()} or None,
        generation=_plain(reading.generation) if reading.generation else None,
        elapsed_s=elapsed_s,
    )


def _plain(value: Opinion | Grounding | Generation) -> dict[str, Any]:
    """A dataclass of a reading as JSON holds it."""
    plain = {item.name: getattr(value, item.name) for item in fields(value)}
    for name, held in plain.items():
        if isinstance(held, Findings):
            plain[name] = held.model_dump(mode="json")
        elif isinstance(held, Mapping):
            plain[name] = dict(held)
        elif isinstance(held, Sequence) and not isinstance(held, str):
            plain[name] = list(held)
    return plain


def _check_finite(reading: Reading, elapsed_s: float) -> None:
    from math import isfinite

    boxes = [
        edge
        for item in reading.evidence.values()
        for box in (*item.boxes, *((item.box,) if item.box else ()))
        for edge in box
    ]
    numbers = (*reading.confidence.values(), *reading.legibility.values(), *boxes, elapsed_s)
    if not all(isfinite(number) for number in numbers):
        raise ValueError("a reading holds a number that is not finite")
