"""The printed line that names a field: where the words of a corrected value stand when no reader found them.

A form the rules can't read still says "Wall motion" or "Pulm. hypertension" somewhere. If exactly one line of
the page names a field (and holds its number, for a field with a number), a person who gave the value read it
there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from db.fields.names import of_fields
from db.labels import Findings
from labeling.readers.base import Reading

if TYPE_CHECKING:
    from labeling.pages.page import Page

_NAMES: Final = of_fields(
    ef_percent=re.compile(r"\b(?:lv)?ef\b|ejection", re.IGNORECASE),
    rwma=re.compile(r"\brwma\b|wall[ -]?motion|regional wall|(?:hypo|a|dys)kine", re.IGNORECASE),
    pah=re.compile(r"\bpah\b|\bpht?\b|pulm\w*\.? (?:arter\w+ )?hypert", re.IGNORECASE),
    rvsp_mmhg=re.compile(r"\brvsp\b|\bpasp\b|\bspap\b|\bmm ?hg\b|systolic pressure", re.IGNORECASE),
)


@dataclass(frozen=True)
class LinedReading(Reading):
    """A reading with the printed lines it was made from, in reading order, legible pages only."""

    lines: Sequence[str] = ()


def read_with_lines(pages: Sequence[Page], *, tesseract: str = "tesseract") -> LinedReading:
    """The rules' reading of a report, with its lines. Raises EchoDeskError when Tesseract is missing."""
    from labeling.readers.rules import reading_of_ocr
    from labeling.words.evidence import join_words
    from labeling.words.tesseract import read_words

    seen = [read_words(page, tesseract=tesseract) for page in pages]
    text = join_words([page for page in seen if not page.unreadable_reason]).text
    lines = tuple(" ".join(line.split()) for line in re.split(r"[\n\f]+", text) if line.strip())
    return LinedReading(**vars(reading_of_ocr(seen)), lines=lines)


def line_naming(field: str, findings: Findings, lines: Sequence[str]) -> str | None:
    """The one line that names a field and holds its number; None when there is none, or more than one."""
    numbers = _numbers_of(field, findings)
    naming = [line for line in lines if _NAMES[field].search(line) and _holds(line, numbers)]
    return naming[0] if len(naming) == 1 else None


def _numbers_of(field: str, findings: Findings) -> tuple[float, ...]:
    if field == "ef_percent":
        ends = (findings.ef_low, findings.ef_high) if findings.ef_low is not None else (findings.ef_percent,)
        return tuple(end for end in ends if end is not None)
    if field == "rvsp_mmhg" and findings.rvsp_mmhg is not None:
        return (findings.rvsp_mmhg,)
    return ()


def _holds(line: str, numbers: Sequence[float]) -> bool:
    printed = {float(number) for number in re.findall(r"(?<![\d.])\d{1,3}(?:\.\d{1,2})?(?![\d.]*\d)", line)}
    return printed.issuperset(numbers)
