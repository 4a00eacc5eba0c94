"""Which words on the page a reviewed value rests on: the draft's own quote, another reading's, or unknown.

A review holds values and no quotes. A value a person left as it was keeps the quote of the draft it was shown
with, as long as that quote stands on the page. A corrected value takes the quote of whichever reading of the
same report arrives at that value, else the one line of the page that names the field. Where there is none
such the words are unknown, which is not the same as "there are none".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isclose
from typing import Any, Final

from db.fields.names import EF_NUMBERS, FIELDS, RWMA_COLUMNS, of_fields
from db.labels import EfState, Findings, Pah, Rwma
from db.tables.drafts import Draft
from labeling.finetuning.named_lines import LinedReading, line_naming
from labeling.readers.base import Reading

# Everything a field says, and the part of it that words on the page have to bear out.
FIELD_COLUMNS: Final[dict[str, tuple[str, ...]]] = of_fields(
    ef_percent=("ef_state", *EF_NUMBERS, "ef_operator"),
    rwma=RWMA_COLUMNS,
    pah=("pah",),
    rvsp_mmhg=("rvsp_mmhg",),
)
_BORNE_OUT: Final[dict[str, tuple[str, ...]]] = of_fields(
    ef_percent=("ef_state", *EF_NUMBERS),
    rwma=("rwma", "rwma_severity"),
    pah=("pah",),
    rvsp_mmhg=("rvsp_mmhg",),
)
_RANGE = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d{1,2})?)\s*(?:-|–|—|to)\s*(\d{1,3}(?:\.\d{1,2})?)(?![\d.]*\d)")


@dataclass(frozen=True)
class Quotes:
    """The words of one record.

    Attributes:
        words: field -> quote; a field that needs none has no entry.
        origin: field -> `draft`, `other_reading`, `named_line` or `unknown`, for every field whose value
            needs words.
    """

    words: Mapping[str, str] = field(default_factory=dict)
    origin: Mapping[str, str] = field(default_factory=dict)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Fields whose value stands on words nobody has found."""
        return tuple(name for name, origin in self.origin.items() if origin == "unknown")


def quotes_of(
    findings: Findings,
    *,
    shown: Draft | None,
    others: Sequence[Draft],
    read_again: Callable[[], Reading | None],
) -> Quotes:
    """The quotes of one reviewed record.

    Args:
        shown: the draft that was on screen.
        others: further drafts of the same report, the most trusted first.
        read_again: reads the pages with the rules; called at most once and only when a quote is still
            missing.
    """
    found = {
        name: _quote_on_file(findings, shown, others, name) for name in FIELDS if needs_words(findings, name)
    }
    missing = [name for name, quote in found.items() if quote is None]
    reading = read_again() if missing else None
    if reading is not None:
        found.update({name: _quote_of_reading(findings, reading, name) for name in missing})
    return Quotes(
        words={name: quote[0] for name, quote in found.items() if quote},
        origin={name: quote[1] if quote else "unknown" for name, quote in found.items()},
    )


def _quote_on_file(
    findings: Findings, shown: Draft | None, others: Sequence[Draft], name: str
) -> tuple[str, str] | None:
    """(words, origin) from the draft that was on screen, where its value stayed, else from another draft."""
    if shown and is_unchanged(findings, shown, name):
        quote = _quote_of_draft(shown, name)
        if quote is not None:
            return quote, "draft"
    quote = _quote_of_others(findings, others, name)
    return (quote, "other_reading") if quote is not None else None


def _quote_of_reading(findings: Findings, reading: Reading, name: str) -> tuple[str, str] | None:
    """(words, origin) from the rules' reading: its evidence where it agrees, else a line that names it."""
    evidence = reading.evidence.get(name) if _bears_out(findings, reading.findings, name) else None
    if evidence is not None and evidence.quote:
        return evidence.quote, "other_reading"
    line = line_naming(name, findings, reading.lines) if isinstance(reading, LinedReading) else None
    return (line, "named_line") if line else None


def needs_words(findings: Findings, name: str) -> bool:
    """Whether the value of a field was read from words: not stated and unreadable have none to show."""
    if name == "ef_percent":
        return findings.ef_state is EfState.STATED
    if name == "rwma":
        return findings.rwma in (Rwma.PRESENT, Rwma.ABSENT)
    if name == "pah":
        return findings.pah not in (Pah.NOT_STATED, Pah.UNREADABLE)
    return findings.rvsp_mmhg is not None


def is_unchanged(findings: Findings, shown: Draft, name: str) -> bool:
    """Whether a person left a field as the draft had it."""
    return _is_equal(findings, shown.to_findings(), FIELD_COLUMNS[name])


def corrected_fields(findings: Findings, shown: Draft | None) -> tuple[str, ...]:
    """The fields a person changed; all of them where no draft was shown."""
    return tuple(name for name in FIELDS if shown is None or not is_unchanged(findings, shown, name))


def printed_range(quote: str | None, value: float | None) -> str | None:
    """The range a midpoint was printed as, such as `35-40` for 37.5; None when the quote shows none."""
    if quote is None or value is None:
        return None
    for low, high in _RANGE.findall(quote):
        if float(low) < float(high) and isclose((float(low) + float(high)) / 2, value, abs_tol=1e-6):
            return f"{float(low):g}-{float(high):g}"
    return None


def _quote_of_draft(draft: Draft, name: str) -> str | None:
    """The quote of a field if it was found on the page: as such, or because it was made from the page's
    words.
    """
    evidence: Mapping[str, Any] = (draft.evidence or {}).get(name) or {}
    quote = str(evidence.get("quote") or "")
    grounding: Mapping[str, Any] | None = (draft.grounding or {}).get(name)
    is_found = evidence.get("box") is not None if grounding is None else bool(grounding.get("is_found"))
    is_invented = grounding is not None and grounding.get("survives_blind") is True
    return quote if quote and is_found and not is_invented else None


def _quote_of_others(findings: Findings, others: Iterable[Draft], name: str) -> str | None:
    for draft in others:
        if _bears_out(findings, draft.to_findings(), name):
            quote = _quote_of_draft(draft, name)
            if quote is not None:
                return quote
    return None


def _bears_out(findings: Findings, read: Findings, name: str) -> bool:
    return _is_equal(findings, read, _BORNE_OUT[name])


def _is_equal(first: Findings, second: Findings, columns: Sequence[str]) -> bool:
    return all(getattr(first, column) == getattr(second, column) for column in columns)
