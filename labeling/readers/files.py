"""Reading report files without a database: what `echodesk read` prints, one JSON object a file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db.errors import EchoDeskError
from db.fields.names import READ_COLUMNS
from labeling.apart.pages import open_pages
from labeling.pages.file_kind import HEAD_BYTES, kind_of
from labeling.pages.page import Page, PageError, PageLimits
from labeling.readers.base import (
    Outcome,
    Reader,
    Reading,
    batch_size_of,
    describe_failure,
    read_batch,
    read_plain_text,
)
from labeling.readers.rules import PAGE_NOTE_WARNING, TEXT_LAYER_WARNING
from labeling.trust.light import light_of_fields
from labeling.words.read_page import LAYER_REFUSED, NOTES

# A report is a few pages; a text file beyond this is something else.
# A report of twenty pages has some; the rules look at each of them many times.
_MAX_TEXT_CHARACTERS = 40_000
_MAX_TEXT_BYTES = 4 * _MAX_TEXT_CHARACTERS

# The words for function are evidence; `echodesk read --json` has no key for them.
_VALUE_FIELDS = tuple(name for name in READ_COLUMNS if name != "lv_function")


@dataclass(frozen=True)
class _Opened:
    """One file, opened: its pages, or its text, or the refusal that is its answer."""

    path: Path
    pages: Sequence[Page] | None = None
    text: str | None = None
    refusal: dict[str, Any] | None = None


def read_paths(paths: Sequence[Path], reader: Reader, limits: PageLimits) -> Iterator[dict[str, Any]]:
    """The answers for files and for what folders hold (pages, .txt), sorted; a reader's batch at a time."""
    size = batch_size_of(reader)
    waiting: list[_Opened] = []
    for opened in _open_all(paths, limits):
        waiting.append(opened)
        if sum(one.pages is not None for one in waiting) >= size or all(one.pages is None for one in waiting):
            yield from _read_opened(waiting, reader)
            waiting = []
    yield from _read_opened(waiting, reader)


def _open_all(paths: Sequence[Path], limits: PageLimits) -> Iterator[_Opened]:
    for path in paths:
        if not path.is_dir():
            yield _open(path, limits)
            continue
        from labeling.intake.files import find_files  # only a folder needs it

        found, refused = find_files([path])
        texts = [item.path for item in refused if item.path.suffix.lower() == ".txt"]
        for item in refused:
            # What is no page at all in a folder isn't asked about; what is hidden by an error is.
            if item.code not in ("not_an_image", "not_a_file"):
                yield _Opened(item.path, refusal=_refusal(item.path, item.reason, item.remedy))
        for file in sorted([*texts, *(file.path for file in found)]):
            yield _open(file, limits)


def _open(path: Path, limits: PageLimits) -> _Opened:
    try:
        text = _text_of(path)
        return _Opened(path, text=text) if text is not None else _Opened(path, pages=open_pages(path, limits))
    except Exception as error:  # noqa: BLE001 - one file must not stop the others
        return _Opened(path, refusal=_refusal_of(path, error))


def _read_opened(files: Sequence[_Opened], reader: Reader) -> Iterator[dict[str, Any]]:
    """The answers of opened files, in order; the pages among them are read as one batch."""
    outcomes = iter(read_batch(reader, [one.pages for one in files if one.pages is not None]))
    for one in files:
        if one.refusal is not None:
            yield one.refusal
            continue
        outcome = _try_text(one.text, reader) if one.text is not None else next(outcomes)
        try:
            if isinstance(outcome, Exception):
                raise outcome
            yield answer_of(str(one.path), reader.name, outcome)
        except Exception as error:  # noqa: BLE001 - one file must not stop the others
            yield _refusal_of(one.path, error)


def _try_text(text: str, reader: Reader) -> Outcome:
    try:
        return read_plain_text(reader, text)
    except Exception as error:  # noqa: BLE001 - told as the answer of its file
        return error


def _refusal_of(path: Path, error: Exception) -> dict[str, Any]:
    if isinstance(error, EchoDeskError):
        return _refusal(path, error.message, error.hint)
    return _refusal(path, describe_failure(error), "Run `echodesk doctor`.")


def answer_of(source: str, reader_name: str, reading: Reading) -> dict[str, Any]:
    """A reading in the shape of the `echodesk read` contract; every value is plain JSON."""
    values = reading.findings.model_dump(mode="json")
    answer = {
        "source": source,
        "reader": reader_name,
        **{name: values[name] for name in _VALUE_FIELDS},
        "evidence": {
            name: {"quote": item.quote, "page": item.page, "box": list(item.box) if item.box else None}
            for name, item in reading.evidence.items()
        },
        "confidence": dict(reading.confidence),
        "light": {name: light.value for name, light in light_of_fields(reading).items()},
    }
    if notes := _notes(reading):
        answer["notes"] = notes
    json.dumps(answer, allow_nan=False)  # raises here rather than in the printing of it
    return answer


def _notes(reading: Reading) -> list[str]:
    """What to know of how it was read, one sentence each: pages whose text layer was not believed, and what
    the file holds besides its pages.
    """
    codes = [code.split(":") for code in reading.warnings if code.startswith(TEXT_LAYER_WARNING)]
    notes = [code.split(":") for code in reading.warnings if code.startswith(PAGE_NOTE_WARNING)]
    return [
        *(
            f"Page {page}: its picture was read and not its text layer, which {LAYER_REFUSED[why]}."
            for _, page, why in codes
        ),
        *(f"Page {page} {NOTES[note]}." for _, page, note in notes),
    ]


def _refusal(path: Path, reason: str, remedy: str) -> dict[str, Any]:
    sentences = [reason.rstrip("."), remedy.rstrip(".")]
    return {"source": str(path), "error": ". ".join(part for part in sentences if part) + "."}


def _text_of(path: Path) -> str | None:
    """The text of a .txt file; None for anything else, also for a picture that is only called .txt."""
    if path.suffix.lower() != ".txt" or not path.is_file():
        return None
    try:
        if os.path.getsize(path) > _MAX_TEXT_BYTES:
            raise _too_large()
        data = path.read_bytes()
    except OSError as error:
        reason = f"the file can't be opened ({error.strerror or type(error).__name__})"
        raise PageError("unreadable", reason, "Check that you may read it.") from None
    if kind_of(data[:HEAD_BYTES]):
        return None
    if not data.strip():
        raise PageError("empty", "the file is empty", "Copy it again from where it came from.")
    text = _decoded(data)
    if len(text) > _MAX_TEXT_CHARACTERS:
        raise _too_large()
    return text


def _too_large() -> PageError:
    reason = f"the text file has more than {_MAX_TEXT_CHARACTERS} characters, too many for one report"
    return PageError("too_large", reason, "Name a report, or cut the file into one for each.")


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    if b"\0" in data:
        raise PageError("not_text", "the file is called .txt but holds no text", "Give it its right suffix.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")
