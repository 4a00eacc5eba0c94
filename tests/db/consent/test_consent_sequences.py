"""Whatever happens in whichever order, nothing of whoever withdrew is left and nothing of others is lost."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from db_rows import rebuild_queue, sha256_of, stored_image
from desk_work import NOW, RULES, Work, ef, lit_draft
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from one_patient import rows_of
from sqlmodel import col, select

from db.cases import register_case
from db.consent.patients import give_consent_again, is_withdrawn
from db.consent.removing import withdraw_consent
from db.decisions import Decision, Purpose
from db.drafts import store_draft
from db.errors import EchoDeskError, LeaseLostError
from db.events import verify_database
from db.queue.practice import store_seed
from db.store.engine import Database, open_database
from db.store.images import ImageStore
from db.tables.cases import Case, CaseImage
from db.tables.drafts import Draft
from db.tables.practice import SeededDraft
from db.tables.queue import QueueItem
from db.tables.reviews import Review
from db.workspace import Workspace

PATIENTS, PAGES, PEOPLE = 4, 5, ("ana", "ben", "cem")

actions = st.one_of(
    st.tuples(st.just("register"), st.integers(0, PATIENTS - 1), st.integers(0, PAGES - 1)),
    st.tuples(st.sampled_from(["accept", "flag", "skip", "second", "adjudicate", "twice", "seed", "redraft"]),
              st.integers(0, 30), st.integers(0, 2)),
    st.tuples(st.sampled_from(["undo", "redo", "audit"]), st.integers(0, 2), st.integers(1, 3)),
    st.tuples(st.sampled_from(["withdraw", "withdraw", "again"]), st.integers(0, PATIENTS - 1), st.just(0)),
)  # fmt: skip


@dataclass
class Hospital:
    """A database, and what must be true of it."""

    database: Database
    workspace: Workspace
    made: int = 0
    people: dict[str, int] = field(default_factory=dict)
    numbers: set[int] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)

    def do(self, what: str, which: int, more: int) -> None:
        """One step; what the desk would refuse is refused here, too."""
        if what in ("withdraw", "again"):
            self._consent(what, sha256_of(f"patient {which}"))
            return
        try:
            with self.database.write() as session:
                work = Work(session, NOW, made=self.made, people=dict(self.people))
                self._step(work, what, which, more)
            self.people = work.people
        except (EchoDeskError, LeaseLostError, AssertionError):
            pass
        self.made += 10

    def _consent(self, what: str, patient: str) -> None:
        if what == "again":
            give_consent_again(self.database, self.workspace, patient_key=patient, actor="lead", now=NOW)
            return
        done = withdraw_consent(self.database, self.workspace, patient_key=patient, actor="lead", now=NOW)
        self.gone |= set(done.holdings.cases)

    def _step(self, work: Work, what: str, which: int, more: int) -> None:
        session, name = work.session, PEOPLE[more % 3]
        cases = list(session.exec(select(Case.id).order_by(col(Case.id))))
        if what == "register":
            self._register(work, which, more)
        elif what == "audit":
            work.audit(more, seed=which)
        elif what in ("undo", "redo"):
            work.undo(name) if what == "undo" else work.redo(name)
        elif cases:
            self._about(work, what, int(cases[which % len(cases)] or 0), name)

    def _register(self, work: Work, patient: int, page: int) -> None:
        key = sha256_of(f"patient {patient}")
        if is_withdrawn(work.session, patient_key=key):
            return
        work.made += 1
        images = [stored_image(f"report {work.made}"), stored_image(f"shared {page}")]
        for image in images:
            place = ImageStore(self.workspace.images).path(image.sha256)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(b"picture")
        case, _ = register_case(
            work.session, patient_key=key, site="", is_synthetic=True, report_images=images, ecg_images=[],
            report_date=None, ecg_date=None, now=NOW,
        )  # fmt: skip
        number = int(case.id or 0)
        if number in self.numbers:
            raise RuntimeError(f"number {number} was given twice")
        self.numbers.add(number)
        store_draft(work.session, draft=lit_draft(number), actor="test", now=NOW)

    def _about(self, work: Work, what: str, case_id: int, name: str) -> None:
        if what == "redraft":
            work.redraft(case_id, "amber")
        elif what == "twice":
            work.read_twice(case_id)
        elif what == "seed":
            draft = work.session.exec(select(Draft).where(Draft.case_id == case_id)).first()
            who = work.person(name)
            seeded = select(SeededDraft).where(
                SeededDraft.case_id == case_id, SeededDraft.annotator_id == who
            )
            if draft is not None and work.session.exec(seeded).first() is None:
                store_seed(work.session, draft=draft, annotator_id=who, key=RULES.key, now=NOW)
        else:
            decision = {"flag": Decision.FLAG, "skip": Decision.SKIP}.get(what, Decision.CORRECT)
            purpose = {"second": Purpose.SECOND, "adjudicate": Purpose.ADJUDICATION}.get(what, Purpose.FIRST)
            work.decide(case_id, name, purpose, decision, ef(20.0 + work.made % 60))

    def check(self) -> None:
        """The log holds, the queue follows from the rest, nothing of those gone is left, all pictures are."""
        assert verify_database(self.database).reason == ""
        assert set(rows_of(self.database, sorted(self.gone)).values()) <= {0}
        with self.database.write() as session:
            wanted = select(QueueItem).order_by(
                col(QueueItem.case_id), col(QueueItem.purpose), col(QueueItem.sample_key)
            )
            before = [item.model_dump(exclude={"id"}) for item in session.exec(wanted)]
            rebuild_queue(session, rules=RULES)
            assert [item.model_dump(exclude={"id"}) for item in session.exec(wanted)] == before
            assert set(session.exec(select(Case.id))) == self.numbers - self.gone
            assert all(review.case_id not in self.gone for review in session.exec(select(Review)))
            shown = set(session.exec(select(CaseImage.image_sha256)))
        kept = {path.name for path in self.workspace.images.rglob("*") if path.is_file()}
        assert kept == shown


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(actions, min_size=5, max_size=40))
def test_any_order_of_work_and_withdrawals(
    steps: list[tuple[str, int, int]], migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    workspace = Workspace(workspace=tmp_path_factory.mktemp("any") / "space")
    workspace.root.mkdir()
    shutil.copyfile(migrated_file, workspace.database_file)
    database = open_database(workspace)
    try:
        hospital = Hospital(database, workspace)
        for what, which, more in [("register", 0, 0), ("register", 1, 0), *steps]:
            hospital.do(what, which, more)
            if what == "withdraw":
                hospital.check()
        hospital.check()
    finally:
        database.close()
