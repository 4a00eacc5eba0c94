"""A plan looked over: every file is opened, and what the intake would refuse is refused in its words.

Nothing is written. The one thing that only the intake itself can tell is the same picture in another file
under another patient id: for that the pictures would have to be stored.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, NamedTuple

from db.access.patient_key import load_secret, patient_key
from db.files.manifest import hash_file
from db.workspace import Workspace
from labeling.apart.pages import page_count
from labeling.intake.foreseen import reasons
from labeling.intake.plan import Plan, PlannedCase
from labeling.intake.report import Refused
from labeling.pages.page import PageError, PageLimits

# Files remembered: a page of the desk is looked at again and again.
_MOST_KEPT: Final = 20_000


# Nobody is registered under it.
_ANY_SECRET: Final = bytes(32)


class Looked(NamedTuple):
    """What opening a file told: its pages, or why it gives none."""

    pages: int
    error: PageError | None = None


_Key = tuple[str, int, int, PageLimits]
_kept: dict[_Key, Looked] = {}


@dataclass(frozen=True)
class Registered:
    """What is in the workspace already.

    Attributes:
        patients: keyed hashes.
        owner_of: SHA-256s of a report's files in order -> the patient they are registered for; None where
            they are not.
        secret: what patient ids are hashed with; any where nobody is registered.
    """

    secret: bytes = _ANY_SECRET
    patients: Collection[str] = frozenset()
    owner_of: Callable[[Sequence[str]], str | None] = lambda _: None


def secret_of(workspace: Workspace) -> bytes:
    """What the patient ids of a workspace are hashed with; any where it has no key yet.

    Raises:
        EchoDeskError: others than its owner may read the key.
    """
    file = workspace.patient_key_file
    return load_secret(file) if file.exists() else _ANY_SECRET


def foresee(
    plan: Plan,
    registered: Registered,
    limits: PageLimits,
    *,
    most_s: float | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Plan:
    """The plan without the cases that the intake would refuse, which are named among the refused.

    Args:
        most_s: seconds after which no further file is opened, and so it is noted; None: all are.
        on_progress: called with how many of how many cases were looked at.
    """
    until = None if most_s is None else time.monotonic() + most_s
    looking = _Looking(plan, registered, limits, until, set(registered.patients))
    for done, case in enumerate(plan.cases, start=1):
        looking.look_at(case)
        if on_progress:
            on_progress(done, len(plan.cases))
    return replace(
        plan,
        cases=looking.cases,
        refused=[*plan.refused, *looking.refused],
        notes=[*plan.notes, *looking.notes()],
        pages={path: pages for path, pages in looking.pages.items() if pages > 1},
        again=[case.reports[0] for case in looking.again],
    )


def looked_at(path: Path, limits: PageLimits) -> Looked:
    """A file opened to its last page, once as long as it stays as it is."""
    try:
        status = path.stat()
    except OSError:
        return _look(path, limits)
    key = (str(path.absolute()), status.st_size, status.st_mtime_ns, limits)
    if key not in _kept:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        _kept[key] = _look(path, limits)
    return _kept[key]


def _look(path: Path, limits: PageLimits) -> Looked:
    try:
        return Looked(page_count(path, limits))
    except PageError as error:
        return Looked(0, error)


@dataclass
class _Looking:
    """Takes one case after another, as the intake will."""

    plan: Plan
    registered: Registered
    limits: PageLimits
    until: float | None
    known: set[str]
    cases: list[PlannedCase] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    again: list[PlannedCase] = field(default_factory=list)
    pages: dict[Path, int] = field(default_factory=dict)
    unopened: int = 0
    reports: dict[tuple[str, ...], tuple[str, Path]] = field(default_factory=dict)

    def look_at(self, case: PlannedCase) -> None:
        """Keep the case, or name why it will be refused."""
        refused = reasons.of_its_id(case, self.registered.secret, self.known)
        if refused:
            self.refused += refused
            return
        hashes = _hashes(case.reports)
        owner = self.registered.owner_of(hashes) if hashes else None
        if owner is None and (bad := self._unreadable(case.reports, case.row)):
            self.refused += reasons.of_its_pages(case, bad)
            return
        key = patient_key(case.patient_id, self.registered.secret)
        if refused := self._of_somebody_else(case, key, owner, hashes):
            self.refused += refused
            return
        bad = self._unreadable(case.ecgs, case.row)
        self.refused += bad
        named = {item.path for item in bad}
        self.cases.append(replace(case, ecgs=tuple(path for path in case.ecgs if path not in named)))
        self.known.add(key)
        if owner is not None:
            self.again.append(case)

    def _of_somebody_else(
        self, case: PlannedCase, key: str, owner: str | None, hashes: tuple[str, ...]
    ) -> list[Refused]:
        unclear = case.reports[0] in (*self.plan.by_device, *self.plan.speaking)
        if owner is None and unclear and key in self.registered.patients:
            return reasons.may_be_another(case)
        if owner is not None:
            return reasons.of_another_patient(case) if owner != key else []
        first, file = self.reports.setdefault(hashes, (key, case.reports[0])) if hashes else (key, None)
        return reasons.of_another_patient(case, file) if first != key else []

    def _unreadable(self, paths: Sequence[Path], row: int | None) -> list[Refused]:
        if self.until is not None and time.monotonic() > self.until:
            self.unopened += len(paths)
            return []
        looked = {path: looked_at(path, self.limits) for path in paths}
        self.pages |= {path: one.pages for path, one in looked.items()}
        return [reasons.unreadable(path, one.error, row) for path, one in looked.items() if one.error]

    def notes(self) -> list[str]:
        """What else was seen."""
        told = []
        if self.again:
            number = f"{len(self.again)} of the reports are" if len(self.again) > 1 else "1 of the reports is"
            told.append(f"{number} registered already and would be recognised")
        if self.unopened:
            told.append(
                f"{self.unopened} files were not opened yet, to save time; those that can't be read are named"
                " when they are taken in"
            )
        return told


def _hashes(paths: Sequence[Path]) -> tuple[str, ...]:
    """The SHA-256 of each file; nothing where one can't be read."""
    try:
        return tuple(hash_file(path).sha256 for path in paths if path.is_file())
    except OSError:
        return ()
