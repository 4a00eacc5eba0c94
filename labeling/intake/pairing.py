"""Which files belong together when there is no manifest: told by their names.

The rule:

1. A file is an ECG when its name holds the word `ecg` or `ekg` (also `ecg2`, `12leadECG`), a report when it
   holds `report` or `echo` (words are what stands between "_", "-", "." and spaces). Without such a word, the
   nearest folder called `ecg` or `reports` (also `ecgs`, `ekg`, `report`, `echo`, `echos`) decides; without
   that it is a report.
2. `p1`, `pg2`, `page3`, `page 1 of 2` at the end of the name is the page; a report's pages must be complete.
3. What remains of the name, without these words, is the patient id: `A17_report_p1.jpg`, `A17_report_p2.jpg`
   and `A17_ecg.png` are one case of patient A17. If nothing remains (`A17/report.jpg`), the folder's name is
   the patient id.
4. Files pair only within one folder, where `reports` and `ecg` folders count as the folder they stand in.
   Equal names in two other folders are two cases of the same patient id.
5. A copy (`A17_report copy.jpg`, `A17_report (1).jpg`) that holds the same bytes as its original is left out.
   `A17_report copy.jpg` with other bytes is a further report of A17.

A name that could mean two things is refused: a P1 that may be a page or a patient, words on both sides of
`report`, a (1) that holds something else, ids that would wrongly be one patient or two, a camera's name
(IMG_0001) or one without a number (a person's) in two folders.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import Final

from db.decisions import ImageRole
from db.files.manifest import hash_file
from labeling.intake.cells import is_no_name
from labeling.intake.dates import looks_like_a_date
from labeling.intake.file_names import NameParts, NameUnclear, split_stem, without_copy
from labeling.intake.files import FoundFile
from labeling.intake.naming.counted import counted
from labeling.intake.naming.dated import same_but_for_the_day
from labeling.intake.naming.no_ids import is_of_a_device, may_be_a_place, names_several, says_no_id
from labeling.intake.naming.words import FolderUnclear, role_of_folder
from labeling.intake.patient_ids import ONE_SPELLING, mixed_up, spelling
from labeling.intake.plan import PlannedCase
from labeling.intake.report import Refused

PUT_AN_ID: Final = "Put the patient id into the name, such as A17_report.jpg, or use a manifest."

_DAYS: Final = "Name one patient's reports, with their dates, in a manifest; give two patients an id each."
_SEVERAL: Final = "Make a file for each patient, named with the id; or use a manifest if it is one patient's."
_COUNT: Final = "Write A17_page1, A17_page2 for pages, an id for each patient; or use a manifest."
# A report has a few pages; more of them called p1, p2, ... may as well be patients.
_MOST_PAGES_BY_LETTER: Final = 9


@dataclass(frozen=True)
class NamedFile:
    """What one file's name and folders say."""

    path: Path
    folder: PurePath
    patient_id: str
    role: ImageRole
    parts: NameParts

    @property
    def page(self) -> int:
        """1 where the name has no page number."""
        return max(self.parts.page, 1)


def pair_files(
    files: Sequence[FoundFile], known: Sequence[PlannedCase] = ()
) -> tuple[list[PlannedCase], list[Refused]]:
    """Cases in the order of the files, and the files that belong to none, named.

    Args:
        known: cases that files told by themselves; their ids are held beside those of the names.
    """
    groups: dict[tuple[PurePath, str], list[NamedFile]] = defaultdict(list)
    refused: list[Refused] = []
    for file in files:
        named = read_name(file)
        if isinstance(named, Refused):
            refused.append(named)
        else:
            groups[named.folder, spelling(named.patient_id)].append(named)
    cases = list(known)
    for group in groups.values():
        found, problems = _of_group(group)
        cases.extend(found)
        refused.extend(problems)
    return _told_apart(cases, refused, known)


def _of_group(group: list[NamedFile]) -> tuple[list[PlannedCase], list[Refused]]:
    """The cases of the files of one id in one folder, or why they are none."""
    told = _without_copies(group)
    if _are_plain_photos(group):
        told = _photos_apart(told)
    reports = sorted((file for file in told.kept if file.role is ImageRole.REPORT), key=_order)
    ecgs = sorted((file for file in told.kept if file.role is ImageRole.ECG), key=_order)
    problems = [_refuse(file, "clash", told.problem) for file in group] if told.problem else []
    if told.kept or told.problem:
        problems = problems or _problems(reports, ecgs, told.copies)
    if problems:
        return [], problems
    cases = [_case(reports, ecgs, told.copies)] if told.kept else []
    return [*cases, *(_case([file], [], []) for file in told.changed)], []


