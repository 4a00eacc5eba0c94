"""What the work pages need of intake and extraction, handed in by the command: `review_ui` knows neither."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from db.workspace import Workspace


@dataclass(frozen=True)
class TypedFile:
    """What a person typed about a file whose name does not say whose it is; `kind` is a key of `KINDS`."""

    name: str
    patient_id: str
    report_date: str = ""
    kind: str = "report"


@dataclass(frozen=True)
class Chosen:
    """The files a person has chosen, and what they say of them.

    Attributes:
        folder: where the files lie; names on the page are relative to it.
        list_file: the list that says which file is whose; None to tell it by the names.
        site: where the reports come from, for rows that name none.
        keeps_ids: keep the patients' own ids, encrypted, on this machine.
        typed: whose the files are whose names do not say it.
    """

    folder: Path
    list_file: Path | None = None
    site: str = ""
    is_synthetic: bool = False
    keeps_ids: bool = False
    typed: tuple[TypedFile, ...] = ()


@dataclass(frozen=True)
class PlannedRecord:
    """One record to be: whose, its report pages and ECG photos by name, why, and what else is told of it.

    Attributes:
        is_named_by_a_device: a camera or scanner called its file so.
        is_speaking: its file has a name without a number: a person's, most likely.
    """

    patient_id: str
    reports: tuple[str, ...]
    ecgs: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    why: str = ""
    told: tuple[str, ...] = ()
    is_named_by_a_device: bool = False
    is_speaking: bool = False

    @property
    def says_no_id(self) -> bool:
        """Whether a person has to say that its name is meant as the patient's id."""
        return self.is_named_by_a_device or self.is_speaking


@dataclass(frozen=True)
class RefusedFile:
    """One file or row that cannot be taken, by name, with the reason and the remedy."""

    name: str
    reason: str
    remedy: str
    row: int | None = None


@dataclass(frozen=True)
class Preview:
    """What adding would do; nothing has been stored. `nameless`: files whose names do not say whose."""

    records: Sequence[PlannedRecord]
    patients: int
    refused: Sequence[RefusedFile] = ()
    notes: Sequence[str] = ()
    left_alone: Sequence[str] = ()
    nameless: Sequence[str] = ()


@dataclass(frozen=True)
class Added:
    """What adding did.

    Attributes:
        known: records whose report was there before.
        look_alikes: pairs of pictures that look alike.
    """

    registered: int
    known: int
    refused: Sequence[RefusedFile] = ()
    notes: Sequence[str] = ()
    copies: int = 0
    look_alikes: int = 0


@dataclass(frozen=True)
class Starting:
    """A reading process that was started and has said nothing of itself yet.

    Attributes:
        ended: its exit code once it has ended, else None.
    """

    ended: Callable[[], int | None]


@dataclass(frozen=True)
class WorkHooks:
    """The doings behind the work pages.

    Attributes:
        preview: says what adding would do. Raises `EchoDeskError` for a list that cannot be used.
        add: stores; calls back with how many of how many records it has looked at.
        start_reading: starts a reading process of its own that outlives the desk; True to try the failed
            again, too.
        picture: the first page of a file as JPEG, for files that a browser cannot show by itself; None where
            there is none.
    """

    workspace: Workspace
    preview: Callable[[Chosen], Preview]
    add: Callable[[Chosen, Callable[[int, int], None]], Added]
    start_reading: Callable[[bool], Starting]
    picture: Callable[[Path], bytes | None] = field(default=lambda _: None)
    list_endings: tuple[str, ...] = field(default=(".xlsx", ".csv", ".tsv", ".xls"))
