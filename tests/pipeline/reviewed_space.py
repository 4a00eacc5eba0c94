"""A workspace with reviewed records, for tests of the commands that look at decisions."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import Session

from db.decisions import Decision
from db.drafts import store_draft
from db.labels import EfOperator, EfState, Findings, Pah, Rwma, RwmaSeverity
from db.reviews import ReadingContext, record_decision
from db.store.engine import open_database
from db.tables.cases import Case
from db.tables.drafts import Draft
from db.tables.findings import findings_columns
from db.tables.people import User
from db.tables.queue import Lease
from db.workspace import Workspace

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
FINDINGS = Findings(
    ef_percent=55,
    ef_operator=EfOperator.EQUAL,
    ef_state=EfState.STATED,
    rwma=Rwma.ABSENT,
    rwma_severity=RwmaSeverity.NONE,
    pah=Pah.NONE,
)


def reviewed_space(folder: Path) -> Path:
    """Twelve records reviewed by Ana, and Ben to read them again."""
    database = open_database(Workspace(workspace=folder))
    with database.write() as session:
        session.add_all(
            User(id=number, name=name, created_at=NOW) for number, name in ((1, "Ana"), (2, "Ben"))
        )
        session.flush()
        for number in range(1, 13):
            add_case(session, number)
            decide(session, number, 1, FINDINGS, ReadingContext())
    database.close()
    return folder


def add_waiting(folder: Path, *numbers: int) -> None:
    """More records, not reviewed yet."""
    database = open_database(Workspace(workspace=folder))
    with database.write() as session:
        for number in numbers:
            add_case(session, number)
    database.close()


def add_case(session: Session, number: int) -> None:
    """One record with its draft."""
    digest = f"{number:064x}"
    session.add(Case(id=number, patient_key=digest, report_sha256=digest, created_at=NOW))
    session.flush()
    draft = Draft(
        case_id=number,
        report_sha256=digest,
        reader="rules",
        reader_version="1",
        code_version="test",
        created_at=NOW,
        **findings_columns(FINDINGS),
    )
    store_draft(session, draft=draft, actor="rules", now=NOW)


def decide(session: Session, case_id: int, by: int, found: Findings, context: ReadingContext) -> None:
    """One decision, with the lease it needs."""
    session.add(Lease(case_id=case_id, annotator_id=by, expires_at=NOW.replace(year=2036)))
    session.flush()
    record_decision(
        session,
        case_id=case_id,
        draft_id=case_id,
        annotator_id=by,
        decision=Decision.ACCEPT,
        findings=found,
        note="",
        active_s=5.0,
        request_id=f"{case_id}-{by}-{context.purpose}",
        now=NOW,
        context=context,
    )
