"""The columns of the two exported tables, with their types, and how a draft or a label fills them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from db.fields.names import FIELDS
from labeling.readers.registry import ReaderIdentity

if TYPE_CHECKING:
    from db.label_view import CurrentLabel
    from db.tables.cases import Case
    from db.tables.drafts import Draft


class Kind(StrEnum):
    """The type of a column."""

    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "text"
    YES_NO = "yes_no"
    DATE = "date"
    MOMENT = "moment"
    TEXTS = "texts"


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    name: str
    kind: Kind


_CASE = (
    Column("case_id", Kind.INTEGER),
    Column("patient_key", Kind.TEXT),
    Column("site", Kind.TEXT),
    Column("is_synthetic", Kind.YES_NO),
    Column("report_date", Kind.DATE),
    Column("ecg_date", Kind.DATE),
)

_FINDINGS = (
    Column("ef_percent", Kind.NUMBER),
    Column("ef_low", Kind.NUMBER),
    Column("ef_high", Kind.NUMBER),
    Column("ef_operator", Kind.TEXT),
    Column("ef_state", Kind.TEXT),
    Column("lv_function", Kind.TEXT),
    Column("rwma", Kind.TEXT),
    Column("rwma_severity", Kind.TEXT),
    Column("rwma_walls", Kind.TEXTS),
    Column("pah", Kind.TEXT),
    Column("rvsp_mmhg", Kind.NUMBER),
    Column("pah_derived", Kind.TEXT),
    Column("pah_derived_table", Kind.TEXT),
)

DRAFT_COLUMNS = (
    Column("draft_id", Kind.INTEGER),
    *_CASE,
    *_FINDINGS,
    *(Column(f"confidence_{field}", Kind.NUMBER) for field in FIELDS),
    *(Column(f"light_{field}", Kind.TEXT) for field in FIELDS),
    Column("evidence", Kind.TEXT),
    Column("checks", Kind.TEXT),
    Column("reasons", Kind.TEXT),
    Column("opinions", Kind.TEXT),
    Column("grounding", Kind.TEXT),
    Column("generation", Kind.TEXT),
    Column("unreadable_reason", Kind.TEXT),
    Column("warnings", Kind.TEXTS),
    Column("reader", Kind.TEXT),
    Column("reader_version", Kind.TEXT),
    Column("weights_revision", Kind.TEXT),
    Column("prompt_version", Kind.TEXT),
    Column("code_version", Kind.TEXT),
    Column("report_sha256", Kind.TEXT),
    Column("elapsed_s", Kind.NUMBER),
    Column("created_at", Kind.MOMENT),
)

# A reviewer's note is free text that may name somebody: it stays in the database.
LABEL_COLUMNS = (
    *_CASE,
    *_FINDINGS,
    Column("decision", Kind.TEXT),
    Column("review_id", Kind.INTEGER),
    Column("reviewer_id", Kind.INTEGER),
    Column("draft_id", Kind.INTEGER),
    Column("reader", Kind.TEXT),
    Column("reader_version", Kind.TEXT),
    Column("codebook_version", Kind.TEXT),
    Column("decided_at", Kind.MOMENT),
)


def draft_row(draft: Draft, case: Case) -> dict[str, Any]:
    """One draft with its case; what has parts of its own as JSON text, null where a draft has none of it.

    A language model's raw answer is left out: it is report text, and its values and quotes are columns
    already.
    """
    row = {column.name: getattr(case, column.name) for column in _CASE if column.name != "case_id"}
    row |= {
        column.name: getattr(draft, column.name) for column in DRAFT_COLUMNS if hasattr(draft, column.name)
    }
    row["draft_id"] = draft.id
    for field in FIELDS:
        row[f"confidence_{field}"] = draft.confidence.get(field)
        row[f"light_{field}"] = draft.light.get(field)
    row["evidence"] = json.dumps(draft.evidence, ensure_ascii=False, sort_keys=True)
    row["checks"] = json.dumps(draft.checks, ensure_ascii=False, sort_keys=True)
    generation = {name: value for name, value in (draft.generation or {}).items() if name != "raw_text"}
    parts = {
        "reasons": draft.reasons,
        "opinions": draft.opinions,
        "grounding": draft.grounding,
        "generation": generation or None,
    }
    for name, part in parts.items():
        row[name] = None if part is None else json.dumps(part, ensure_ascii=False, sort_keys=True)
    return row


def label_row(label: CurrentLabel, reader_of: Callable[[int | None], ReaderIdentity]) -> dict[str, Any]:
    """One current label; `reader_of` tells who made the draft the person saw."""
    row = {column.name: getattr(label, column.name) for column in _CASE}
    row |= label.findings.model_dump(mode="json")
    reader = reader_of(label.draft_id)
    return row | {
        "decision": label.decision.value,
        "review_id": label.review_id,
        "reviewer_id": label.annotator_id,
        "draft_id": label.draft_id,
        "reader": reader.name,
        "reader_version": reader.version,
        "codebook_version": label.codebook_version,
        "decided_at": label.decided_at,
    }
