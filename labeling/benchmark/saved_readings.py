"""Readings of a benchmark in a file, one line a report, so that a run on another machine can be scored here.

A line is a JSON object: `format`, `name`, `input`, `reader` (its identity), `report_sha256`, `elapsed_s`,
`light`, and either `reading` (values, quotes, confidence, opinions, grounding, generation) or `error` and
`hint`. The
quotes are report text: the file is as confidential as the reports. What a model printed verbatim is left out
unless asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from db.errors import EchoDeskError
from db.files.whole import named_file
from db.labels import Findings, Light
from labeling.benchmark.gold import InputKind
from labeling.benchmark.reading import OnAnswer, ReadingSet, ReportAnswer
from labeling.readers.base import Generation, Grounding, Opinion, ReaderIdentity, Reading
from labeling.readers.scripted import reading_from_json

_FORMAT: Final = 1


@contextmanager
def saving_to(target: Path, *, input_kind: InputKind, with_raw_text: bool = False) -> Iterator[OnAnswer]:
    """Take answers and write them to a file that only its owner can read; it appears when all are in.

    Raises:
        EchoDeskError: there is such a file already, or the folder can't be written to. Said before anything
            is read.
    """
    with (
        named_file(target, instead="Name another file, or remove it first.") as temporary,
        temporary.open("w", encoding="utf-8", newline="\n") as file,
    ):

        def write(identity: ReaderIdentity, answer: ReportAnswer) -> None:
            line = line_of(identity, answer, input_kind=input_kind, with_raw_text=with_raw_text)
            file.write(json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n")

        yield write


def line_of(
    identity: ReaderIdentity, answer: ReportAnswer, *, input_kind: InputKind, with_raw_text: bool = False
) -> dict[str, Any]:
    """One answer as a line holds it."""
    line: dict[str, Any] = {
        "format": _FORMAT,
        "name": answer.name,
        "input": input_kind,
        "reader": asdict(identity),
        "report_sha256": answer.report_sha256,
        "elapsed_s": round(answer.elapsed_s, 4),
        "light": {name: light.value for name, light in answer.light.items()},
    }
    if answer.reading is None:
        line.update(error=answer.error, hint=answer.hint)
    else:
        line["reading"] = plain_reading(answer.reading, with_raw_text=with_raw_text)
    return line


def load_readings(path: Path) -> ReadingSet:
    """The readings of a file, in its order.

    Raises:
        EchoDeskError: it can't be read, a line isn't of this format, or its lines are not of one reader and
            one form.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise EchoDeskError(
            f"{path} can't be read ({type(error).__name__})", "Name a file made by --save."
        ) from None
    identities, kinds, answers = set(), set(), []
    for number, line in enumerate(lines, start=1):
        try:
            loaded = json.loads(line)
            if loaded["format"] != _FORMAT:
                raise ValueError("another format")
            identities.add(ReaderIdentity(**loaded["reader"]))
            kinds.add(loaded["input"])
            answers.append(_answer(loaded))
        except (ValueError, KeyError, TypeError, AttributeError, ValidationError) as error:
            # The error's own text may quote the line.
            raise EchoDeskError(
                f"{path}, line {number} is not a saved reading ({type(error).__name__})",
                "Name a file made by `echodesk benchmark --save`.",
            ) from None
    _check_one_run(path, [answer.name for answer in answers], len(identities), len(kinds))
    return ReadingSet(identities.pop(), kinds.pop(), tuple(answers))


def _check_one_run(path: Path, names: Sequence[str], identities: int, kinds: int) -> None:
    if not names:
        raise EchoDeskError(f"{path} holds no readings", "Name a file made by `echodesk benchmark --save`.")
    twice = {name for name in names if names.count(name) > 1}
    if twice or identities > 1 or kinds > 1:
        what = f"reads {min(twice)} twice" if twice else "holds readings of several readers or inputs"
        raise EchoDeskError(f"{path} {what}", "Save every run to a file of its own.")


def plain_reading(reading: Reading, *, with_raw_text: bool = False) -> dict[str, Any]:
    """A reading as plain JSON values; `reading_of_json` is the way back."""
    if reading.generation and not with_raw_text:
        reading = replace(reading, generation=replace(reading.generation, raw_text=""))
    plain: dict[str, Any] = _plain(reading)
    return plain


def reading_of_json(plain: Mapping[str, Any]) -> Reading:
    """The reading that `plain_reading` wrote."""
    generation = plain.get("generation")
    return replace(
        reading_from_json(plain),
        opinions=tuple(
            Opinion(**{**item, "findings": Findings.model_validate(item["findings"])})
            for item in plain.get("opinions", [])
        ),
        grounding={name: Grounding(**item) for name, item in plain.get("grounding", {}).items()},
        generation=Generation(**generation) if generation else None,
    )


def _answer(line: Mapping[str, Any]) -> ReportAnswer:
    reading = line.get("reading")
    return ReportAnswer(
        name=str(line["name"]),
        reading=None if reading is None else reading_of_json(reading),
        light={str(name): Light(value) for name, value in line["light"].items()},
        error="" if reading is not None else str(line["error"]),
        hint=str(line.get("hint", "")),
        report_sha256=str(line["report_sha256"]),
        elapsed_s=float(line["elapsed_s"]),
    )


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    if isinstance(value, str | bool | int | float) or value is None:
        return value
    return float(value)  # a number of numpy or torch
