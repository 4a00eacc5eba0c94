"""Reading the reports of a benchmark with any reader: a model once in this process, the rules in several.

Nothing is stored here. A report that fails keeps its place with its error, so that it can be scored as
unanswered.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

from db.errors import EchoDeskError
from db.fields.names import FIELDS
from db.labels import Light
from db.processes import process_pool
from labeling.benchmark.gold import GoldReport, InputKind
from labeling.readers.base import (
    Outcome,
    Reader,
    ReaderIdentity,
    ReaderSpec,
    Reading,
    TextReader,
    batch_size_of,
    describe_failure,
    identity_of,
    read_batch,
    read_plain_text,
)
from labeling.readers.registry import build_reader
from labeling.trust.light import light_of_fields

if TYPE_CHECKING:
    from labeling.pages.page import Page

_PROCESS_DIED = "the reading process ended while it had this report"


@dataclass(frozen=True)
class ReportAnswer:
    """What became of one report.

    Attributes:
        name: the gold's name of it.
        reading: None when it failed.
        light: field -> traffic light, as decided when it was read; all red when it failed.
        error: why it failed, in our own words, never the report's; hint: what to do about it.
        report_sha256: hash of the bytes that were read, so that two readings can be told to be of the same
            report.
        elapsed_s: seconds; its share of a batch.
    """

    name: str
    reading: Reading | None
    light: Mapping[str, Light] = field(default_factory=dict)
    error: str = ""
    hint: str = ""
    report_sha256: str = ""
    elapsed_s: float = 0.0


@dataclass(frozen=True)
class ReadingSet:
    """The answers of one reader to a set of reports in one form."""

    identity: ReaderIdentity
    input_kind: InputKind
    answers: tuple[ReportAnswer, ...]


OnProgress = Callable[[int, int], None]
OnAnswer = Callable[[ReaderIdentity, ReportAnswer], None]


def read_reports(
    reports: Sequence[GoldReport],
    reader: ReaderSpec | Reader,
    *,
    input_kind: InputKind,
    workers: int = 1,
    on_progress: OnProgress | None = None,
    on_answer: OnAnswer | None = None,
) -> ReadingSet:
    """Every report read once, in order.

    A reader named by its spec that takes one report at a time reads pictures in `workers` processes. One that
    takes several at once (a model, a server) reads in this process, batch by batch.

    Raises:
        EchoDeskError: the reader can't be built, reads no text though text is asked for, or failed on every
            report for the same reason.
    """
    built = build_reader(reader) if isinstance(reader, ReaderSpec) else reader
    if input_kind == "text" and not isinstance(built, TextReader):
        raise EchoDeskError(
            f"the reader {built.name!r} reads pictures, not text",
            "Name a kind of picture, such as --input phone.",
        )
    identity = identity_of(built)
    is_spread = workers > 1 and batch_size_of(built) <= 1
    if input_kind == "text":
        arriving: Iterator[ReportAnswer] = (_read_text_of(built, report) for report in reports)
    elif is_spread and isinstance(reader, ReaderSpec):
        arriving = _in_processes(reader, reports, workers)
    else:
        arriving = _in_batches(built, reports)
    answers: list[ReportAnswer] = []
    for answer in arriving:
        answers.append(answer)
        if on_answer:
            on_answer(identity, answer)
        if on_progress:
            on_progress(len(answers), len(reports))
    _check_any_succeeded(answers)
    return ReadingSet(identity, input_kind, tuple(answers))


def _check_any_succeeded(answers: Sequence[ReportAnswer]) -> None:
    """One cause that hits every report (no Tesseract, no server) is the person's answer, not a score of 0."""
    reasons = {(answer.error, answer.hint) for answer in answers}
    if len(answers) > 1 and len(reasons) == 1 and (reason := reasons.pop()) != ("", ""):
        raise EchoDeskError(reason[0], reason[1] or "Run `echodesk doctor`.")


def _in_batches(reader: Reader, reports: Sequence[GoldReport]) -> Iterator[ReportAnswer]:
    size = batch_size_of(reader)
    for start in range(0, len(reports), size):
        yield from _read_pages_of(reader, reports[start : start + size])


