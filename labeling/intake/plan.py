"""Which files make which case, from a manifest's rows; `pairing.py` makes the same without a manifest."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path, PureWindowsPath
from typing import Final

from labeling.intake.files import FoundFile
from labeling.intake.manifest import Manifest, ManifestRow
from labeling.intake.report import Refused

# A list in which more names mean no file is wrong as a whole, which the first of them show; comparing every
# one with every file would take minutes.
_COMPARED_NAMES: Final = 100


@dataclass(frozen=True)
class PlannedCase:
    """One case to be: whose it is and which files hold it, pages in order.

    Attributes:
        copies: files left out because they hold the same as one of these.
        why: where the patient id was found, in words.
    """

    patient_id: str
    reports: tuple[Path, ...]
    ecgs: tuple[Path, ...] = ()
    report_date: date | None = None
    ecg_date: date | None = None
    site: str = ""
    layout: str = ""
    row: int | None = None
    copies: tuple[Path, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class Plan:
    """The cases, the files and rows refused, the page files a manifest doesn't mention, and what to know.

    Attributes:
        by_device: reports whose patient id is what a camera or scanner calls a file.
        speaking: reports whose patient id holds no number: a person's name, most likely.
        nameless: files whose names do not say whose they are; a person may type it.
        pages: files of several pages, where they were opened, and how many; see `foreseen/looking.py`.
        again: the first report file of each case that is registered already.
    """

    cases: list[PlannedCase]
    refused: list[Refused]
    not_listed: list[Path]
    notes: list[str] = field(default_factory=list)
    by_device: list[Path] = field(default_factory=list)
    speaking: list[Path] = field(default_factory=list)
    nameless: list[Path] = field(default_factory=list)
    pages: dict[Path, int] = field(default_factory=dict)
    again: list[Path] = field(default_factory=list)


@dataclass
class FileFinder:
    """Finds the files a manifest names: beside the manifest, then in the given folders, then under them."""

    folders: Sequence[Path]
    found: Sequence[FoundFile]
    _by_name: dict[str, list[Path]] = field(init=False)
    _compared: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._by_name = defaultdict(list)
        for file in self.found:
            self._by_name[file.path.name].append(file.path)

    def find(self, written: str) -> list[Path]:
        """The files a written name may mean: one, none, or several of the same name in different folders."""
        # A manifest made on Windows separates folders with "\".
        for form in dict.fromkeys((written, PureWindowsPath(written).as_posix())):
            candidates = [folder / form for folder in self.folders]
            existing = next((path for path in candidates if _exists(path)), None)
            if existing:
                return [existing]
        ending = Path(PureWindowsPath(written).as_posix()).parts
        same_name = self._by_name.get(ending[-1], []) if ending else []
        exact = [path for path in same_name if path.parts[-len(ending) :] == ending]
        return exact or self._otherwise_written(ending)

    def _otherwise_written(self, ending: Sequence[str]) -> list[Path]:
        """Files whose name differs in capitals or stored accents, or whose ending was left out.

        `IMG_7` may be `IMG_7.JPG`.
        """
        if not ending:
            return []
        wanted = tuple(_folded(part) for part in ending)
        near = []
        for path in self._by_folded_name.get(wanted[-1], []):
            above = tuple(_folded(part) for part in path.parts[-len(wanted) : -1])
            if above == wanted[:-1]:
                near.append(path)
        return near

    @cached_property
    def _by_folded_name(self) -> dict[str, list[Path]]:
        """Every file under its folded name, with and without its ending."""
        named: dict[str, list[Path]] = defaultdict(list)
        for path in self._paths:
            for name in {_folded(path.name), _folded(path.stem)}:
                named[name].append(path)
        return named

    @cached_property
    def _paths(self) -> list[Path]:
        beside = {file.path.resolve() for file in self.found}
        more = [
            path
            for folder in self.folders
            for path in (sorted(folder.iterdir()) if folder.is_dir() else ())
            if path.is_file() and path.resolve() not in beside
        ]
        return [*(file.path for file in self.found), *more]

    @cached_property
    def _real(self) -> list[tuple[Path, Path]]:
        """Every file, and where it really is."""
        return [(path, path.resolve()) for path in self._paths]

    def suggestion(self, written: str, others: Collection[Path]) -> str:
        """The name of a file that was perhaps meant, or nothing; of the first names of a list that mean none.

        Args:
            others: files that other rows name: theirs, and not this one's.
        """
        if self._compared >= _COMPARED_NAMES:
            return ""
        self._compared += 1
        name = PureWindowsPath(written).name
        free = {path.name for path, real in self._real if real not in others}
        close = get_close_matches(name, sorted(free), n=1, cutoff=0.75)
        return close[0] if close else ""


def _folded(part: str) -> str:
    # A Mac stores an accent as a letter of its own.
    return unicodedata.normalize("NFC", part).casefold()


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a cell may hold what no file can be called
        return False


def plan_from_manifest(
    manifest: Manifest, manifest_path: Path, folders: Sequence[Path], found: Sequence[FoundFile], today: date
) -> Plan:
    """Turn manifest rows into cases.

    A row whose report is incomplete is refused whole; an ECG that can't be found is refused alone.
    """
    finder = FileFinder([manifest_path.parent, *folders], found)
    cases: list[PlannedCase] = []
    refused = [
        Refused(manifest_path, error.code, error.reason, error.remedy, error.row) for error in manifest.errors
    ]
    mentioned: set[Path] = {manifest_path.resolve()}
    taken = files_named([name for row in manifest.rows for name in (*row.reports, *row.ecgs)], finder)
    for row in manifest.rows:
        reports, bad_reports = resolve_files(row.reports, row.row, finder, taken)
        ecgs, bad_ecgs = resolve_files(row.ecgs, row.row, finder, taken)
        mentioned.update(path.resolve() for path in (*reports, *ecgs))
        problems = bad_reports + ([future_date(manifest_path, row)] if is_future(row, today) else [])
        refused.extend(problems + bad_ecgs)
        if problems:
            reason = "another file or cell of the same row was refused"
            refused.extend(
                Refused(
                    path, "not_taken", reason, f"Put row {row.row} right and run the intake again.", row.row
                )
                for path in (*reports, *ecgs)
            )
            continue
        cases.append(
            PlannedCase(
                row.patient_id,
                reports,
                ecgs,
                row.report_date,
                row.ecg_date,
                row.site,
                row.layout,
                row=row.row,
                why=f"row {row.row} of {manifest_path.name}",
            )
        )
    # What a refused row names is listed all the same: it is refused, and not left alone.
    mentioned |= taken | files_named(manifest.refused_files, finder)
    not_listed = [file.path for file in found if file.path.resolve() not in mentioned]
    refused.sort(key=lambda item: item.row or 0)
    return Plan(cases, refused, not_listed, _named_twice(cases))


def files_named(names: Sequence[str], finder: FileFinder) -> set[Path]:
    """All files that names of a list may mean, each by where it really is."""
    return {path.resolve() for name in names for path in finder.find(name)}


def _named_twice(cases: Sequence[PlannedCase]) -> list[str]:
    """Files that rows of different patients name; at most one of them can be right."""
    rows: dict[Path, dict[str, int]] = defaultdict(dict)
    for case in cases:
        for path in case.reports:
            rows[path].setdefault(case.patient_id, case.row or 0)
    return [
        f"{path.name} is named for {len(ids)} patient ids, in rows {', '.join(map(str, ids.values()))}"
        for path, ids in rows.items()
        if len(ids) > 1
    ]


def resolve_files(
    names: Sequence[str], row: int, finder: FileFinder, taken: Collection[Path]
) -> tuple[tuple[Path, ...], list[Refused]]:
    """The files that a row names, and a refusal for each name that means none or several.

    Args:
        taken: files that rows of the list name; none of them is suggested for a name that means none.
    """
    paths: list[Path] = []
    refused: list[Refused] = []
    for name in names:
        matches = finder.find(name)
        if len(matches) == 1:
            paths.append(matches[0])
        elif matches:
            reason = f"there are {len(matches)} files of this name under the given folders"
            remedy = "Write the folder into the list too."
            refused.append(Refused(Path(name), "clash", reason, remedy, row))
        else:
            refused.append(
                Refused(Path(name), "missing", "there is no such file", _help(name, finder, taken), row)
            )
    return tuple(paths), refused


def _help(name: str, finder: FileFinder, taken: Collection[Path]) -> str:
    """What may help with a name that means no file."""
    parts = [part for part in re.split(r"\s*[,|&+]\s*|\s+(?:and|und)\s+|\s+", name) if part]
    if len(parts) > 1 and all(finder.find(part) for part in parts):
        return "Put a ; between several files of one report."
    if meant := finder.suggestion(name, taken):
        return f"Did you mean {meant}? Write it so in the list."
    return "Check the spelling in the list, or give the folder that holds it."


def is_future(row: ManifestRow, today: date) -> bool:
    """Whether a row has a date that has not been yet."""
    # A day's grace, because the date may come from a place east of here.
    latest = today + timedelta(days=1)
    return any(day is not None and day > latest for day in (row.report_date, row.ecg_date))


def future_date(manifest_path: Path, row: ManifestRow) -> Refused:
    """Why such a row is refused."""
    remedy = "Correct the date, written as year-month-day."
    return Refused(manifest_path, "bad_date", "the row has a date in the future", remedy, row.row)
