"""What an intake would do: who gets which files, and what can't be taken. Nothing is written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Final, NamedTuple

from db.access.patient_key import load_secret, normal_patient_id, patient_key
from db.consent.noted import noted_withdrawals
from db.workspace import Workspace
from labeling.intake.dicom_cases import BY_HEADER, dicom_cases
from labeling.intake.files import FoundFile, find_files
from labeling.intake.manifest import read_manifest, read_table
from labeling.intake.naming.dated import without_day
from labeling.intake.naming.no_ids import is_of_a_device, is_speaking, may_be_a_range, says_no_id
from labeling.intake.pairing import PUT_AN_ID, pair_files
from labeling.intake.patient_ids import LEAVE_OUT, look_alikes, near_ids, spelling, why_withdrawn
from labeling.intake.plan import Plan, PlannedCase, future_date, is_future, plan_from_manifest
from labeling.intake.report import WITHDRAWN_CODE, Refused
from labeling.intake.sites import SiteNames

# Refusals that a typed id can settle.
_WANTS_AN_ID: Final = frozenset({"bad_name", "id_clash", "bad_row", "bad_date", "no_report"})

_TYPED: Final = "as it was typed"
# So many files are named in a note; each of them stands in the plan.
_NAMED: Final = 6
_PAIRS_TOLD: Final = 20


_DATED: Final = "the day is part of the patient id, so another day would be another patient"
_RANGE: Final = "the patient id may mean all patients from one to the other, and is taken as one"
_NO_NUMBER: Final = "the patient id holds no number; two patients of one name would be one"


@dataclass(frozen=True)
class TypedPage:
    """What a person typed about one file, as it was typed.

    Attributes:
        kind: `report`, `page` (a further one of this patient's report) or `ecg`.
    """

    path: Path
    patient_id: str
    report_date: str = ""
    kind: str = "report"


def plan_intake(
    paths: Sequence[Path],
    manifest: Path | None,
    workspace: Workspace,
    now: datetime,
    sites: SiteNames,
    typed: Sequence[TypedPage] = (),
    withdrawn: Collection[str] | None = None,
    known: Collection[str] = (),
) -> Plan:
    """The cases of the files under the paths, by their names or by a manifest.

    Args:
        sites: the spellings already in use; given those of the manifest.
        withdrawn: keyed hashes of patients who withdrew their consent. Default: the list beside the key.
        typed: what a person typed about files whose names do not say whose they are; without a manifest.
        known: keyed hashes of the patients that are registered.

    Raises:
        EchoDeskError: the manifest as a whole is unusable, or the list beside the key is damaged.
    """
    # A workspace inside the given folder must not take in its own pictures.
    own = (workspace.images, workspace.backups, workspace.reports, workspace.uploads)
    if manifest is None:
        plan = _plan_by_names(*find_files(paths, skip=own), typed, now.date())
    else:
        table = read_manifest(manifest)
        found, refused = find_files(paths, skip=own)
        # What lies beside the pages and isn't one needs no excuse when a manifest says what to take.
        refused = [item for item in refused if item.code != "not_an_image"]
        folders = [path if path.is_dir() else path.parent for path in paths]
        plan = plan_from_manifest(table, manifest, folders, found, now.date())
        told = [f"row {note.row}: {note.text}" for note in table.notes]
        plan = replace(plan, refused=refused + plan.refused, notes=[*table.about, *told, *plan.notes])
    if withdrawn is None:
        withdrawn = noted_withdrawals(workspace.withdrawn_file)
    plan = _without_withdrawn(plan, workspace, withdrawn)
    cases = [replace(case, site=sites.of(case.site)) for case in plan.cases]
    notes = [*plan.notes, *sites.notes, *_doubts(plan), *_near_the_known(plan, workspace, known)]
    return replace(plan, cases=cases, notes=notes)


def _near_the_known(plan: Plan, workspace: Workspace, known: Collection[str]) -> list[str]:
    """A sentence where new patients have ids that look like those of registered ones."""
    if not known or not workspace.patient_key_file.exists():
        return []
    secret = load_secret(workspace.patient_key_file)
    near = [
        case
        for case in plan.cases
        if normal_patient_id(case.patient_id)
        and patient_key(case.patient_id, secret) not in known
        and any(patient_key(other, secret) in known for other in near_ids(case.patient_id))
    ]
    if not near:
        return []
    places = _listed([_place(case) for case in near])
    return [f"{places}: the patient id looks like that of a registered patient, and would be another patient"]


def _without_withdrawn(plan: Plan, workspace: Workspace, withdrawn: Collection[str]) -> Plan:
    """The plan with every case refused whose patient withdrew their consent."""
    if not withdrawn or not workspace.patient_key_file.exists():
        return plan
    secret = load_secret(workspace.patient_key_file)
    reasons = [
        why_withdrawn(case.patient_id, secret, withdrawn) if normal_patient_id(case.patient_id) else ""
        for case in plan.cases
    ]
    refused = [
        Refused(path, WITHDRAWN_CODE, reason, LEAVE_OUT, case.row)
        for case, reason in zip(plan.cases, reasons, strict=True)
        for path in (*case.reports, *case.ecgs)
        if reason
    ]
    kept = [case for case, reason in zip(plan.cases, reasons, strict=True) if not reason]
    return replace(plan, cases=kept, refused=[*plan.refused, *refused])


def _plan_by_names(
    found: Sequence[FoundFile], refused: list[Refused], typed: Sequence[TypedPage], today: date
) -> Plan:
    by_hand = {page.path.resolve() for page in typed}
    by_header, others, refused_by_header = dicom_cases(
        [file for file in found if file.path.resolve() not in by_hand]
    )
    typed_cases, badly_typed = plan_from_typing(typed, today)
    known = [*by_header, *typed_cases]
    cases, unpaired = pair_files(others, known)
    unclear = [case for case in cases if case not in known and says_no_id(case.patient_id)]
    nameless = [path for case in unclear for path in (*case.reports, *case.ecgs)]
    nameless += [one.path for one in (*badly_typed, *unpaired) if one.code in _WANTS_AN_ID]
    return Plan(
        cases,
        [*refused, *refused_by_header, *badly_typed, *unpaired],
        [],
        by_device=[case.reports[0] for case in unclear if is_of_a_device(case.patient_id)],
        speaking=[case.reports[0] for case in unclear if not is_of_a_device(case.patient_id)],
        nameless=list(dict.fromkeys(nameless)),
    )


def by_patient(cases: Sequence[PlannedCase]) -> dict[str, list[PlannedCase]]:
    """The cases of each patient: of the ids that give one key."""
    patients: dict[str, list[PlannedCase]] = {}
    for case in cases:
        patients.setdefault(normal_patient_id(case.patient_id), []).append(case)
    return patients


def notes_of_names(plan: Plan) -> list[str]:
    """What to know of files whose names hold no id, and what helps; empty where there are none."""
    told = (
        (plan.by_device, "a camera's name says nothing about the patient"),
        (plan.speaking, "a name without a number is no id, and two patients may be called so"),
    )
    return [
        f"{_which(paths)}: {why}, so each is a patient of its own. {PUT_AN_ID.removesuffix('.')}"
        for paths, why in told
        if paths
    ]


def _which(paths: Sequence[Path]) -> str:
    return _listed([path.name for path in paths])


def _listed(names: Sequence[str]) -> str:
    first = ", ".join(names[:_NAMED])
    return f"{first} and {len(names) - _NAMED} more" if len(names) > _NAMED else first


def _doubts(plan: Plan) -> list[str]:
    # What devices call their files differs in little by nature, and is told as such.
    pairs = look_alikes(case.patient_id for case in plan.cases if not is_of_a_device(case.patient_id))
    rows = {case.patient_id: case for case in reversed(plan.cases)}
    told = [
        f"{_place(rows[first])} and {_place(rows[second])}: ids that differ in {what} alone are two patients"
        for first, second, what in pairs[:_PAIRS_TOLD]
    ]
    more = len(pairs) - _PAIRS_TOLD
    told += [f"{more} more pairs of ids differ in as little"] if more > 0 else []
    # Of names of files it is told otherwise, and with what helps.
    written = [case for case in plan.cases if case.row is not None or case.why == BY_HEADER]
    for cases, doubt in (
        ([case for case in plan.cases if without_day(case.patient_id)], _DATED),
        ([case for case in plan.cases if may_be_a_range(case.patient_id)], _RANGE),
        ([case for case in written if is_speaking(case.patient_id)], _NO_NUMBER),
    ):
        told += [f"{_listed([_place(case) for case in cases])}: {doubt}"] if cases else []
    return [*told, *_given_twice(plan.cases)]


def _given_twice(cases: Sequence[PlannedCase]) -> list[str]:
    """Reports for which one id and one day were given, or no day: one report may have been named twice."""
    groups: dict[tuple[str, date | None], list[PlannedCase]] = {}
    for case in cases:
        if case.row is not None or case.why == _TYPED:  # names of files say no day
            groups.setdefault((normal_patient_id(case.patient_id), case.report_date), []).append(case)
    twice = [(day, group) for (_, day), group in groups.items() if len(group) > 1]
    told = []
    for day, group in twice[:_NAMED]:
        places = f"{', '.join(_place(case) for case in group[:-1])} and {_place(group[-1])}"
        same = (
            "the same patient and date" if day else "the same patient, and no date to tell the reports apart"
        )
        told.append(
            f"{places}: {same}. Each is taken as a report of its own; pages of one report belong together"
        )
    more = len(twice) - _NAMED
    return [*told, f"{more} more patients were given twice with one date"] if more > 0 else told


def _place(case: PlannedCase) -> str:
    return f"row {case.row}" if case.row else case.reports[0].name


class _TypedRow(NamedTuple):
    """What stands in one row of a list: pages of one report, ECGs, and when it was."""

    patient_id: str
    report: list[TypedPage]
    ecg: list[TypedPage]

    @property
    def report_date(self) -> str:
        return next((page.report_date for page in self.report if page.report_date), "")


def plan_from_typing(typed: Sequence[TypedPage], today: date) -> tuple[list[PlannedCase], list[Refused]]:
    """Cases of what a person typed, by the rules of a list: a row for each report."""
    rows = _rows_of(typed)
    # Files stand in the table by their place: a name may hold what separates names there.
    places = {page: str(place) for place, page in enumerate(typed)}

    def cell(pages: Sequence[TypedPage]) -> str:
        return ";".join(places[page] for page in pages)

    body = [[row.patient_id, cell(row.report), cell(row.ecg), row.report_date] for row in rows]
    header = ["patient_id", "report", "ecg", "report_date"]
    manifest = read_table(Path(), list(enumerate([header, *body])), is_workbook=False)
    refused = [
        Refused(page.path, error.code, error.reason, error.remedy)
        for error in manifest.errors
        for page in (*rows[error.row - 1].report, *rows[error.row - 1].ecg)
    ]
    cases = []
    for row in manifest.rows:
        reports = tuple(typed[int(place)].path for place in row.reports)
        if is_future(row, today):
            refused.append(replace(future_date(reports[0], row), row=None))
            continue
        ecgs = tuple(typed[int(place)].path for place in row.ecgs)
        cases.append(PlannedCase(row.patient_id, reports, ecgs, row.report_date, why=_TYPED))
    return cases, refused


def _rows_of(typed: Sequence[TypedPage]) -> list[_TypedRow]:
    """Further pages and ECGs join the report of their patient before them; what came first waits for one."""
    rows: list[_TypedRow] = []
    last: dict[str, _TypedRow] = {}
    for page in typed:
        row = last.get(spelling(page.patient_id))
        if row is None or (page.kind == "report" and row.report):
            row = last[spelling(page.patient_id)] = _TypedRow(page.patient_id, [], [])
            rows.append(row)
        (row.ecg if page.kind == "ecg" else row.report).append(page)
    return rows
