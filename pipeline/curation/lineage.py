"""From a row of a snapshot back to the case, the readings, the drafts, and the boxes on the pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from db.errors import EchoDeskError
from pipeline.curation.links import rows_by_case
from pipeline.dataset.own_table.row_list import listed_rows
from pipeline.dataset.rekeying import SnapshotKey

if TYPE_CHECKING:
    from sqlmodel import Session

_ROW = re.compile(r"r[0-9a-f]{16}")


@dataclass(frozen=True)
class Step:
    """One thing on the way back.

    Attributes:
        kind: `snapshot`, `row`, `case`, `review`, `draft`, `page` or `value`; `table` for the row of a
            table that was brought in.
        id: its name, such as `review:12`; a row's own name.
        depth: how far it stands in.
        facts: what is to be said about it, plain JSON.
    """

    kind: str
    id: str
    depth: int
    facts: Mapping[str, Any]


def find_case(session: Session, asked: str, workspace_key: bytes) -> tuple[int, list[Step]]:
    """The case behind `review:12`, `draft:12`, `case:12` or a row of a snapshot, and the steps to it.

    Raises:
        EchoDeskError: nothing here has that name.
    """
    from db.snapshots import case_numbers, case_of, list_snapshots

    kind, _, number = asked.partition(":")
    if kind in ("review", "draft", "case") and number.isdecimal() and len(number) <= 10:
        case = case_of(session, kind=kind, number=int(number))
        if case is not None:
            return case, []
    cases = case_numbers(session)
    for snapshot in reversed(list_snapshots(session)):
        case = rows_by_case(cases, SnapshotKey(workspace_key, snapshot.name)).get(asked)
        if case is not None:
            facts = {
                "content_sha256": snapshot.content_sha256,
                "codebook_version": snapshot.codebook_version,
                "code_version": snapshot.code_version,
                "created_at": snapshot.created_at.isoformat(),
            }
            return case, [Step("snapshot", snapshot.name, 0, facts), Step("row", asked, 1, {})]
    hint = "Name a row of a snapshot (the column row_id), review:NUMBER, draft:NUMBER or case:NUMBER."
    if _ROW.fullmatch(asked):
        hint += (
            " Rows are found by the secret they were named with: if ECHODESK_SECRET was set when the snapshot"
            " was frozen, set the same here; otherwise put its desk.key back."
        )
    raise EchoDeskError(f"nothing here is called {asked[:40]!r}", hint)


def of_a_table(snapshots: Path, asked: str) -> list[Step]:
    """The steps back from a row that came in with a table: there is the table's row, and nothing behind it.

    Args:
        snapshots: the workspace's folder of snapshots, with the lists of such rows.
    """
    for name, row in listed_rows(snapshots):
        if row.row_id == asked:
            facts = {"row": row.row, "photographs": row.photos, "table_sha256": row.table_sha256}
            told = "brought in as it is; nobody read or reviewed it here"
            return [
                Step("snapshot", name, 0, {}),
                Step("row", asked, 1, {"label": told}),
                Step("table", f"table:{row.row}", 2, facts),
            ]
    return []


def walk_back(session: Session, case_id: int, depth: int, *, with_quotes: bool) -> list[Step]:
    """A case's readings, drafts, pages, and where on them each drafted value stands."""
    from db.cases import get_case
    from db.label_view import current_label
    from db.snapshots import decisions_on, drafts_of, pictures_of

    case = get_case(session, case_id=case_id)
    if case is None:
        return []
    steps = [Step("case", f"case:{case_id}", depth, {"site": case.site, "is_synthetic": case.is_synthetic})]
    label = current_label(session, case_id=case_id)
    for review in decisions_on(session, case_ids=[case_id]):
        steps.append(Step("review", f"review:{review['id']}", depth + 1, _review_facts(review, label)))
    for draft in drafts_of(session, case_id=case_id):
        facts = {
            "reader": draft.reader,
            "reader_version": draft.reader_version,
            "weights_revision": draft.weights_revision,
            "prompt_version": draft.prompt_version,
            "code_version": draft.code_version,
        }
        steps.append(Step("draft", f"draft:{draft.id}", depth + 1, facts))
        places = {
            name: one if with_quotes else {key: value for key, value in one.items() if key != "quote"}
            for name, one in draft.evidence.items()
        }
        steps += value_steps(places, draft.to_findings().model_dump(mode="json"), depth + 2)
    for picture in pictures_of(session, case_id=case_id):
        facts = {name: picture[name] for name in ("sha256", "width_px", "height_px")}
        steps.append(Step("page", f"{picture['role']} page {picture['position']}", depth + 1, facts))
    return steps


def _review_facts(review: Mapping[str, Any], label: int | None) -> dict[str, Any]:
    return {
        "is_label": review["id"] == label,
        "decision": review["decision"],
        "purpose": review["purpose"] or "first",
        "reason": review["reason"],
        "annotator": review["annotator_id"],
        "draft": review["draft_id"],
        "is_in_force": bool(review["is_in_force"]),
        "decided_at": review["created_at"].isoformat(),
        "codebook_version": review["codebook_version"],
    }


def value_steps(evidence: Mapping[str, Any], draft: Mapping[str, Any], depth: int) -> list[Step]:
    """Where each drafted value stands: page and boxes, and its words only if they are among the evidence."""
    steps = []
    for name, place in sorted(evidence.items()):
        boxes = place.get("boxes") or ([place["box"]] if place.get("box") else [])
        facts = {"value": draft.get(name), "page": place.get("page", 1), "boxes": boxes}
        if "quote" in place:
            facts["quote"] = place["quote"]
        steps.append(Step("value", name, depth, facts))
    return steps
