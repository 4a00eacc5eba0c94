"""Rows for the database tests, made through the same functions the program uses."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlmodel import Session, col, select

from db.cases import register_case
from db.drafts import store_draft
from db.labels import EfOperator, EfState, Findings, Pah, Rwma, RwmaSeverity
from db.queue.items import refresh_case
from db.queue.plan import ReadingRules
from db.store.engine import Database
from db.store.images import StoredImage
from db.tables.cases import Case
from db.tables.drafts import Draft
from db.tables.findings import findings_columns
from db.tables.people import User

FINDINGS = Findings(
    ef_percent=52.5,
    ef_low=50,
    ef_high=55,
    ef_operator=EfOperator.EQUAL,
    ef_state=EfState.STATED,
    lv_function="low normal",
    rwma=Rwma.PRESENT,
    rwma_severity=RwmaSeverity.MILD,
    rwma_walls=("inferior", "apical"),
    pah=Pah.MILD,
    rvsp_mmhg=38,
)


def sha256_of(text: str) -> str:
    """A hash as the store would give, from a short name."""
    return hashlib.sha256(text.encode()).hexdigest()


def stored_image(name: str, *, page: int = 1, original: str = "", perceptual_hash: str = "") -> StoredImage:
    """A picture as the store describes it; nothing is on the disk."""
    return StoredImage(
        sha256=sha256_of(name),
        original_sha256=sha256_of(original or f"original of {name}"),
        page=page,
        width_px=100,
        height_px=140,
        byte_count=1234,
        media_type="image/png",
        perceptual_hash=perceptual_hash or sha256_of(f"looks of {name}"),
    )


def new_draft(
    case_id: int, *, reader: str = "rules", version: str = "1", findings: Findings = FINDINGS
) -> Draft:
    """A machine reading that is not stored yet."""
    return Draft(
        case_id=case_id,
        report_sha256=sha256_of(f"report {case_id}"),
        reader=reader,
        reader_version=version,
        code_version="test",
        evidence={"ef_percent": {"quote": "EF 50-55 %", "page": 1, "box": [1.5, 2, 3, 4]}},
        confidence={"ef_percent": 0.9},
        elapsed_s=0.25,
        **findings_columns(findings),
    )


class World:
    """Makes what a test needs, one short transaction each."""

    def __init__(self, database: Database, now: datetime) -> None:
        self.database = database
        self.now = now

    def user(self, name: str = "ana") -> int:
        """A reviewer's number."""
        with self.database.write() as session:
            user = User(name=name, created_at=self.now)
            session.add(user)
            session.flush()
            return int(user.id or 0)

    def cases(self, count: int, *, drafted: bool = True, prefix: str = "report") -> list[int]:
        """Case numbers, each with one report page and, if asked, one draft."""
        numbers = []
        with self.database.write() as session:
            for number in range(count):
                case, _ = register_case(
                    session,
                    patient_key=sha256_of(f"patient {prefix} {number}"),
                    site="here",
                    is_synthetic=True,
                    report_images=[stored_image(f"{prefix} {number}")],
                    ecg_images=[],
                    report_date=None,
                    ecg_date=None,
                    now=self.now,
                )
                numbers.append(int(case.id or 0))
                if drafted:
                    store_draft(session, draft=new_draft(numbers[-1]), actor="test", now=self.now)
        return numbers


def rebuild_queue(session: Session, *, rules: ReadingRules) -> int:
    """Derive every row of the queue anew, case by case; returns how many cases were looked at."""
    numbers = session.exec(select(col(Case.id)).order_by(col(Case.id))).all()
    for number in numbers:
        refresh_case(session, case_id=int(number or 0), rules=rules)
    return len(numbers)