def _read_pages_of(reader: Reader, reports: Sequence[GoldReport]) -> list[ReportAnswer]:
    """A batch of reports as pictures; never raises."""
    opened = [(report, _pages_or_error(report)) for report in reports]
    whole = [pages for _, pages in opened if not isinstance(pages, Exception)]
    started_s = time.perf_counter()
    arriving = iter(read_batch(reader, whole))
    share_s = (time.perf_counter() - started_s) / max(1, len(whole))
    return [
        _answer(report, pages if isinstance(pages, Exception) else next(arriving), share_s)
        for report, pages in opened
    ]


def _read_text_of(reader: Reader, report: GoldReport) -> ReportAnswer:
    """One report as text; never raises."""
    started_s = time.perf_counter()
    outcome: Outcome
    try:
        outcome = read_plain_text(reader, report.text or "")
    except Exception as error:  # noqa: BLE001 - one report must not stop the others
        outcome = error
    return _answer(report, outcome, time.perf_counter() - started_s)


def _answer(report: GoldReport, outcome: Outcome, elapsed_s: float) -> ReportAnswer:
    if isinstance(outcome, EchoDeskError):
        return failed(report.gold.name, outcome.message, outcome.hint, report_sha256=_hash(report))
    if isinstance(outcome, Exception):
        return failed(report.gold.name, describe_failure(outcome), report_sha256=_hash(report))
    if not all(map(isfinite, (*outcome.confidence.values(), *outcome.legibility.values()))):
        return failed(
            report.gold.name, "the reading holds a number that is not finite", report_sha256=_hash(report)
        )
    seconds = outcome.generation.elapsed_s if outcome.generation else elapsed_s
    return ReportAnswer(
        report.gold.name, outcome, light_of_fields(outcome), report_sha256=_hash(report), elapsed_s=seconds
    )


def failed(name: str, error: str, hint: str = "", *, report_sha256: str = "") -> ReportAnswer:
    """The answer of a report that could not be read: every field needs a person."""
    return ReportAnswer(name, None, dict.fromkeys(FIELDS, Light.RED), error, hint, report_sha256)


def _pages_or_error(report: GoldReport) -> list[Page] | Exception:
    try:
        return _pages(report)
    except Exception as error:  # noqa: BLE001 - a damaged file makes a decoder raise anything at all
        return error


def _pages(report: GoldReport) -> list[Page]:
    from labeling.apart.pages import open_pages
    from labeling.pages.page import PageLimits

    limits = PageLimits()
    pages = [page for source in report.pages for page in open_pages(source, limits)]
    return [replace(page, number=index) for index, page in enumerate(pages, start=1)]


def _hash(report: GoldReport) -> str:
    digest = hashlib.sha256()
    for part in [report.text.encode()] if report.text is not None else map(_bytes, report.pages):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


# The reader of a reading process, built once when the process starts.
_reader_here: Reader | None = None


def _in_processes(spec: ReaderSpec, reports: Sequence[GoldReport], workers: int) -> Iterator[ReportAnswer]:
    pool = process_pool(workers, _build_here, (spec,))
    try:
        futures = [pool.submit(_read_here, report) for report in reports]
        for report, future in zip(reports, futures, strict=True):
            try:
                yield future.result()
            except BrokenProcessPool:
                # Whichever report ended a process, all that were waiting are lost with it: each gets its own.
                yield _read_alone(spec, report)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _build_here(spec: ReaderSpec) -> None:
    """Several workers share the cores; Tesseract's own threads would only fight over them."""
    global _reader_here
    os.environ["OMP_THREAD_LIMIT"] = "1"
    _reader_here = build_reader(spec)


def _read_here(report: GoldReport) -> ReportAnswer:
    assert _reader_here is not None  # noqa: S101 - the initializer has run, or the pool is broken
    (answer,) = _read_pages_of(_reader_here, [report])
    return answer


def _read_alone(spec: ReaderSpec, report: GoldReport) -> ReportAnswer:
    with process_pool(1, _build_here, (spec,)) as pool:
        try:
            return pool.submit(_read_here, report).result()
        except BrokenProcessPool:
            return failed(
                report.gold.name, _PROCESS_DIED, "Run `echodesk doctor`.", report_sha256=_hash(report)
            )
