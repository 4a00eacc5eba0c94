"""What a reader takes and gives: pages in, one reading out."""

from __future__ import annotations

import dataclasses
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from db.errors import EchoDeskError
from db.fields.names import FIELDS, FieldName
from db.labels import Check, Evidence, Findings

if TYPE_CHECKING:
    from labeling.pages.page import Page


@dataclass(frozen=True)
class Opinion:
    """What another reader made of the same report; it never changes the values, only how far they are
    trusted.

    Attributes:
        reader: short stable name, such as `rules` or `rules_rapidocr`.
        version: changes whenever it could read differently.
        confidence: field name -> 0-1, higher is surer.
        unreadable_reason: why it could not read the page, else empty; it then has no say.
        fields: the fields it speaks about; a second question about one field speaks about that field alone.
    """

    reader: str
    version: str
    findings: Findings
    confidence: Mapping[str, float] = field(default_factory=dict)
    unreadable_reason: str = ""
    fields: Sequence[str] = FIELDS


@dataclass(frozen=True)
class Grounding:
    """Whether the quote of one field stands on the page.

    Attributes:
        quote_score: similarity of the quote and the recognised words, 0-100, 100 is verbatim; null without a
            quote.
        is_found: the quote was found among the recognised words.
        digits_agree: the digits of the value stand in the words found; null for a field without digits.
        page_digits: the number as the recognised words have it, where it differs; else empty.
        survives_blind: the value was read again with its evidence painted over; null when that was not tried.
    """

    quote_score: float | None = None
    is_found: bool = False
    digits_agree: bool | None = None
    page_digits: str = ""
    survives_blind: bool | None = None


@dataclass(frozen=True)
class Generation:
    """How a language model came to its answer: enough to ask it the same again.

    Attributes:
        model: name or folder name; revision: the commit or content hash of its weights.
        adapter: content hash of the fine-tuned adapter, else empty.
        prompt_id: see `labeling/readers/prompts.py`.
        decoding: settings that decide the answer (grammar, limits, temperature, pixel bounds, precision).
        raw_text: what it printed, verbatim. Report text: belongs in the database and nowhere else.
        prompt_tokens, answer_tokens: counts; image tokens are part of the prompt.
        forward_passes: how often the model ran for this report; shared ones count in full.
        elapsed_s: seconds, its share of the batch.
        is_complete: the answer ended by itself and not at the length limit.
    """

    model: str
    revision: str
    prompt_id: str
    adapter: str = ""
    decoding: Mapping[str, Any] = field(default_factory=dict)
    raw_text: str = ""
    prompt_tokens: int = 0
    answer_tokens: int = 0
    forward_passes: int = 0
    elapsed_s: float = 0.0
    is_complete: bool = True


@dataclass(frozen=True)
class Reading:
    """One machine reading of one whole report (all its pages).

    Attributes:
        findings: the values.
        evidence: record field name -> verbatim evidence; every non-null, stated value has an entry under its
            own name (`ef_percent`, `rwma`, `rwma_severity`, `rwma_walls`, `pah`, `rvsp_mmhg`, `lv_function`).
        confidence: field name (`ef_percent`, `rwma`, `pah`, `rvsp_mmhg`) -> 0-1, higher is surer.
        checks: consistency checks that were run on it.
        unreadable_reason: why the page could not be read (too small, blurred, ...), else empty.
        legibility: measured page quality, name -> number, for the record and for `read --json` debugging.
        warnings: short machine codes such as `orders_in_text`.
        opinions: what other readers made of it.
        grounding: field name -> whether its quote stands on the page; empty where evidence comes from the
            words themselves.
        generation: how a language model came to it; null for the rules.
    """

    findings: Findings
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    confidence: Mapping[str, float] = field(default_factory=dict)
    checks: Sequence[Check] = ()
    unreadable_reason: str = ""
    legibility: Mapping[str, float] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    opinions: Sequence[Opinion] = ()
    grounding: Mapping[str, Grounding] = field(default_factory=dict)
    generation: Generation | None = None


@dataclass(frozen=True)
class FieldAnswer:
    """What a model says about one field of a piece of a page.

    Attributes:
        value: as the answer form has it (`absent`, `50-55`); None when it can't tell.
        probability: of this value, 0-1; in a closed field its share among all allowed answers; 0 where a
            server gives no probabilities.
        shares: closed fields: every allowed answer and its share; they sum to 1.
    """

    field: FieldName
    value: str | None
    probability: float
    shares: Mapping[str | None, float] = dataclasses.field(default_factory=dict)


