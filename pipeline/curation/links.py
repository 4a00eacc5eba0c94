"""Between the rows of a snapshot and the database: who decided what, and where a row comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from db.decisions import makes_label
from db.errors import EchoDeskError
from pipeline.curation.lineage import Step, matched, rows_by_case, value_steps
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


def traced_difference(session: Session, a: Opened, b: Opened, workspace_key: bytes) -> Difference:
    """Two snapshots compared row by row, with who decided each newer value, why and when.

    Raises:
        EchoDeskError: one was made with another workspace's key.
    """
    from db.snapshots import case_numbers

    keys = tuple(snapshot_key(workspace_key, one.name, one.manifest["key_mark"]) for one in (a, b))
    found = matched(case_numbers(session), keys[0], keys[1])
    return compare(a, b, found, decisions_behind(session, a, b, found, keys[1]))


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
    raise EchoDeskError(
        f"nothing here is called {asked[:40]!r}",
        "Name a row of a snapshot (the column row_id), review:NUMBER, draft:NUMBER or case:NUMBER.",
    )


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
