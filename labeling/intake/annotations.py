"""Annotations made in Label Studio -> decisions of a named person, each about a record that waits for one.

A task is matched by the record's number and the hash of its report, so that tasks of another workspace are
noticed. What is decided already stays: an annotation never takes a decision's place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from db.cases import get_case
from db.decisions import Decision
from db.drafts import latest_draft
from db.errors import EchoDeskError
from db.events import append_event
from db.exports.label_studio import DRAFT, RECORD, REPORT, AnnotationError, findings_of
from db.fields.sameness import is_as_drafted
from db.files.manifest import sha256_of
from db.label_view import current_label
from db.labels import Findings
from db.queue.items import reviews_in_force
from db.queue.leases import take_lease
from db.queue.plan import ReadingRules
from db.reviews import is_stored, record_decision
from db.store.engine import Database
from db.tables.cases import Case
from db.users import tidy_name, user_named

if TYPE_CHECKING:
    from sqlmodel import Session

    from db.tables.drafts import Draft

IMPORTED: Final = "decision_imported"
NOTE: Final = "Imported from Label Studio."
_MOST_BYTES: Final = 500_000_000
_LEASE_S: Final = 60.0
_MOST_S: Final = 24 * 3600.0

STORED, UNCHANGED, EMPTY = "stored", "unchanged", "not annotated"


class TaskRefused(Exception):
    """A task that is not taken in; its text says why."""


@dataclass
class ImportReport:
    """What became of the tasks of a file.

    Attributes:
        stored: new decisions.
        unchanged: tasks that say what was decided already, or that were imported before.
        empty: tasks that nobody annotated.
        refused: number of the task in the file, from 1 -> why.
    """

    stored: int = 0
    unchanged: int = 0
    empty: int = 0
    refused: dict[int, str] = field(default_factory=dict)


def import_annotations(
    file: Path, database: Database, *, person: str, rules: ReadingRules, now: datetime
) -> ImportReport:
    """Store every usable annotation of a JSON export as a first reading of this person.

    Raises:
        EchoDeskError: the file is no JSON export with annotations, or nobody has this name.
    """
    data = _read(file)
    tasks, digest = _tasks(file, data), sha256_of(data)
    with database.read() as session:
        user = user_named(session, name=tidy_name(person))
    if user is None or not user.is_active:
        raise EchoDeskError(
            f"nobody who may review is named {person!r}", "See everybody: echodesk users list"
        )
    report = ImportReport()
    for number, task in enumerate(tasks, start=1):
        try:
            with database.write() as session:
                came = _Take(session, int(user.id or 0), user.name, rules, now, digest).task(task)
        except (TaskRefused, AnnotationError) as error:
            report.refused[number] = str(error)
            continue
        report.stored += came == STORED
        report.unchanged += came == UNCHANGED
        report.empty += came == EMPTY
    return report


def _read(file: Path) -> bytes:
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise EchoDeskError(f"{file} is larger than 500 MB", "Export the tasks in parts.")
        return file.read_bytes()
    except OSError as error:
        raise EchoDeskError(f"{file} can't be read ({error.strerror})", "Name a JSON export.") from None


def _tasks(file: Path, data: bytes) -> list[Mapping[str, Any]]:
    hint = "In Label Studio choose Export, then JSON (not JSON-MIN or CSV)."
    try:
        tasks = json.loads(data)
    except (ValueError, RecursionError):
        raise EchoDeskError(f"{file} is not JSON", hint) from None
    if not isinstance(tasks, list) or not tasks or not all(isinstance(task, dict) for task in tasks):
        raise EchoDeskError(f"{file} is not a list of tasks", hint)
    if not all("annotations" in task and isinstance(task.get("data"), dict) for task in tasks):
        raise EchoDeskError(f"{file} has tasks without data or annotations", hint)
    return tasks


@dataclass(frozen=True)
class _Take:
    """One task in one transaction."""

    session: Session
    annotator_id: int
    name: str
    rules: ReadingRules
    now: datetime
    file_sha256: str

    def task(self, task: Mapping[str, Any]) -> str:
        """Store what it says, or raise `TaskRefused`."""
        case = self._case(task["data"])
        annotation = _one_annotation(task["annotations"])
        if annotation is None:
            return EMPTY
        findings = findings_of(_results(annotation))
        case_id = int(case.id or 0)
        request = self._request(case, findings)
        if is_stored(self.session, request_id=request, case_id=case_id, annotator_id=self.annotator_id):
            return UNCHANGED
        settled = [
            one for one in reviews_in_force(self.session, case_id=case_id) if one.decision != Decision.SKIP
        ]
        if settled:
            label = current_label(self.session, case_id=case_id)
            if any(one.id == label and one.to_findings() == findings for one in settled):
                return UNCHANGED
            raise TaskRefused(
                f"record {case_id} has been decided or flagged already; have it read again at the desk"
            )
        self._store(case_id, findings, request, _seconds(annotation), self._draft(case_id, task["data"]))
        return STORED

    def _case(self, data: Mapping[str, Any]) -> Case:
        number = data.get(RECORD)
        case = (
            get_case(self.session, case_id=number) if isinstance(number, int) and 0 < number < 2**31 else None
        )
        if case is None or case.report_sha256 != data.get(REPORT):
            raise TaskRefused("this task is not of a record of this workspace")
        return case

    def _draft(self, case_id: int, data: Mapping[str, Any]) -> Draft:
        newest = latest_draft(self.session, case_id=case_id)
        if newest is None:
            raise TaskRefused(f"record {case_id} has no draft yet; read it first: echodesk extract")
        if data.get(DRAFT) != newest.id:
            raise TaskRefused(f"record {case_id} was read anew since the export; export it again")
        return newest

    def _store(self, case_id: int, findings: Findings, request: str, active_s: float, draft: Draft) -> None:
        taken = take_lease(
            self.session, case_id=case_id, annotator_id=self.annotator_id, now=self.now, lease_s=_LEASE_S
        )
        if not taken:
            raise TaskRefused(f"somebody has record {case_id} open at the desk; try again later")
        as_drafted = is_as_drafted(findings, draft.to_findings(), by_answers=False)
        review = record_decision(
            self.session,
            case_id=case_id,
            draft_id=draft.id,
            annotator_id=self.annotator_id,
            decision=Decision.ACCEPT if as_drafted else Decision.CORRECT,
            findings=findings,
            note=NOTE,
            active_s=active_s,
            request_id=request,
            now=self.now,
            rules=self.rules,
        )
        append_event(
            self.session,
            kind=IMPORTED,
            actor=self.name,
            subject=f"case:{case_id}",
            payload={"review_id": review.id, "from": "label-studio", "file_sha256": self.file_sha256},
            now=self.now,
        )

    def _request(self, case: Case, findings: Findings) -> str:
        """The same for the same words of the same person, so that a second import changes nothing."""
        said = f"{case.report_sha256}\n{self.annotator_id}\n{findings.model_dump_json()}"
        return f"import-{sha256_of(said.encode())[:56]}"


def _one_annotation(annotations: Any) -> Mapping[str, Any] | None:
    listed = annotations if isinstance(annotations, list) else []
    kept = [one for one in listed if isinstance(one, dict) and not one.get("was_cancelled")]
    if len(kept) > 1:
        raise TaskRefused(f"{len(kept)} annotations of one record; keep the one that counts")
    return kept[0] if kept else None


def _results(annotation: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    results = annotation.get("result")
    if not isinstance(results, list) or not all(isinstance(one, dict) for one in results):
        raise TaskRefused("the annotation has no results")
    return results


def _seconds(annotation: Mapping[str, Any]) -> float:
    said = annotation.get("lead_time")
    if isinstance(said, bool) or not isinstance(said, int | float):
        return 0.0
    return min(max(float(said), 0.0), _MOST_S)