def _told_apart(
    cases: list[PlannedCase], refused: list[Refused], known: Sequence[PlannedCase]
) -> tuple[list[PlannedCase], list[Refused]]:
    """The cases whose ids are clear beside those of the others."""
    unclear = _unclear_ids(cases, [case.patient_id for case in cases[len(known) :]])
    kept: list[PlannedCase] = []
    for case in cases:
        if case.patient_id in unclear:
            paths = (*case.reports, *case.ecgs, *case.copies)
            refused.extend(Refused(path, "id_clash", *unclear[case.patient_id]) for path in paths)
        else:
            kept.append(case)
    return kept, refused


def _unclear_ids(cases: Sequence[PlannedCase], of_names: Sequence[str]) -> dict[str, tuple[str, str]]:
    """The ids that are not clear beside others -> why, and the remedy.

    Args:
        of_names: those that names of files gave.
    """
    first = {case.patient_id: case.reports[0].name for case in reversed(cases)}
    often = Counter(spelling(one) for one, _ in {(case.patient_id, case.reports[0].parent) for case in cases})
    found: dict[str, tuple[str, str]] = {}
    for one in first:
        if often[spelling(one)] > 1 and says_no_id(one):
            whose = "a camera's or scanner's name" if is_of_a_device(one) else "a name without an id"
            reason = f"{whose} stands in several folders and does not say whether that is one patient"
            found[one] = reason, PUT_AN_ID
    for one, other in counted(of_names).items():
        found[one] = f"its name and {first[other]} may count pages of one report, reports or patients", _COUNT
    for one, other in same_but_for_the_day(of_names).items():
        found[one] = f"its name and {first[other]} may be two reports of one patient, or two patients", _DAYS
    for one, (other, what) in mixed_up(first).items():
        found[one] = f"the patient id in its name and that of {first[other]} {what}", ONE_SPELLING
    return found


def _case(reports: list[NamedFile], ecgs: list[NamedFile], copies: list[NamedFile]) -> PlannedCase:
    why = f"{'file' if reports[0].parts.patient_id else 'folder'} name, in {reports[0].folder}"
    if reports[0].parts.copy:
        why += "; named as a copy, and holds something else than any other file"
    return PlannedCase(
        patient_id=reports[0].patient_id,
        reports=tuple(file.path for file in reports),
        ecgs=tuple(file.path for file in ecgs),
        copies=tuple(file.path for file in copies),
        why=why,
    )


def _order(file: NamedFile) -> tuple[int, str]:
    return file.parts.page, file.path.name


def read_name(file: FoundFile) -> NamedFile | Refused:
    """What a file's name and folders say about it."""
    folders = [file.root.absolute().name, *file.path.parent.relative_to(file.root).parts]
    folders = [unicodedata.normalize("NFC", name) for name in folders]
    try:
        parts = split_stem(file.path.stem)
        roles = _roles_of(folders, parts)
        plain = [name for name, role in zip(folders, roles, strict=True) if role is None]
        role = _role(parts, roles)
        patient_id = _patient_id(parts, plain[1:] if roles[0] is None else plain)
    except NameUnclear as error:
        return Refused(file.path, "bad_name", str(error), error.remedy)
    return NamedFile(file.path, PurePath(file.root.absolute().parent, *plain), patient_id, role, parts)


def _roles_of(folders: Sequence[str], parts: NameParts) -> list[ImageRole | None]:
    """What each folder holds, by its name. Raises `NameUnclear` where that would decide, and is unclear."""
    roles: list[ImageRole | None] = []
    for name in folders:
        try:
            roles.append(role_of_folder(name))
        except FolderUnclear as error:
            if not parts.roles:
                raise NameUnclear(
                    f"its folder's name {error}", "Rename the folder, or name the files in a manifest."
                ) from None
            roles.append(None)
    return roles


def _role(parts: NameParts, folders: Sequence[ImageRole | None]) -> ImageRole:
    if len(parts.roles) == 1:
        return next(iter(parts.roles))
    of_folder = next((role for role in reversed(folders) if role is not None), None)
    if of_folder is None and parts.roles:
        raise NameUnclear("the name says both report and ECG", "Rename it, or name the files in a manifest.")
    return of_folder or ImageRole.REPORT


