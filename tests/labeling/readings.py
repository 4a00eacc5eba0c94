"""Readings and opinions for the tests of the light: short to write, complete enough to be decided."""

from __future__ import annotations

from typing import Any

from db.labels import Evidence, Findings
from labeling.readers.base import Generation, Opinion, Reading
from labeling.readers.rules import RulesReader
from labeling.trust.light import light_of_fields

SURE = {"ef_percent": 0.95, "rwma": 0.95, "pah": 0.95, "rvsp_mmhg": 0.95}


def record(**values: Any) -> Findings:
    """A record of one stated EF and nothing else, with changes."""
    if values.get("ef_percent", True) is None:
        values.setdefault("ef_state", "not_stated")
    base: dict[str, Any] = {}
    if "ef_state" not in values:
        base = {"ef_percent": 55, "ef_operator": "=", "ef_state": "stated"}
    if values.get("rwma") == "absent":
        base["rwma_severity"] = "none"
    return Findings.model_validate({**base, **values})


def no_ef(**values: Any) -> Findings:
    """A record without an EF."""
    return record(ef_state="not_stated", **values)


def opinion(findings: Findings, *, reader: str = "rules_rapidocr", **options: Any) -> Opinion:
    """Another reader's opinion, sure of everything."""
    return Opinion(reader=reader, version="1", findings=findings, **{"confidence": SURE, **options})


def reading(findings: Findings, *opinions: Opinion, is_model: bool = False, **options: Any) -> Reading:
    """A reading with a quote for every value, sure of everything."""
    names = ("ef_percent", "rwma", "pah", "rvsp_mmhg")
    quotes = {name: Evidence(quote="words of the page", page=1, box=(10, 10, 90, 30)) for name in names}
    generation = Generation(model="m", revision="r", prompt_id="read-1") if is_model else None
    values: dict[str, Any] = {"evidence": quotes, "confidence": SURE, "generation": generation, **options}
    return Reading(findings=findings, opinions=opinions, **values)


def light(text: str, field: str) -> str:
    """The light of a field where the rules read a text, without a calibration."""
    return light_of_fields(RulesReader().read_text(text))[field].value