# What became of one report: its reading, or why there is none.
Outcome = Reading | Exception


class ReaderUnavailableError(EchoDeskError):
    """The reader can't work at all just now, and nothing was found out about the report: it should not fail
    for it.
    """


class Reader(Protocol):
    """A way to read a report.

    Implementations are picklable by (name, options) and safe to build once a process.
    """

    @property
    def name(self) -> str:
        """Short stable name, such as `rules`."""

    @property
    def version(self) -> str:
        """Changes whenever the same page could be read differently; part of a draft's identity."""

    def read_pages(self, pages: Sequence[Page]) -> Reading:
        """Read one report from its upright pages, in order."""


@runtime_checkable
class BatchReader(Protocol):
    """A reader that is faster with several reports at once. It is a `Reader`, too."""

    @property
    def batch_size(self) -> int:
        """How many reports to hand over at once."""

    def read_reports(self, reports: Sequence[Sequence[Page]]) -> list[Outcome]:
        """Read several reports; the answers in the order of the reports. What fails for one is its answer."""


@runtime_checkable
class TextReader(Protocol):
    """A reader that takes plain text as well. It is a `Reader`, too."""

    def read_text(self, text: str) -> Reading:
        """Read one report given as text; evidence has quotes but no boxes."""


@dataclass(frozen=True)
class ReaderSpec:
    """A reader's name and how to build it: plain values only, so it can be pickled."""

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ReaderIdentity:
    """What a draft says about the reader that made it; two readers with equal identity read alike."""

    name: str
    version: str
    weights_revision: str = ""
    prompt_version: str = ""


def identity_of(reader: Reader) -> ReaderIdentity:
    """A reader's identity; one without weights or prompts leaves those empty."""
    return ReaderIdentity(
        name=reader.name,
        version=reader.version,
        weights_revision=str(getattr(reader, "weights_revision", "")),
        prompt_version=str(getattr(reader, "prompt_version", "")),
    )


def batch_size_of(reader: Reader) -> int:
    """How many reports to hand a reader at once; 1 for one that takes them singly."""
    return max(1, reader.batch_size) if isinstance(reader, BatchReader) else 1


def read_batch(reader: Reader, reports: Sequence[Sequence[Page]]) -> list[Outcome]:
    """Several reports by any reader, in their order; never raises, what fails for one is its answer.

    The one way from reports to readings: files, extraction, panel and benchmark all read through here.
    """
    if not isinstance(reader, BatchReader):
        return read_singly(reader, reports)
    try:
        return list(reader.read_reports(reports)) if reports else []
    except Exception as error:  # noqa: BLE001 - told as the answer of each of its reports
        return [error] * len(reports)


def read_singly(reader: Reader, reports: Sequence[Sequence[Page]]) -> list[Outcome]:
    """Several reports one after the other; what one of them raises does not stop the others."""
    outcomes: list[Outcome] = []
    for pages in reports:
        try:
            outcomes.append(reader.read_pages(pages))
        except Exception as error:  # noqa: BLE001 - told as the answer of this report
            outcomes.append(error)
    return outcomes


def read_one(reader: BatchReader, pages: Sequence[Page]) -> Reading:
    """One report by itself from a reader of batches. Raises what became of it instead of a reading."""
    (outcome,) = reader.read_reports([pages])
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def read_plain_text(reader: Reader, text: str) -> Reading:
    """One report given as text.

    Raises:
        EchoDeskError: the reader reads pictures only.
    """
    if not isinstance(reader, TextReader):
        raise EchoDeskError(f"the reader {reader.name!r} reads pictures, not text", "Use --reader rules.")
    return reader.read_text(text)


# The folder of our packages: a clone, or site-packages, where others lie beside them.
_ROOT = Path(__file__).resolve().parents[2]
_OUR_PACKAGES = ("db", "labeling", "pipeline", "review_ui")


def describe_failure(error: BaseException) -> str:
    """Such as `the reader failed (KeyError, labeling/readers/parse.py line 41)`: its kind and our last line
    on the way.

    The text of the error is left out: it may quote the report.
    """
    ours = [
        f"{place.as_posix()} line {frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if (place := _place_among_ours(frame.filename)) is not None
    ]
    where = f", {ours[-1]}" if ours else ""
    return f"the reader failed ({type(error).__name__}{where})"


def _place_among_ours(file: str) -> Path | None:
    """A module of ours by its path from the packages' folder; None for anybody else's."""
    if not Path(file).is_relative_to(_ROOT):
        return None
    place = Path(file).relative_to(_ROOT)
    return place if place.parts[0] in _OUR_PACKAGES else None