def _patient_id(parts: NameParts, below: Sequence[str]) -> str:
    """The id in a name, else that of its folder.

    Args:
        below: the folders under the one the search began in, which belongs to no patient; those under it may.
    """
    if parts.may_be_page and below:
        reason = f"{parts.patient_id!r} may be a page or a patient"
        raise NameUnclear(reason, "Write A17_report_p1 for a page, or use a manifest.")
    patient_id = parts.patient_id or (without_copy(below[-1])[0] if below else "")
    if not patient_id or is_no_name(patient_id) or looks_like_a_date(patient_id):
        raise NameUnclear(
            "neither the name nor the folder says whose it is",
            PUT_AN_ID,
        )
    if names_several(patient_id):
        raise NameUnclear(f"{patient_id!r} may name several patients", _SEVERAL)
    if parts.has_letter_p and (says_no_id(patient_id) or may_be_a_place(patient_id)):
        reason = f"'p{parts.page}' may be a page of {patient_id!r} or a patient of its own"
        raise NameUnclear(reason, f"Write {patient_id}_page{parts.page} for a page; for a patient an id.")
    return patient_id


@dataclass
class _Group:
    """The files of one id in one folder: those that count, their copies, and those changed after copying."""

    kept: list[NamedFile] = field(default_factory=list)
    copies: list[NamedFile] = field(default_factory=list)
    changed: list[NamedFile] = field(default_factory=list)
    problem: str = ""


def _without_copies(group: list[NamedFile]) -> _Group:
    """Tell the copies from the others."""
    first: dict[tuple[ImageRole, int], NamedFile] = {}
    found = _Group()
    for file in sorted(group, key=lambda file: (bool(file.parts.copy), file.path.name)):
        original = first.setdefault((file.role, file.page), file)
        if original is file or not file.parts.copy:
            found.kept.append(file)
        elif _is_same(original.path, file.path):
            found.copies.append(file)
        else:
            found.changed.append(file)
    if found.changed and not _are_reports_of_their_own(found):
        found.problem = f"{found.changed[0].path.name} is named as a copy and holds something else"
    elif all(file.parts.copy == "numbered" for file in group):
        found.problem = "the number in brackets may be a copy's, a page's or the patient's"
    return found


def _are_plain_photos(group: Sequence[NamedFile]) -> bool:
    """Whether all files are called as a device calls them, and nothing else was added than a number."""
    return any(file.parts.copy for file in group) and all(
        not (file.parts.roles or file.parts.page or file.parts.copy == "copy")
        and file.role is ImageRole.REPORT
        and is_of_a_device(file.parts.patient_id)
        for file in group
    )


def _photos_apart(told: _Group) -> _Group:
    """IMG_0001 (1) is the next photo, or another camera's: a file of its own, like every one called so.

    One that holds the same as IMG_0001 stays its copy.
    """
    numbered = [file for file in (*told.kept, *told.changed) if file.parts.copy]
    apart = [
        replace(file, patient_id=file.path.stem.strip(), parts=replace(file.parts, copy=""))
        for file in numbered
    ]
    return _Group([file for file in told.kept if file not in numbered], told.copies, apart)


def _are_reports_of_their_own(group: _Group) -> bool:
    """Whether the changed copies are reports of one page, and called "copy": people also write a mere (1)."""
    one_page = sum(file.role is ImageRole.REPORT for file in group.kept) == 1
    return one_page and all(
        file.parts.copy == "copy" and file.role is ImageRole.REPORT for file in group.changed
    )


def _is_same(original: Path, copy: Path) -> bool:
    try:
        return hash_file(original).sha256 == hash_file(copy).sha256
    except OSError:
        return False


def _problems(reports: list[NamedFile], ecgs: list[NamedFile], copies: list[NamedFile]) -> list[Refused]:
    """Why the files of one group are no case; empty when they are."""
    group = (*reports, *ecgs, *copies)
    if not reports:
        remedy = "Add the report under the same name, such as A17_report.jpg beside A17_ecg.jpg."
        return [Refused(file.path, "no_report", "there is no report for this ECG", remedy) for file in group]
    if any(len({file.page for file in files}) < len(files) for files in (reports, ecgs)):
        reason = "two files have names for the same page of the same case"
        return [_refuse(file, "clash", reason) for file in group]
    if len(reports) > _MOST_PAGES_BY_LETTER and any(file.parts.has_letter_p for file in reports):
        reason = f"{len(reports)} files called p1, p2, ... may be pages of one report or so many patients"
        return [_refuse(file, "bad_name", reason) for file in group]
    absent = _first_absent(reports)
    if absent:
        return [_refuse(file, "missing_page", f"page {absent} of the report is missing") for file in group]
    return []


def _first_absent(reports: list[NamedFile]) -> int:
    """The first page that is not there; 0 when all are."""
    present = {file.page for file in reports}
    last = max(*present, *(file.parts.total for file in reports))
    return min(set(range(1, last + 1)) - present, default=0)


def _refuse(file: NamedFile, code: str, reason: str) -> Refused:
    remedy = "Number the pages _page1, _page2, ... without gaps, one file each, or use a manifest."
    return Refused(file.path, code, reason, remedy)
