"""One side of a benchmark: a reader with its options, or a file of saved readings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from db.errors import WrongUse
from pipeline.commands.reader_options import (
    BELONGS_TO,
    ReaderChoice,
    ReaderName,
    SecondReading,
    reader_spec,
)
from pipeline.commands.terminal import progress

if TYPE_CHECKING:
    from db.workspace import Workspace
    from labeling.benchmark.gold import GoldReport, InputKind
    from labeling.benchmark.reading import OnAnswer, ReadingSet

_HOW = "Name a reader (rules, qwen2vl:adapter=DIR, ...) or a file made by --save."


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


def side_of(text: str, choice: ReaderChoice) -> ReaderChoice | ReadingSet:
    """A side as written: a file of saved readings, or `NAME` or `NAME:option=value,option=value`.

    The options beside it on the command line hold for it as far as its reader has them; its own come first.

    Raises:
        WrongUse: there is no such reader, file or option.
        EchoDeskError: the file is not one of saved readings.
    """
    from labeling.benchmark.saved_readings import load_readings

    if Path(text).is_file():
        return load_readings(Path(text))
    name, _, written = text.partition(":")
    if name not in [reader.value for reader in ReaderName]:
        raise WrongUse(f"there is no reader and no file {text!r}", _HOW)
    return replace(_fitting(choice, ReaderName(name)), **_own_options(written))


def _fitting(choice: ReaderChoice, reader: ReaderName) -> ReaderChoice:
    """The choice for this reader, without the options that belong to the other side's."""
    plain = ReaderChoice(reader=reader)
    foreign = {name: getattr(plain, name) for name, readers in BELONGS_TO.items() if reader not in readers}
    if reader is ReaderName.RULES:
        foreign["second_reading"] = SecondReading.OFF
    return replace(choice, reader=reader, **foreign)


def _own_options(written: str) -> dict[str, Any]:
    options: dict[str, Any] = {}
    known = {item.name for item in fields(ReaderChoice)} - {"reader"}
    for part in filter(None, written.split(",")):
        word, _, value = part.partition("=")
        name = word.strip().replace("-", "_")
        if name not in known:
            raise WrongUse(
                f"a reader has no option {word!r}", "They are those of the command, such as adapter=DIR."
            )
        try:
            options[name] = _value(name, value.strip(), options.get(name))
        except (ValueError, KeyError):
            raise WrongUse(
                f"{part!r} is not usable", "Write it as option=value, several with commas."
            ) from None
    return options


def _value(name: str, text: str, before: Any) -> Any:
    """The text as the option's type; a flag needs no value, an option that may be repeated collects."""
    hint = get_type_hints(ReaderChoice)[name]
    if get_origin(hint) is list:
        return [*(before or []), text]
    kind = (get_args(hint) or (hint,))[0]
    if kind is bool:
        return {"": True, "yes": True, "true": True, "no": False, "false": False}[text]
    if not text:
        raise ValueError(name)
    return kind(text)


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
