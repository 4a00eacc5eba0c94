"""What a workspace holds after intake, in a form two workspaces can be compared by; and an intake to kill."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlmodel import select

from db.events import verify_chain
from db.store.engine import open_database
from db.store.images import ImageStore
from db.tables.cases import Case, CaseImage, Image, ImageOrigin, NearDuplicate
from db.tables.events import Event
from db.workspace import Workspace
from labeling.intake.register import intake

NOW = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)


def state_of(workspace: Workspace) -> dict[str, Any]:
    """Everything intake writes, without row numbers; checks the event chain and every stored picture."""
    database = open_database(workspace)
    try:
        with database.read() as session:
            assert verify_chain(session).bad_id is None
            reports = {case.id: case.report_sha256 for case in session.exec(select(Case))}
            state: dict[str, Any] = {
                "cases": sorted(
                    (
                        case.report_sha256,
                        case.patient_key,
                        case.site,
                        str(case.report_date),
                        str(case.ecg_date),
                    )
                    for case in session.exec(select(Case))
                ),
                "case_images": sorted(
                    (reports[link.case_id], link.role, link.position, link.image_sha256)
                    for link in session.exec(select(CaseImage))
                ),
                "images": sorted(image.sha256 for image in session.exec(select(Image))),
                "origins": sorted(
                    (origin.original_sha256, origin.page, origin.image_sha256)
                    for origin in session.exec(select(ImageOrigin))
                ),
                "pairs": sorted((pair.image_a, pair.image_b) for pair in session.exec(select(NearDuplicate))),
                "events": sorted(
                    (event.kind, str(sorted(event.payload))) for event in session.exec(select(Event))
                ),
            }
    finally:
        database.close()
    store = ImageStore(workspace.images)
    assert all(store.verify(sha256) for sha256 in state["images"])
    return state


def take_in(source: Path, root: Path) -> None:
    """Take in a folder; runs in a process of its own, so that a test can kill it."""
    workspace = Workspace(workspace=root)
    database = open_database(workspace)
    intake([source], workspace=workspace, database=database, now=NOW)
    database.close()
