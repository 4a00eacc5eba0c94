"""From a row of a snapshot back to the case, the readings, the drafts, and the boxes on the pages.

The database is asked by the command; this module knows how rows are named and what a walk consists of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.dataset.rekeying import SnapshotKey


@dataclass(frozen=True)
class Step:
    """One thing on the way back.

    Attributes:
        kind: `snapshot`, `row`, `case`, `review`, `draft`, `page` or `value`.
        id: its name, such as `review:12`; a row's own name.
        depth: how far it stands in.
        facts: what is to be said about it, plain JSON.
    """

    kind: str
    id: str
    depth: int
    facts: Mapping[str, Any]


def rows_by_case(case_ids: Iterable[int], key: SnapshotKey) -> dict[str, int]:
    """The name each case has or would have in a snapshot -> case."""
    return {key.row_id(case_id): case_id for case_id in case_ids}


def matched(case_ids: Sequence[int], one: SnapshotKey, other: SnapshotKey) -> dict[str, str]:
    """What every case is called in one snapshot -> what it is called in another."""
    return {one.row_id(case_id): other.row_id(case_id) for case_id in case_ids}


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
