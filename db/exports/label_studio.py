"""Records as tasks of Label Studio: drafts as predictions, decisions as annotations, and the form they fit.

The same form reads annotations made there back into a record. Pictures stay where they are: a task names them
below the workspace, for Label Studio's local storage.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from db.exports.labelled import LabelledRecord
from db.fields.columns import FINDINGS
from db.fields.names import PAH_DERIVED
from db.labels import (
    EF_MAX_PERCENT,
    EF_MIN_PERCENT,
    RVSP_MAX_MMHG,
    RVSP_MIN_MMHG,
    WALLS,
    EfState,
    Findings,
    Rwma,
    RwmaSeverity,
)
from db.markup.elements import Html, element
from db.tabular import Column, Kind

Json = dict[str, Any]
# A picture's SHA-256 -> its path below Label Studio's document root.
Place = Callable[[str], str]

PICTURE: Final = "page"
# The page stays in sight beside the answers: below it they would be a screen away.
_BESIDE: Final = "display: flex; gap: 24px; align-items: flex-start"
_PAGE: Final = "flex: 3 1 0; min-width: 0"
_ANSWERS: Final = "flex: 2 1 0; min-width: 0; max-height: 85vh; overflow-y: auto"
# What a task carries to be found again by; `data.record` and `data.report_sha256` together name a record.
RECORD: Final = "record"
REPORT: Final = "report_sha256"
DRAFT: Final = "draft_id"

# A derived grade is worked out afterwards; everything else a person may say.
CONTROLS: Final = {column.name: column for column in FINDINGS if column.name not in PAH_DERIVED}
_BOUNDS: Final[Mapping[str, tuple[float, float]]] = {
    "ef_percent": (EF_MIN_PERCENT, EF_MAX_PERCENT),
    "rvsp_mmhg": (RVSP_MIN_MMHG, RVSP_MAX_MMHG),
}


class AnnotationError(ValueError):
    """An annotation that is no record; the text says why."""


def tasks_json(records: Sequence[LabelledRecord], place: Place) -> bytes:
    """Every drafted record as a task; a flagged one without an annotation."""
    tasks = [_task(one, place) for one in records if one.draft is not None]
    return (json.dumps(tasks, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()


def labelling_config() -> bytes:
    """The labelling interface: the pages, and a control for each column of a record."""
    controls = [_control(column) for column in CONTROLS.values()]
    page = element("View", element("Image", name=PICTURE, valueList="$pages"), style=_PAGE)
    view = element("View", page, element("View", controls, style=_ANSWERS), style=_BESIDE)
    return f"{view}\n".encode()


def findings_of(results: Sequence[Mapping[str, Any]]) -> Findings:
    """The record that an annotation's results say.

    Raises:
        AnnotationError: a control or an answer that the form does not have, two answers to one question, or
            answers that contradict each other.
    """
    values: Json = {}
    for result in results:
        name = str(result.get("from_name"))
        if name not in CONTROLS:
            raise AnnotationError(f"the form has no control {name!r}")
        if name in values:
            raise AnnotationError(f"{name} is answered twice")
        values[name] = _answer(CONTROLS[name], result)
    return _whole(values)


def results_of(findings: Findings) -> list[Json]:
    """A record as results of the form's controls, in its order."""
    found = []
    for name, column in CONTROLS.items():
        value = getattr(findings, name)
        if value is None or value == ():
            continue
        kind, said = _said(column, value)
        found.append(
            {
                "id": f"echodesk-{name}",
                "from_name": name,
                "to_name": PICTURE,
                "type": kind,
                "value": {kind if kind != "textarea" else "text": said},
            }
        )
    return found


def _task(record: LabelledRecord, place: Place) -> Json:
    case, draft, label = record.standing.case, record.draft, record.label
    data = {
        RECORD: record.number,
        REPORT: case.report_sha256,
        "patient_key": case.patient_key,
        "site": case.site,
        "is_synthetic": case.is_synthetic,
        "status": record.standing.status.value,
        "pages": [f"/data/local-files/?d={place(sha256)}" for sha256 in record.pages],
    }
    task: Json = {"id": record.number, "data": data, "annotations": [], "predictions": []}
    if draft is not None:
        data[DRAFT] = draft.number
        version = f"{draft.reader} {draft.version}"
        task["predictions"] = [{"model_version": version, "result": results_of(draft.findings)}]
    if label is not None:
        annotation = {
            "id": label.review_id,
            "was_cancelled": False,
            "ground_truth": False,
            "lead_time": record.active_s,
            "created_at": label.decided_at.isoformat(),
            "result": results_of(label.findings),
        }
        task["annotations"] = [annotation]
    return task


def _kind(column: Column) -> str:
    if column.kind is Kind.NUMBER:
        return "number"
    return "choices" if column.codes or column.kind is Kind.TEXTS else "textarea"


def _said(column: Column, value: Any) -> tuple[str, Any]:
    kind = _kind(column)
    if kind == "number":
        return kind, int(value) if value == int(value) else value
    listed = [str(one) for one in value] if column.kind is Kind.TEXTS else [str(value)]
    return kind, listed


def _answer(column: Column, result: Mapping[str, Any]) -> Any:
    value = result.get("value")
    held = value if isinstance(value, Mapping) else {}
    kind = _kind(column)
    said = held.get("text" if kind == "textarea" else kind)
    if kind == "number":
        if isinstance(said, bool) or not isinstance(said, int | float):
            raise AnnotationError(f"{column.name} has no number")
        return float(said)
    listed = [said] if isinstance(said, str) else said
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise AnnotationError(f"{column.name} has no answer")
    if column.kind is Kind.TEXTS:
        return _known(column, listed, WALLS)
    if len(listed) != 1:
        raise AnnotationError(f"{column.name} has {len(listed)} answers")
    return _known(column, listed, column.codes)[0] if column.codes else listed[0]


def _known(column: Column, said: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    for one in said:
        if one not in known:
            raise AnnotationError(f"{column.name} has an answer that the form does not offer")
    return tuple(said)


def _whole(values: Json) -> Findings:
    """The answers with what follows from them: a number is stated, what is absent has no grade."""
    if "ef_percent" in values:
        values.setdefault("ef_state", EfState.STATED.value)
        values.setdefault("ef_operator", "=")
    if values.get("rwma") == Rwma.ABSENT.value:
        values.setdefault("rwma_severity", RwmaSeverity.NONE.value)
    try:
        return Findings.model_validate(values)
    except ValueError as error:
        raise AnnotationError(_first_sentence(error)) from None


def _first_sentence(error: ValueError) -> str:
    """What pydantic says, without the value that it says it of."""
    from pydantic import ValidationError

    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    said = str(first["msg"]).removeprefix("Value error, ")
    return f"{where}: {said}" if where else said


def _control(column: Column) -> Html:
    kind = _kind(column)
    name = {"name": column.name, "toName": PICTURE}
    heading = element("Header", size="5", value=column.meaning + (f" ({column.unit})" if column.unit else ""))
    if kind == "number":
        low, high = _BOUNDS.get(column.name, (0.0, 100.0))
        control = element("Number", **name, min=f"{low:g}", max=f"{high:g}", step="any")
    elif kind == "textarea":
        control = element("TextArea", **name, maxSubmissions="1")
    else:
        codes = WALLS if column.kind is Kind.TEXTS else column.codes
        options = [element("Choice", value=code) for code in codes]
        many = "multiple" if column.kind is Kind.TEXTS else "single"
        control = element("Choices", options, **name, choice=many, showInline="true")
    return element("View", heading, control)
