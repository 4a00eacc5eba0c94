"""One side of a benchmark, as written: a reader with its options, or a file of saved readings."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from db.errors import WrongUse
from pipeline.commands.reader_options import AskTwice, ReaderChoice, ReaderName
from pipeline.commands.reader_specs import BELONGS_TO

if TYPE_CHECKING:
    from labeling.benchmark.reading import ReadingSet

_HOW = "Name a reader (rules, qwen2vl:adapter=DIR, ...) or a file made by --save."


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
        foreign["second_reading"] = AskTwice.OFF
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
