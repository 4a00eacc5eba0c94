"""What the desk can do with frozen datasets, handed in by the command: `review_ui` itself freezes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class AskedSnapshot:
    """A snapshot that somebody asks for.

    Attributes:
        require: how well founded its labels must be, by the name the command has for it.
        licence: SPDX identifier, or empty.
        overrides: checks that may fail.
    """

    name: str
    require: str
    licence: str = ""
    overrides: tuple[str, ...] = ()


@dataclass(frozen=True)
class LookedOver:
    """What freezing would find now: how many rows, and each check with its sentence."""

    rows: int
    checks: Sequence[CheckSaid]


@dataclass(frozen=True)
class CheckSaid:
    """One check of a snapshot to be."""

    name: str
    sentence: str
    is_passed: bool


class Datasets(Protocol):
    """Frozen datasets of the workspace. Each method raises `EchoDeskError` in words for the page."""

    @property
    def requirements(self) -> Sequence[tuple[str, str]]:
        """How well founded labels can be asked to be: name and words."""

    def look_over(self, asked: AskedSnapshot) -> LookedOver:
        """Run the checks; writes nothing."""

    def freeze(self, asked: AskedSnapshot, *, actor: str, now: datetime) -> None:
        """Freeze the labels as they are now."""

    def card(self, name: str) -> str:
        """The dataset card, Markdown."""

    def give_back(self, listing: Path, folder: Path) -> Path:
        """A list of patients, written again in the folder with the labels beside its rows."""

    def pack(self, name: str, target: Path) -> None:
        """Write a snapshot as one zip file, every hash compared."""
