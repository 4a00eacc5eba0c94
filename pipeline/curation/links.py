"""Between the rows of a snapshot and the cases of the database: which is which, and who decided what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from db.decisions import makes_label
from db.errors import EchoDeskError
from pipeline.dataset.diffing import Decided, Difference, Opened, changed_rows, compare
from pipeline.dataset.rekeying import SnapshotKey

if TYPE_CHECKING:
    from sqlmodel import Session

# Columns that no decision of a person changes.
_NOBODYS = ("days_between", "layout")
_REREADINGS = ("second", "adjudication", "audit")


def snapshot_key(workspace_key: bytes, name: str, mark: str | None = None) -> SnapshotKey:
    """The key of a snapshot.

    Raises:
        EchoDeskError: when the workspace has another key than the one the snapshot was made with.
    """
    key = SnapshotKey(workspace_key, name)
    if mark is not None and key.mark != mark:
        raise EchoDeskError(
            f"the snapshot {name} was made with another workspace's key",
            "Name the workspace it comes from with --workspace, with the ECHODESK_SECRET it had.",
        )
    return key


def rows_by_case(case_ids: Iterable[int], key: SnapshotKey) -> dict[str, int]:
    """The name each case has or would have in a snapshot -> case."""
    return {key.row_id(case_id): case_id for case_id in case_ids}


def matched(case_ids: Sequence[int], one: SnapshotKey, other: SnapshotKey) -> dict[str, str]:
    """What every case is called in one snapshot -> what it is called in another."""
    return {one.row_id(case_id): other.row_id(case_id) for case_id in case_ids}


def traced_difference(
    session: Session, a: Opened, b: Opened, workspace_key: bytes, records: Iterable[int] = ()
) -> Difference:
    """Two snapshots compared row by row, with who decided each newer value, why and when.

    Args:
        records: numbers of rows that came in with tables; of these nobody here decided anything.

    Raises:
        EchoDeskError: one was made with another workspace's key.
    """
    from db.consent.patients import withdrawn_in
    from db.snapshots import case_numbers

    keys = tuple(snapshot_key(workspace_key, one.name, one.manifest["key_mark"]) for one in (a, b))
    found = matched([*case_numbers(session), *records], keys[0], keys[1])
    difference = compare(a, b, found, decisions_behind(session, a, b, found, keys[1]))
    withdrawn = {keys[0].patient_id(patient) for patient in withdrawn_in(session)}
    gone = sum(a.labels[row]["patient_id"] in withdrawn for row in difference.removed)
    return replace(difference, withdrawn=gone)


def decisions_behind(
    session: Session, a: Opened, b: Opened, found: Mapping[str, str], key: SnapshotKey
) -> dict[str, dict[str, Decided]]:
    """For every row with a change: column -> the decision behind the newer value.

    Args:
        found: what every case is called in `a` -> in `b`.
        key: of `b`.
    """
    from db.snapshots import case_numbers, decisions_on, sent_back_at

    changed = changed_rows(a, b, found)
    rows = rows_by_case(case_numbers(session), key)
    cases = {case: row for row, case in rows.items() if row in changed}
    as_of = b.manifest["as_of"]
    by_case: dict[int, list[Mapping[str, Any]]] = {case: [] for case in cases}
    for review in decisions_on(session, case_ids=sorted(cases)):
        if review["created_at"].isoformat() <= as_of:
            by_case[review["case_id"]].append(review)
    sent_back = sent_back_at(session, case_ids=sorted(cases))
    behind = {}
    for case, row in cases.items():
        columns = _behind_columns(by_case[case], b.labels[row])
        when = sent_back.get(case)
        if when is not None and (columns["status"].when or "") < when.isoformat() <= as_of:
            columns["status"] = Decided(None, "sent back", when.isoformat())
        behind[row] = columns
    return behind


def _behind_columns(reviews: Sequence[Mapping[str, Any]], row: Mapping[str, Any]) -> dict[str, Decided]:
    """The label's decision behind every column, the newest re-reading behind `status`."""
    label, who = _label_of(reviews), row["annotator"]
    again = [one for one in reviews if one["purpose"] in _REREADINGS and one["is_in_force"]]
    newest = again[-1] if again else label
    # The snapshot has numbered the person of the label alone.
    is_theirs = newest and label and newest["annotator_id"] == label["annotator_id"]
    decided = _decided(label, who)
    return {
        **{name: decided for name in row if name not in _NOBODYS},
        "status": _decided(newest, who if is_theirs else None),
    }


def _label_of(reviews: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The newest decision in force that makes the label."""
    deciding = [one for one in reviews if one["is_in_force"] and makes_label(one["decision"], one["purpose"])]
    return deciding[-1] if deciding else None


def _decided(review: Mapping[str, Any] | None, who: int | None) -> Decided:
    if review is None:
        return Decided(None, None, None)
    why = review["reason"] or (review["purpose"] if review["purpose"] in _REREADINGS else None)
    return Decided(who, why, review["created_at"].isoformat())
