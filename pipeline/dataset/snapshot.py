"""From the database to a frozen snapshot: the only module here that reads or writes the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from db.consent.patients import withdrawn_in
from db.events import lock_chain
from db.fields.names import COLUMNS, READ_COLUMNS
from db.files.whole import Write, write_file
from db.labels import CODEBOOK_VERSION
from db.snapshots import (
    end_of_log,
    find_snapshot,
    labels_repeating_a_seed,
    labels_with_status,
    pictures_alike,
    pictures_of_labels,
    store_snapshot,
    unlabelled_cases,
)
from db.tables.snapshots import Snapshot
from pipeline.dataset.checks import CHECKS, Source
from pipeline.dataset.choosing import Order, RefusedError, chosen_by
from pipeline.dataset.freezing import freeze, plan
from pipeline.dataset.frozen import CheckResult, Frozen, MaskImage
from pipeline.dataset.pictures import picture_faults
from pipeline.dataset.records import Collected, Exclusion, ImageRef, LabelRow, LabelStatus

if TYPE_CHECKING:
    from sqlmodel import Session

    from db.store.engine import Database
    from db.workspace import Workspace

_BEFORE_EVERYTHING = datetime(1970, 1, 1, tzinfo=UTC)

# (session, what was chosen) -> figures for `Collected.quality`.
Figures = Callable[["Session", Collected], Mapping[str, Any]]


def label_figures(workspace: Workspace, *, is_probed: bool) -> Figures:
    """What is measured about the labels of a snapshot: their quality, and shortcuts where they are probed."""
    from db.quality.figures import quality_figures
    from db.store.images import ImageStore

    def figures(session: Session, chosen: Collected) -> Mapping[str, Any]:
        tolerance = workspace.ef_tolerance_points
        found = quality_figures(session, chosen.rows, ef_tolerance_points=tolerance)
        if not is_probed:
            return found
        from pipeline.dataset.probe.shortcuts import shortcut_figures

        shortcuts = shortcut_figures(chosen.rows, ImageStore(workspace.images).path)
        # With too few pictures no feature was tried, and the card says so.
        return {**found, "shortcuts": shortcuts} if shortcuts.get("families") else found

    return figures


def collect(session: Session, *, quality: Mapping[str, Any] | None = None) -> Collected:
    """Every label there is, with its case, draft and pictures, and what became of the other cases.

    Args:
        quality: figures of the labels, plain JSON, worked out by the command.
    """
    counts, end = unlabelled_cases(session), end_of_log(session)
    pictures = _pictures(session)
    rows = [_label_row(row, pictures.get(row["case_id"], ())) for row in labels_with_status(session)]
    return Collected(
        rows=rows,
        registered=counts["registered"],
        exclusions=[
            Exclusion("not read by any machine yet", counts["unread"]),
            Exclusion("waiting for a first reading", counts["waiting"]),
            Exclusion("flagged and not decided yet", counts["flagged"]),
        ],
        quality=dict(quality or {}),
        as_of=end.at or _BEFORE_EVERYTHING,
        head=end.head,
        codebook_version=CODEBOOK_VERSION,
    )


def _pictures(session: Session) -> dict[int, list[ImageRef]]:
    found: dict[int, list[ImageRef]] = defaultdict(list)
    for row in pictures_of_labels(session):
        found[row["case_id"]].append(
            ImageRef(
                sha256=row["sha256"],
                role=row["role"],
                page=row["position"],
                width_px=row["width_px"],
                height_px=row["height_px"],
                media_type=row["media_type"],
                perceptual_hash=row["perceptual_hash"],
            )
        )
    return found


def _label_row(row: Mapping[str, Any], pictures: Sequence[ImageRef]) -> LabelRow:
    has_draft = row["draft_id"] is not None
    return LabelRow(
        case_id=row["case_id"],
        patient_key=row["patient_key"],
        site=row["site"],
        layout=row["layout"],
        is_synthetic=row["is_synthetic"],
        report_date=row["report_date"],
        ecg_date=row["ecg_date"],
        findings={name: row[name] for name in COLUMNS},
        status=_status(row),
        review_id=row["review_id"],
        decision=row["decision"],
        reason=row["reason"],
        arm=row["arm"],
        annotator=row["annotator_id"],
        active_s=row["active_s"],
        decided_at=row["created_at"],
        codebook_version=row["codebook_version"],
        note=row["note"],
        draft_id=row["draft_id"],
        reader=row["draft_reader"] or "",
        reader_version=row["draft_reader_version"] or "",
        draft={name: row[f"draft_{name}"] for name in READ_COLUMNS} if has_draft else None,
        confidence=row["draft_confidence"] or {},
        light=row["draft_light"] or {},
        evidence={name: _places(one) for name, one in sorted((row["draft_evidence"] or {}).items())},
        images=pictures,
    )


def _status(row: Mapping[str, Any]) -> LabelStatus:
    if row["is_in_conflict"]:
        return LabelStatus.IN_CONFLICT
    if row["is_adjudicated"]:
        return LabelStatus.ADJUDICATED
    return LabelStatus.DOUBLE_READ if row["is_read_twice"] else LabelStatus.SINGLE


def _places(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """Where a value stands, without its words."""
    boxes = evidence.get("boxes") or ([evidence["box"]] if evidence.get("box") else [])
    return {"page": evidence.get("page", 1), "boxes": boxes}


def read_source(session: Session, collected: Collected) -> Source:
    """What the checks must know beyond the rows; the pictures are looked at by `with_pictures`."""
    # A second, blind reading with the same value shows that it stands on the page after all.
    agreed = {row.case_id for row in collected.rows if row.status is LabelStatus.DOUBLE_READ}
    return Source(alike=pictures_alike(session), seeded=labels_repeating_a_seed(session) - agreed)


def look_over(
    database: Database, workspace: Workspace, order: Order, *, workspace_key: bytes, figures: Figures
) -> tuple[int, list[CheckResult]]:
    """How many rows would be frozen now, and what every check says of them; writes nothing.

    Raises:
        RefusedError: the name was used before, no record is left, or real and synthetic ones are mixed.
    """
    from db.store.images import ImageStore

    with database.read() as session:
        if find_snapshot(session, name=order.name) is not None:
            raise _name_taken(order.name)
        collected = collect(session)
        source = read_source(session, collected)
        quality = figures(session, chosen_by(order, collected))
    faults = picture_faults(
        [picture for row in collected.rows for picture in row.images], ImageStore(workspace.images).path
    )
    made = plan(
        replace(collected, quality=quality),
        Source(alike=source.alike, seeded=source.seeded, unreadable=faults),
        replace(order, overrides=tuple(CHECKS)),
        workspace_key,
    )
    return len(made.rows), made.checks


def _name_taken(name: str) -> RefusedError:
    return RefusedError(
        f"there is already a snapshot {name}", "A snapshot is never changed: choose another name."
    )


def build_snapshot(
    database: Database,
    workspace: Workspace,
    order: Order,
    *,
    workspace_key: bytes,
    figures: Figures,
    actor: str,
    now: datetime,
    mask: MaskImage | None = None,
    write: Write = write_file,
) -> Frozen:
    """Freeze the labels as they are now into `workspace.snapshots / order.name`, and register the snapshot.

    The folder becomes visible and the database knows of it together, or neither happens.

    Args:
        figures: work out the quality of the labels, from the database and the rows that were chosen.
        now: of the register's entry; nothing in the folder depends on it.

    Raises:
        RefusedError: see `freezing.plan`; also where the name was used before.
    """
    from db.store.images import ImageStore

    with database.read() as session:
        if find_snapshot(session, name=order.name) is not None:
            raise _name_taken(order.name)
        collected = collect(session)
        source = read_source(session, collected)
        quality = figures(session, chosen_by(order, collected))

    pictures = [picture for row in collected.rows for picture in row.images]
    faults = picture_faults(pictures, ImageStore(workspace.images).path)
    return freeze(
        replace(collected, quality=quality),
        Source(alike=source.alike, seeded=source.seeded, unreadable=faults),
        order,
        folder=workspace.snapshots,
        workspace_key=workspace_key,
        mask=mask,
        publish=publishing(database, actor, now, {row.patient_key for row in collected.rows}),
        write=write,
    )


# (the manifest's values, its hash, the renaming that makes the snapshot visible)
PublishSnapshot = Callable[[dict[str, Any], str, Callable[[], None]], None]


def publishing(
    database: Database, actor: str, now: datetime, patients: Container[str] = ()
) -> PublishSnapshot:
    """What registers a snapshot and makes it visible, together or not at all.

    Args:
        patients: keyed hashes of those in it. Masking takes a while, and one may have withdrawn meanwhile.
    """

    def publish(manifest: dict[str, Any], digest: str, rename: Callable[[], None]) -> None:
        with database.write() as session:
            lock_chain(session)
            gone = sum(key in patients for key in withdrawn_in(session))
            if gone:
                raise RefusedError(
                    f"{gone} of its patients withdrew their consent; nothing was kept",
                    "Run the same again: their records are left out. Take their rows out of a table of your "
                    "own first.",
                )
            store_snapshot(session, snapshot=_entry(manifest, digest), actor=actor, now=now)
            rename()

    return publish


def refuse_taken_name(database: Database, workspace: Workspace, name: str) -> None:
    """Raises RefusedError where a snapshot of this name was made before, registered or not."""
    with database.read() as session:
        is_registered = find_snapshot(session, name=name) is not None
    if is_registered or (workspace.snapshots / name).exists():
        raise _name_taken(name)


def log_head(database: Database) -> str:
    """The hash of the newest event that is not a snapshot's own."""
    with database.read() as session:
        return end_of_log(session).head


def register_problems(session: Session, name: str, manifest_sha256: str) -> list[str]:
    """What the register of snapshots says against a folder of the workspace.

    Args:
        manifest_sha256: of the folder's manifest; empty where it cannot be told.
    """
    entry = find_snapshot(session, name=name)
    if entry is None:
        return ["the database does not know this snapshot; its making was interrupted, or it was put there"]
    if manifest_sha256 and entry.manifest_sha256 != manifest_sha256:
        return ["the manifest is not the one in the database's register"]
    return []


def _entry(manifest: Mapping[str, Any], digest: str) -> Snapshot:
    """A row of the register; `created_*` are set when it is stored."""
    return Snapshot(
        name=manifest["name"],
        content_sha256=manifest["content_sha256"],
        manifest_sha256=digest,
        reviews_sha256=manifest["parents"]["reviews_sha256"],
        event_head=manifest["event_log_head"],
        row_count=manifest["counts"]["rows"],
        codebook_version=manifest["codebook_version"],
        code_version=manifest["code_version"],
        arguments=manifest["arguments"],
        created_by="",
        created_at=_BEFORE_EVERYTHING,
    )
