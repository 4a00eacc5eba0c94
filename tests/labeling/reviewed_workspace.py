"""A workspace with reports, drafts and decisions about them, made through the functions the program uses."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import PIL.Image
import PIL.ImageDraw
from sqlmodel import select

from db.cases import register_case
from db.decisions import Decision
from db.drafts import store_draft
from db.labels import EfOperator, EfState, Evidence, Findings, Pah, Rwma, RwmaSeverity
from db.queue.leases import take_lease
from db.reviews import record_decision
from db.store.engine import Database, open_database
from db.store.images import ImageStore
from db.tables.drafts import Draft
from db.tables.people import User
from db.workspace import Workspace
from labeling.extraction.drafting import draft_of_reading
from labeling.readers.base import Grounding, ReaderIdentity, Reading

NOW = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
RULES = ReaderIdentity("rules", "1")
MODEL = ReaderIdentity("qwen2vl", "1-abc", "revision", "read-1")


def stated(ef_percent: float, **more: Any) -> Findings:
    """A record with EF, no wall motion abnormality and no pulmonary hypertension, if not told otherwise."""
    return Findings(
        ef_percent=ef_percent,
        ef_operator=EfOperator.EQUAL,
        ef_state=EfState.STATED,
        **{"rwma": Rwma.ABSENT, "rwma_severity": RwmaSeverity.NONE, "pah": Pah.NONE, **more},
    )


def quoted(
    findings: Findings, quotes: Mapping[str, str], *, is_found: Mapping[str, bool] | None = None
) -> Reading:
    """A reading whose quotes have boxes (the rules'), or are said to be found or not (a language model's)."""
    box = None if is_found is not None else (1.0, 2.0, 30.0, 12.0)
    return Reading(
        findings,
        evidence={name: Evidence(quote=quote, box=box) for name, quote in quotes.items()},
        grounding={name: Grounding(100.0, found) for name, found in (is_found or {}).items()},
    )


def page_with(words: str, *, size_px: tuple[int, int] = (112, 56)) -> PIL.Image.Image:
    """A small page with one printed line."""
    image = PIL.Image.new("L", size_px, 255)
    PIL.ImageDraw.Draw(image).text((6, 20), words, fill=0, font_size=22)
    return image


class ReviewedWorkspace:
    """Adds records to a new workspace, one call each."""

    def __init__(self, root: Path) -> None:
        self.workspace = Workspace(workspace=root)
        self.database: Database = open_database(self.workspace)
        self.store = ImageStore(self.workspace.images)
        with self.database.write() as session:
            user = User(name="ana", created_at=NOW)
            session.add(user)
            session.flush()
            self.annotator_id = int(user.id or 0)

    def add_case(
        self,
        words: str,
        *,
        patient: str = "",
        is_synthetic: bool = True,
        images: Sequence[PIL.Image.Image] = (),
    ) -> int:
        """A case with a page that shows `words`, or with the pages given; its number."""
        stored = [
            self.store.put(image, original_sha256=_sha256(f"{words} {page}"), page=1, lossy=False)
            for page, image in enumerate(images or [page_with(words)])
        ]
        with self.database.write() as session:
            case, _ = register_case(
                session,
                patient_key=_sha256(patient or f"patient of {words}"),
                site="",
                is_synthetic=is_synthetic,
                report_images=stored,
                ecg_images=[],
                report_date=None,
                ecg_date=None,
                now=NOW,
            )
            return int(case.id or 0)

    def draft(self, case_id: int, reading: Reading, *, identity: ReaderIdentity = RULES) -> int:
        """Store a reading as a draft; its number."""
        draft = draft_of_reading(
            reading,
            case_id=case_id,
            report_sha256=_sha256(f"report {case_id}"),
            identity=identity,
            code_version="test",
            elapsed_s=0.1,
        )
        with self.database.write() as session:
            return int(store_draft(session, draft=draft, actor="test", now=NOW).id or 0)

    def decide(self, case_id: int, findings: Findings, *, decision: Decision | None = None) -> int:
        """Decide a case on its newest draft; accept or correct, whichever it is, if not said otherwise."""
        with self.database.write() as session:
            draft = session.exec(
                select(Draft).where(Draft.case_id == case_id).order_by(Draft.id.desc())
            ).first()  # type: ignore[union-attr]
            is_same = draft is not None and draft.to_findings() == findings
            take_lease(session, case_id=case_id, annotator_id=self.annotator_id, now=NOW, lease_s=60)
            review = record_decision(
                session,
                case_id=case_id,
                draft_id=draft.id if draft else None,
                annotator_id=self.annotator_id,
                decision=decision or (Decision.ACCEPT if is_same else Decision.CORRECT),
                findings=findings,
                note="why" if decision is Decision.FLAG else "",
                active_s=1.0,
                request_id=_sha256(f"{case_id} {decision} {findings}")[:32],
                now=NOW,
            )
            return int(review.id or 0)

    def reviewed(self, words: str, reading: Reading, decided: Findings, **case: Any) -> int:
        """A case with one draft and one decision; its number."""
        case_id = self.add_case(words, **case)
        self.draft(case_id, reading)
        self.decide(case_id, decided)
        return case_id

    def close(self) -> None:
        """Close the database."""
        self.database.close()


def fill(
    world: ReviewedWorkspace, count: int, *, corrected_every: int = 4, is_synthetic: bool = True
) -> None:
    """Records that say their EF on the page; every so many-th was drafted wrong and corrected."""
    for number in range(count):
        ef_percent = 30.0 + number
        words = f"LVEF {ef_percent:g} %"
        drafted = stated(ef_percent + (20 if number % corrected_every == 0 else 0))
        quotes = {"ef_percent": words, "rwma": "NO RWMA", "pah": "NO PAH"}
        world.reviewed(
            words,
            quoted(drafted, quotes),
            stated(ef_percent),
            patient=f"patient {number // 2}",
            is_synthetic=is_synthetic,
        )


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
