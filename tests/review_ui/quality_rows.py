"""Single rows for tests of the quality pages, each written straight into its table."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

from simulated_reviews import findings_row
from sqlmodel import Session

from db.labels import CODEBOOK_VERSION
from db.tables.audits import AuditItem, AuditSample
from db.tables.cases import Case
from db.tables.drafts import Draft
from db.tables.people import User
from db.tables.practice import SeededAnswer, SeededDraft
from db.tables.queue import QueueItem
from db.tables.reviews import Review, Withdrawal
from review_ui.leads.kept import Read

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)


def held(session: Session) -> Read:
    """Readings of a session that is open already."""
    return lambda: nullcontext(session)


class QualityRows:
    """Adds one row a call to an open session."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.numbers = 0

    def person(self, name: str, role: str = "annotator") -> int:
        """A user's number."""
        return self._add(User(name=name, role=role, created_at=NOW))

    def case(
        self, draft: Mapping[str, Any] | None = None, *, site: str = "North", layout: str = "letter"
    ) -> int:
        """A case with one draft; plain findings unless told otherwise. The draft has the same number."""
        self.numbers += 1
        number = self._add(
            Case(
                id=self.numbers,
                patient_key=f"{self.numbers:064x}",
                report_sha256=f"{self.numbers:064x}",
                site=site,
                layout=layout,
                created_at=NOW,
            )
        )
        self._add(
            Draft(
                id=number,
                case_id=number,
                report_sha256=f"{number:064x}",
                reader="rules",
                reader_version="1",
                code_version="test",
                created_at=NOW,
                **findings_row(**(draft or {})),
            )
        )
        self.session.add(QueueItem(case_id=number, shuffle=0.5))
        return number

    def review(self, case_id: int, by: int, found: Mapping[str, Any] | None = None, **more: Any) -> int:
        """A decision, `accept` and first unless told otherwise."""
        self.numbers += 1
        columns: dict[str, Any] = {
            "decision": "accept",
            "purpose": "first",
            "arm": "shown",
            "active_s": 6.0,
            "created_at": NOW,
        }
        return self._add(
            Review(
                case_id=case_id,
                draft_id=case_id,
                annotator_id=by,
                request_id=f"request-{self.numbers}",
                codebook_version=CODEBOOK_VERSION,
                **findings_row(**(found or {})),
                **(columns | more),
            )
        )

    def undo(self, review_id: int, by: int, kind: str = "undo") -> None:
        """Take a decision back, or put it in force again."""
        self.numbers += 1
        self._add(
            Withdrawal(
                review_id=review_id,
                kind=kind,
                annotator_id=by,
                after_review_id=review_id,
                request_id=f"request-{self.numbers}",
                created_at=NOW,
            )
        )

    def sample(
        self, labels: Mapping[int, int], *, population: int, name: str = "March", is_random: bool = True
    ) -> int:
        """An audit sample of (case -> the review that was its label)."""
        number = self._add(
            AuditSample(
                name=name,
                population=population,
                size=len(labels),
                seed=1,
                is_random=is_random,
                drawn_by="lead",
                created_at=NOW,
            )
        )
        self.session.add_all(
            AuditItem(sample_id=number, case_id=case, review_id=review) for case, review in labels.items()
        )
        self.session.flush()
        return number

    def practice(
        self, case_id: int, by: int, shown: Mapping[str, Any], field: str, *, is_caught: bool
    ) -> None:
        """A practice record that was answered."""
        number = self._add(
            SeededDraft(
                case_id=case_id,
                annotator_id=by,
                draft_id=case_id,
                field=field,
                kind="flipped",
                shown=findings_row(**shown),
                created_at=NOW,
            )
        )
        self.session.add(
            SeededAnswer(
                seeded_id=number, answered=findings_row(), is_caught=is_caught, active_s=5.0, created_at=NOW
            )
        )
        self.session.flush()

    def _add(self, row: Any) -> int:
        self.session.add(row)
        self.session.flush()
        return int(row.id)
