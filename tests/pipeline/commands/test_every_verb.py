"""Every verb over every record of a reviewed demo: whatever a record holds, none ends in a traceback."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from drafted_cohort import DraftedCohort, drafted_cohort
from sqlmodel import Session, col, select
from typer.testing import CliRunner, Result

from db.decisions import Role
from db.exports.interchange import Form
from db.tables.cases import Case
from db.tables.drafts import Draft
from db.tables.reviews import Review
from db.tabular import FileFormat
from db.workspace import Workspace
from pipeline.cli import VERBS, app
from pipeline.demo.reviewing.annotators import ANNOTATORS
from pipeline.demo.reviewing.decisions import Shares
from pipeline.demo.reviewing.playing import play_readings
from review_ui.door.sessions import Identity
from review_ui.leads import records_page, take_out_page
from review_ui.rest.answers import ADDRESSES

PATIENTS = 24
# Practice, hidden drafts and audits among few records; some labels wrong, so that there is something to find.
BUSY = Shares(practice=0.8, hidden=0.3, audit=0.5)
OVERRIDES = ("conflicts", "class-counts", "vigilance", "seeded-values", "far-pairs", "ef-fraction")

# Verbs that read what is on paper or what was frozen, or that start something; each has tests of its own.
NOT_OVER_RECORDS = {
    "demo", "doctor", "intake", "read", "extract", "review", "benchmark", "pretrain", "train", "evaluate",
    "explain", "runs", "bundle", "screen", "serve", "relay", "finetune", "bench", "restore", "users",
    "outcomes",
}  # fmt: skip


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> DraftedCohort:
    """Records of every kind, drafted and reviewed by the demo's people."""
    made = drafted_cohort(tmp_path_factory.mktemp("every") / "space", patients=PATIENTS)
    database = made.open()
    with database.write() as session:
        assert play_readings(session, pages=made.pages, seed=11, label_error_share=0.1, shares=BUSY)
    database.close()
    return made


def echodesk(cohort: DraftedCohort, *words: object, codes: tuple[int, ...] = (0,)) -> Result:
    """Run a verb; anything but a sentence and an exit code fails the test."""
    done = CliRunner().invoke(app, ["-w", str(cohort.workspace.root), *map(str, words)])
    assert done.exception is None or isinstance(done.exception, SystemExit), (words, done.exception)
    assert done.exit_code in codes, (words, done.output)
    return done


def numbers(cohort: DraftedCohort, table: Any) -> list[int]:
    database = cohort.open()
    with database.read() as session:
        found = [int(number or 0) for number in session.exec(select(table.id).order_by(col(table.id)))]
    database.close()
    return found


def verbs_over_records(cohort: DraftedCohort, folder: Path) -> list[tuple[object, ...]]:
    """What is asked of the whole workspace, in an order in which each has something to work on."""
    suspects = folder / "suspects.csv"
    suspects.write_text("case_id\n" + "".join(f"{n}\n" for n in range(1, PATIENTS + 1)), encoding="utf-8")
    overrides = [word for name in OVERRIDES for word in ("--override", name)]
    formats = [("labels", name) for name in (*FileFormat, *Form)] + [("drafts", name) for name in FileFormat]
    return [
        ("status",),
        ("status", "--json"),
        *(("export", table, "--format", name, "-o", folder / f"{table}.{name}") for table, name in formats),
        ("agreement",),
        ("audit", "verify"),
        ("audit", "status"),
        ("curation", "report", "-o", folder / "curation"),
        ("suspects", "-o", folder / "ranked.csv"),
        ("calibrate",),
        ("snapshot", "create", "v1", "--max-days", "9999", *overrides),
        ("snapshot", "list"),
        ("snapshot", "verify", "v1"),
        ("snapshot", "diff", "v1", "v1"),
        ("snapshot", "export", "v1", "--to", folder / "v1.zip"),
        ("import", folder / "labels.label-studio", "--annotator", ANNOTATORS[0].name),
        ("enqueue", suspects),
        ("backup",),
        ("withdraw", "--record", 3, "--plan"),
        ("withdraw", "--list"),
    ]


def test_every_verb_over_a_whole_reviewed_demo(cohort: DraftedCohort, tmp_path: Path) -> None:
    asked = verbs_over_records(cohort, tmp_path)
    for words in asked:
        # Of so few records nothing can be learnt.
        echodesk(cohort, *words, codes=(1,) if words == ("calibrate",) else (0,))
    covered = {str(words[0]) for words in asked} | {"lineage"}
    assert covered | NOT_OVER_RECORDS == set(VERBS), "a new verb belongs in one of the two"
    assert not covered & NOT_OVER_RECORDS


def test_every_verb_after_patients_of_it_withdrew(cohort: DraftedCohort, tmp_path: Path) -> None:
    root = tmp_path / "space"
    shutil.copytree(cohort.workspace.root, root, ignore=shutil.ignore_patterns("snapshots"))
    left = replace(cohort, workspace=Workspace(workspace=root))
    gone = [word for number in (1, 3, PATIENTS) for word in ("--record", number)]
    echodesk(left, "withdraw", *gone, "--yes")
    assert numbers(left, Case) == [n for n in range(2, PATIENTS) if n != 3]
    for words in verbs_over_records(left, tmp_path):
        # A list and a number that name records which are gone are told so.
        is_told = words[0] in ("calibrate", "enqueue") or words[:3] == ("withdraw", "--record", 3)
        again = ["v2" if word == "v1" else word for word in words]
        echodesk(left, *again, codes=(1,) if is_told else (0,))


def test_lineage_of_every_record(cohort: DraftedCohort) -> None:
    for number in range(1, PATIENTS + 1):
        assert f"case:{number} " in echodesk(cohort, "lineage", f"case:{number}", "--quotes").output


@pytest.mark.slow
@pytest.mark.parametrize("what", [Review, Draft])
def test_lineage_of_every_reading_and_draft(cohort: DraftedCohort, what: Any) -> None:
    found = numbers(cohort, what)
    assert len(found) >= PATIENTS
    for number in found:
        told = echodesk(cohort, "lineage", f"{what.__name__.lower()}:{number}", "--json").stdout
        assert json.loads(told)


def test_the_pages_of_every_record(cohort: DraftedCohort) -> None:
    database = cohort.open()
    lead = Identity(1, "Lead", Role.LEAD)
    with database.read() as session:
        now = session.exec(select(Review.created_at).order_by(col(Review.id).desc())).first()
    assert now is not None
    for number in range(1, PATIENTS + 1):
        assert f"Record {number}" in records_page.render(database, lead, {"record": str(number)}, now)
    assert take_out_page.render(database, lead, {}, now)
    with database.read() as session:
        _every_answer(session)
    database.close()


def _every_answer(session: Session) -> None:
    for path, address in ADDRESSES.items():
        told = address.answer(session, address.read([]))
        if "items" in told:
            assert len(told["items"]) == PATIENTS, path
