"""How the sides of a benchmark read: in which form, in which order, and where the readings are kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from db.errors import WrongUse
from pipeline.commands.progress import progress
from pipeline.commands.reader_options import ReaderChoice, ReaderName
from pipeline.commands.reader_specs import reader_spec

if TYPE_CHECKING:
    from db.workspace import Workspace
    from labeling.benchmark.gold import GoldReport, InputKind
    from labeling.benchmark.reading import OnAnswer, ReadingSet


class Input(StrEnum):
    """The form in which the reports are read."""

    TEXT = "text"
    CLEAN = "clean"
    PHONE = "phone"
    HARSH = "harsh"
    PAGES = "pages"


@dataclass(frozen=True)
class Manner:
    """How the sides that are readers read.

    Attributes:
        workers: processes for the rules; a model or a server always has one.
        save: where to write the readings; None for nowhere. with_raw_text: also what a model printed.
    """

    workspace: Workspace
    workers: int
    save: Path | None = None
    with_raw_text: bool = False


def input_of(sides: list[ReaderChoice | ReadingSet], form: Input | None) -> list[InputKind]:
    """The form each side reads or has read.

    A reader beside a file reads what the file was made of, unless told otherwise.

    Raises:
        WrongUse: a file was made of something else than asked for.
    """
    from labeling.benchmark.reading import ReadingSet

    kinds: list[InputKind] = [side.input_kind for side in sides if isinstance(side, ReadingSet)]
    if form is not None and any(kind != form.value for kind in kinds):
        raise WrongUse(f"the saved readings are not of --input {form.value}", "Leave --input out.")
    asked: InputKind = form.value if form is not None else (kinds[0] if kinds else "text")
    return [side.input_kind if isinstance(side, ReadingSet) else asked for side in sides]


def check_sides(sides: Sequence[ReaderChoice | ReadingSet], how: Manner) -> None:
    """Raise for a side that lacks an option, before the other has read for an hour."""
    for side in sides:
        if isinstance(side, ReaderChoice):
            reader_spec(side, how.workspace)


def reading_order(sides: Sequence[ReaderChoice | ReadingSet]) -> list[int]:
    """Models and servers first: what they lack shows at once, and the rules lack nothing."""
    rules = [isinstance(side, ReaderChoice) and side.reader is ReaderName.RULES for side in sides]
    return sorted(range(len(sides)), key=lambda index: rules[index])


def readings_of(
    side: ReaderChoice | ReadingSet, reports: list[GoldReport], input_kind: InputKind, how: Manner
) -> ReadingSet:
    """The side's readings: as loaded, or made now."""
    from labeling.benchmark.reading import ReadingSet, read_reports

    if isinstance(side, ReadingSet):
        return side
    spec = reader_spec(side, how.workspace)
    workers = how.workers if side.reader is ReaderName.RULES else 1
    title = f"Reading {input_kind} ({side.reader.value})"
    with _saving(how, input_kind) as on_answer, progress(title, "reports") as advance:
        return read_reports(
            reports, spec, input_kind=input_kind, workers=workers, on_progress=advance, on_answer=on_answer
        )


@contextmanager
def _saving(how: Manner, input_kind: InputKind) -> Iterator[OnAnswer | None]:
    from labeling.benchmark.saved_readings import saving_to

    if how.save is None:
        yield None
        return
    with saving_to(how.save, input_kind=input_kind, with_raw_text=how.with_raw_text) as on_answer:
        yield on_answer
