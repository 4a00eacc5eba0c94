"""Labels as FHIR R4: four `Observation`s a record, for the ejection fraction, wall motion, PAH and pressure.

Codes are those of LOINC and SNOMED CT where they say what the report says, and text where they would say
more. A grade and the walls stand as components. Patients are the workspace's keyed hashes. What a report does
not state, and what nobody could read, is told apart by `dataAbsentReason`.

Source: hl7.org/fhir/R4/observation.html; LOINC 10230-1 (left ventricular ejection fraction) and 8432-7 (right
ventricular systolic pressure); SNOMED CT 250909007, 70995007, 52101004, 2667000 and the severities.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC
from typing import Any, Final

from db.exports.labelled import LabelledRecord, decided
from db.fields.names import of_fields
from db.fields.words import has_value, is_unreadable
from db.label_view import CurrentLabel
from db.labels import EfOperator, Findings, Rwma

Json = dict[str, Any]

LOINC: Final = "http://loinc.org"
SNOMED: Final = "http://snomed.info/sct"
UCUM: Final = "http://unitsofmeasure.org"
ABSENT_REASONS: Final = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
_CATEGORIES: Final = "http://terminology.hl7.org/CodeSystem/observation-category"
_TEST_DATA: Final = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
PATIENT_KEYS: Final = "urn:echodesk:patient-key"
RECORDS: Final = "urn:echodesk:record"


def _concept(text: str, *codings: tuple[str, str, str]) -> Json:
    coded = [{"system": system, "code": code, "display": display} for system, code, display in codings]
    return {"coding": coded, "text": text} if coded else {"text": text}


_CODES: Final = of_fields(
    ef_percent=_concept(
        "Left ventricular ejection fraction as the report prints it",
        (LOINC, "10230-1", "Left ventricular Ejection fraction"),
    ),
    rwma=_concept(
        "Regional wall-motion abnormality of the left ventricle as the report says it",
        (SNOMED, "250909007", "Left ventricular wall motion (observable entity)"),
    ),
    pah=_concept(
        "Pulmonary hypertension by the report's own word",
        (SNOMED, "70995007", "Pulmonary hypertension"),
    ),
    rvsp_mmhg=_concept(
        "Right ventricular or pulmonary artery systolic pressure as the report prints it",
        (LOINC, "8432-7", "Right ventricular Intrachamber systolic pressure"),
    ),
)
_SEVERITIES: Final = {
    "mild": ("255604002", "Mild"),
    "moderate": ("6736007", "Moderate"),
    "severe": ("24484000", "Severe"),
}
_COMPARATORS: Final = {EfOperator.ABOVE: ">", EfOperator.BELOW: "<"}


def ndjson(records: Sequence[LabelledRecord]) -> bytes:
    """One `Observation` a line."""
    return "".join(f"{_line(one)}\n" for one in observations(records)).encode()


def bundle(records: Sequence[LabelledRecord]) -> bytes:
    """All of them in one `Bundle`, a collection."""
    entries = [{"fullUrl": _address(one), "resource": one} for one in observations(records)]
    whole: Json = {"resourceType": "Bundle", "type": "collection"}
    return (_line(whole | ({"entry": entries} if entries else {})) + "\n").encode()


def observations(records: Sequence[LabelledRecord]) -> Iterator[Json]:
    """Four a label; none of a record that is flagged or not decided."""
    for record, label in decided(records):
        for field, code in _CODES.items():
            yield _observation(record, label, field, code)


def _observation(record: LabelledRecord, label: CurrentLabel, field: str, code: Json) -> Json:
    made: Json = {
        "resourceType": "Observation",
        "id": f"echodesk-{record.number}-{field.replace('_', '-')}",
    }
    if label.is_synthetic:
        made["meta"] = {"tag": [{"system": _TEST_DATA, "code": "HTEST", "display": "test health data"}]}
    made |= {
        "identifier": [{"system": RECORDS, "value": f"{record.number}/{field}"}],
        "status": "final",
        "category": [_concept("Imaging", (_CATEGORIES, "imaging", "Imaging"))],
        "code": code,
        "subject": {
            "type": "Patient",
            "identifier": {"system": PATIENT_KEYS, "value": label.patient_key},
        },
    }
    if label.report_date is not None:
        made["effectiveDateTime"] = label.report_date.isoformat()
    made["issued"] = label.decided_at.astimezone(UTC).isoformat(timespec="milliseconds")
    return made | _said(label.findings, field)


def _said(findings: Findings, field: str) -> Json:
    if not has_value(findings, field):
        return _nothing(findings, field)
    if field == "ef_percent":
        return _fraction(findings)
    if field == "rwma":
        return _wall_motion(findings)
    if field == "pah":
        return _hypertension(findings)
    return {"valueQuantity": _quantity(findings.rvsp_mmhg, "mmHg", "mm[Hg]")}


def _nothing(findings: Findings, field: str) -> Json:
    """Why there is no value: the report is silent, or nobody could read it."""
    if is_unreadable(findings, field):
        reason = _concept("Unreadable on the page", (ABSENT_REASONS, "error", "Error"))
    else:
        reason = _concept("Not stated in the report", (ABSENT_REASONS, "unknown", "Unknown"))
    words = findings.lv_function if field == "ef_percent" else None
    return {"dataAbsentReason": reason} | ({"note": [{"text": words}]} if words else {})


def _fraction(findings: Findings) -> Json:
    if findings.ef_low is not None and findings.ef_high is not None:
        low, high = (_quantity(end, "%", "%") for end in (findings.ef_low, findings.ef_high))
        return {"valueRange": {"low": low, "high": high}}
    quantity = _quantity(findings.ef_percent, "%", "%")
    if findings.ef_operator in _COMPARATORS:
        return {"valueQuantity": quantity | {"comparator": _COMPARATORS[findings.ef_operator]}}
    # R4 has no comparator for a number that was printed as an estimate.
    about = {"note": [{"text": "printed as approximate"}]} if findings.ef_operator is EfOperator.ABOUT else {}
    return {"valueQuantity": quantity, **about}


def _wall_motion(findings: Findings) -> Json:
    walls = [
        {
            "code": _concept("Wall or segment named"),
            "valueCodeableConcept": _concept(wall),
        }
        for wall in findings.rwma_walls
    ]
    parts = [*_severity(findings.rwma_severity.value), *walls]
    return _presence(is_present=findings.rwma is Rwma.PRESENT) | ({"component": parts} if parts else {})


def _hypertension(findings: Findings) -> Json:
    parts = _severity(findings.pah.value)
    return _presence(is_present=findings.pah.value != "none") | ({"component": parts} if parts else {})


def _presence(*, is_present: bool) -> Json:
    code, display = ("52101004", "Present") if is_present else ("2667000", "Absent")
    return {"valueCodeableConcept": _concept(display.lower(), (SNOMED, code, display))}


def _severity(word: str) -> list[Json]:
    if word not in _SEVERITIES:
        return []
    code, display = _SEVERITIES[word]
    return [
        {
            "code": _concept("Severity as the report says it"),
            "valueCodeableConcept": _concept(word, (SNOMED, code, display)),
        }
    ]


def _quantity(value: float | None, unit: str, code: str) -> Json:
    number = 0.0 if value is None else value
    plain = int(number) if number == int(number) else number
    return {"value": plain, "unit": unit, "system": UCUM, "code": code}


def _address(observation: Json) -> str:
    """One for one observation of one patient, the same in every export."""
    key = observation["subject"]["identifier"]["value"]
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{PATIENT_KEYS}:{key}:{observation['id']}").urn


def _line(resource: Json) -> str:
    return json.dumps(resource, ensure_ascii=False, allow_nan=False)
