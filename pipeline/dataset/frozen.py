"""A snapshot before its describing files are written: its rows and everything that is said about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from pipeline.dataset.records import Brought, Exclusion, ImageRef, LabelRow

Row = Mapping[str, Any]


@dataclass(frozen=True)
class CheckResult:
    """What one check found.

    Attributes:
        name: stable; `--override NAME` names it.
        is_passed: whether it found nothing.
        found: how many rows, patients, classes or pictures it is about.
        sentence: what it found, in one sentence without any value of a row; what it looked for where it
            passed.
        is_overridden: it did not pass, and the person who froze the snapshot said to go on.
    """

    name: str
    is_passed: bool
    found: int
    sentence: str
    is_overridden: bool = False


@dataclass(frozen=True)
class MaskedImage:
    """A picture with identities painted over, or why there is none.

    Attributes:
        data: the file's bytes, without metadata; None where the masking could not be done or checked.
        media_type: `image/jpeg` or `image/png`.
        reason: why it is left out, a few words that name nobody; counted in the manifest.
    """

    data: bytes | None
    media_type: str = "image/png"
    reason: str = ""


# Handed in by the command: pictures are masked with OCR words, which this package does not read itself.
MaskImage = Callable[[ImageRef, LabelRow], MaskedImage]


@runtime_checkable
class ReadsAhead(Protocol):
    """A mask that works on several pictures at once when it is told which will come."""

    def read_ahead(self, wanted: Sequence[tuple[ImageRef, LabelRow]]) -> None:
        """Take the pictures that will be asked for, in order."""


@dataclass(frozen=True)
class Frozen:
    """One snapshot as its describing files (card, Croissant, dictionary...) see it. Holds no number of the
    database.

    Attributes:
        name: the folder's name.
        content_sha256: of everything under `data/` and `images/`: the snapshot's identity.
        labels: rows of `data/labels.*`, by row id; columns as in `tables.label_columns`, values plain JSON.
        pairs: rows of `data/pairs.*`; columns as in `tables.PAIR_COLUMNS`.
        lineage: lines of `data/lineage.jsonl`.
        registered, exclusions: the flow of cases; `registered` minus all exclusions is `len(labels)`.
        quality: figures of the labels, plain JSON (see `db/quality/figures.py`);
            `certificate` in it is the bound on the errors of these very rows, or why there is none.
        checks: every check, in the order they were made; `overrides` names those that failed and were
            overridden.
        arguments: what the snapshot was asked with, plain JSON.
        counts: `rows`, `patients`, `groups`, `pairs`, `sites`, `folds` (rows by fold), `images`, ...
        files: what is written so far (`data/`, `images/`) as path -> (sha256, bytes).
        left_out: why pictures stayed here, reason -> how many.
        as_of: the newest event of the labels, UTC; "now" inside the snapshot.
        head: hash of that event.
        has_notes: whether the label table has the column `note`.
        brought: of labels that came in with a table; None where people decided them here.
    """

    name: str
    content_sha256: str
    is_synthetic: bool
    labels: Sequence[Row]
    pairs: Sequence[Row]
    lineage: Sequence[Row]
    registered: int
    exclusions: Sequence[Exclusion]
    quality: Mapping[str, Any]
    checks: Sequence[CheckResult]
    arguments: Mapping[str, Any]
    counts: Mapping[str, Any]
    as_of: datetime
    head: str
    codebook_version: str
    code_version: str
    files: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    has_notes: bool = False
    brought: Brought | None = None

    @property
    def overrides(self) -> list[str]:
        """The names of the checks that failed and were overridden."""
        return [check.name for check in self.checks if check.is_overridden]

    @property
    def licence(self) -> str:
        """Of the data, by its SPDX identifier; empty where none was chosen."""
        return str(self.arguments.get("licence", ""))


# One describing file: its path in the folder, and what makes its bytes. Called once the data is written.
Describe = Callable[[Frozen], bytes]
