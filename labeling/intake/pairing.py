"""Which files belong together when there is no manifest: told by their names.

The rule:

1. A file is an ECG when its name holds the word `ecg` or `ekg`, a report when it holds `report` or `echo`
   (words are what stands between "_", "-", "." and spaces). Without such a word, the nearest folder called
   `ecg` or `reports` (also `ecgs`, `ekg`, `report`, `echo`, `echos`) decides; without that it is a report.
2. `p1`, `pg2`, `page3` at the end of the name is the page number; a report's pages must be complete.
3. What remains of the name, without these words, is the patient id: `A17_report_p1.jpg`, `A17_report_p2.jpg`
   and `A17_ecg.png` are one case of patient A17. If nothing remains (`A17/report.jpg`), the folder's name is
   the patient id.
4. Files pair only within one folder, where `reports` and `ecg` folders count as the folder they stand in.
   Equal names in two other folders are two cases of the same patient id.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from db.decisions import ImageRole
from labeling.intake.files import FoundFile
from labeling.intake.plan import PlannedCase
from labeling.intake.report import Refused

_WORDS = {
    **dict.fromkeys(("ecg", "ecgs", "ekg"), ImageRole.ECG),
    **dict.fromkeys(("report", "reports", "echo", "echos"), ImageRole.REPORT),
}
_SEPARATORS = re.compile(r"([_\-.\s]+)")
_PAGE_WORD = re.compile(r"(?:p|pg|page)(\d{1,3})", re.ASCII)


@dataclass(frozen=True)
class NamedFile:
    """What one file's name says: `page` is 0 where the name has no page number."""

    path: Path
    folder: PurePath
    patient_id: str
    role: ImageRole
    page: int


def pair_files(files: Sequence[FoundFile]) -> tuple[list[PlannedCase], list[Refused]]:
    """Cases in the order of the files, and the files that belong to none, named."""
    groups: dict[tuple[PurePath, str], list[NamedFile]] = defaultdict(list)
    refused: list[Refused] = []
    for file in files:
        named = read_name(file)
        if isinstance(named, Refused):
            refused.append(named)
        else:
            groups[named.folder, named.patient_id.casefold()].append(named)
    cases: list[PlannedCase] = []
    for group in groups.values():
        reports = sorted((file for file in group if file.role is ImageRole.REPORT), key=_order)
        ecgs = sorted((file for file in group if file.role is ImageRole.ECG), key=_order)
        problems = _problems(reports, ecgs)
        if problems:
            refused.extend(problems)
            continue
        cases.append(
            PlannedCase(
                patient_id=reports[0].patient_id,
                reports=tuple(file.path for file in reports),
                ecgs=tuple(file.path for file in ecgs),
            )
        )
    return cases, refused


def _order(file: NamedFile) -> tuple[int, str]:
    return file.page, file.path.name


def read_name(file: FoundFile) -> NamedFile | Refused:
    """What a file's name and folders say about it."""
    folders = [file.root.absolute().name, *file.path.parent.relative_to(file.root).parts]
    stem, words, page = split_stem(file.path.stem)
    roles = {_WORDS[word] for word in words}
    folder_role = next((_WORDS[name.lower()] for name in reversed(folders) if name.lower() in _WORDS), None)
    if len(roles) == 2 and folder_role is None:
        return Refused(
            file.path,
            "bad_name",
            "the name says both report and ECG",
            "Rename it, or name the files in a manifest.",
        )
    role = roles.pop() if len(roles) == 1 else folder_role or ImageRole.REPORT
    plain = [name for name in folders if name.lower() not in _WORDS]
    # The folder the search began in belongs to no patient; those under it may.
    below = plain[1:] if folders[0].lower() not in _WORDS else plain
    patient_id = stem or (below[-1] if below else "")
    if not patient_id:
        return Refused(
            file.path,
            "bad_name",
            "neither the name nor the folder says whose it is",
            "Put the patient id into the name, such as A17_report.jpg, or use a manifest.",
        )
    return NamedFile(file.path, PurePath(file.root.absolute().parent, *plain), patient_id, role, page)


def split_stem(stem: str) -> tuple[str, list[str], int]:
    """A file name without suffix -> what remains as the id, the role words in it, the page number or 0."""
    pieces = _SEPARATORS.split(stem)
    words = [(pieces[i], pieces[i - 1] if i else "") for i in range(0, len(pieces), 2) if pieces[i]]
    roles = [word.lower() for word, _ in words if word.lower() in _WORDS]
    words = [(word, before) for word, before in words if word.lower() not in _WORDS]
    page = 0
    if words and (match := _PAGE_WORD.fullmatch(words[-1][0].lower())):
        page = int(match[1])
        words.pop()
    elif len(words) > 1 and words[-2][0].lower() in ("p", "pg", "page") and words[-1][0].isdecimal():
        page = int(words[-1][0])
        words = words[:-2]
    remains = "".join(before + word if index else word for index, (word, before) in enumerate(words))
    return remains, roles, page


def _problems(reports: list[NamedFile], ecgs: list[NamedFile]) -> list[Refused]:
    """Why the files of one group are no case; empty when they are."""
    if not reports:
        remedy = "Add the report under the same name, such as A17_report.jpg beside A17_ecg.jpg."
        return [Refused(file.path, "no_report", "there is no report for this ECG", remedy) for file in ecgs]
    for files in (reports, ecgs):
        pages = [max(file.page, 1) for file in files]
        if len(set(pages)) < len(pages):
            reason = "two files have names for the same page of the same case"
            return [_refuse(file, "clash", reason) for file in (*reports, *ecgs)]
    present = {max(file.page, 1) for file in reports}
    absent = sorted(set(range(1, max(present) + 1)) - present)
    if absent:
        reason = f"page {absent[0]} of the report is missing"
        return [_refuse(file, "missing_page", reason) for file in (*reports, *ecgs)]
    return []


def _refuse(file: NamedFile, code: str, reason: str) -> Refused:
    remedy = "Number the pages _p1, _p2, ... without gaps, one file each, or use a manifest."
    return Refused(file.path, code, reason, remedy)
