"""A small desk with a label of every kind, a flagged record and one that waits."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import PIL.Image
from sqlmodel import Session

from db.cases import register_case
from db.decisions import Decision
from db.drafts import store_draft
from db.labels import EfOperator, EfState, Findings, Pah, Rwma, RwmaSeverity
from db.queue.leases import take_lease
from db.reviews import record_decision
from db.store.engine import Database, open_database
from db.store.images import ImageStore
from db.tables.drafts import Draft
from db.tables.findings import findings_columns
from db.users import ensure_local_user
from db.workspace import Workspace

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
ANA = "Dr Ana Named"

_PLAIN = Findings(
    ef_percent=55,
    ef_operator=EfOperator.EQUAL,
    ef_state=EfState.STATED,
    rwma=Rwma.ABSENT,
    rwma_severity=RwmaSeverity.NONE,
    pah=Pah.NONE,
)
# Record -> what was decided about it.
STATES = {
    1: _PLAIN,
    2: Findings(
        ef_percent=37.5,
        ef_low=35,
        ef_high=40,
        ef_operator=EfOperator.ABOUT,
        ef_state=EfState.STATED,
        rwma=Rwma.PRESENT,
        rwma_severity=RwmaSeverity.SEVERE,
        rwma_walls=("anterior", "apical"),
        pah=Pah.MILD,
        rvsp_mmhg=42,
    ),
    3: _PLAIN.model_copy(update={"ef_operator": EfOperator.ABOVE, "pah": Pah.PRESENT_UNSPECIFIED}),
    4: Findings(lv_function="=1+1"),
    5: Findings(ef_state=EfState.UNREADABLE, rwma=Rwma.UNREADABLE, pah=Pah.UNREADABLE),
}
FLAGGED, WAITING = 6, 7


def labelled_desk(workspace: Workspace, migrated_file: Path) -> Database:
    """Seven records, drafted alike; the first five decided as in `STATES`, the first of them synthetic."""
    workspace.root.mkdir(exist_ok=True)
    shutil.copy(migrated_file, workspace.database_file)
    database = open_database(workspace)
    store = ImageStore(workspace.images)
    with database.write() as session:
        ana = int(ensure_local_user(session, name=ANA, now=NOW).id or 0)
        for number in range(1, WAITING + 1):
            _add(session, store, number)
        for number, found in STATES.items():
            decide(session, number, ana, Decision.ACCEPT if found == _PLAIN else Decision.CORRECT, found)
        decide(session, FLAGGED, ana, Decision.ACCEPT, _PLAIN)
        decide(session, FLAGGED, ana, Decision.FLAG, _PLAIN)
    return database


def decide(session: Session, number: int, by: int, decision: Decision, found: Findings) -> None:
    """One decision with the lease it needs."""
    take_lease(session, case_id=number, annotator_id=by, now=NOW, lease_s=60)
    record_decision(
        session,
        case_id=number,
        draft_id=number,
        annotator_id=by,
        decision=decision,
        findings=found,
        note="a private note",
        active_s=4,
        request_id=f"{number}-{by}-{decision}",
        now=NOW,
    )


def _add(session: Session, store: ImageStore, number: int) -> None:
    picture = PIL.Image.new("L", (20 + number, 10), number)
    stored = store.put(picture, original_sha256=f"{number:064x}", lossy=False)
    case, _ = register_case(
        session,
        patient_key=f"{number:064x}",
        site="Ward 1",
        layout="",
        is_synthetic=number == 1,
        report_images=[stored],
        ecg_images=[],
        report_date=date(2024, 3, number),
        ecg_date=None,
        now=NOW,
    )
    draft = Draft(
        case_id=int(case.id or 0),
        report_sha256=case.report_sha256,
        reader="rules",
        reader_version="1",
        code_version="test",
        created_at=NOW,
        **findings_columns(_PLAIN),
    )
    store_draft(session, draft=draft, actor="rules", now=NOW)
