"""What the sections of the report are made of: headings, paragraphs, tables, figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from db.markup.elements import Child, Html, element, table
from pipeline.evaluation.report.facts import Facts, is_not_run
from pipeline.evaluation.report.text import page as text


@dataclass(frozen=True)
class Section:
    """One numbered section of the second part: where links lead, what it is called, what stands in it."""

    id: str
    title: str
    body: Sequence[Child]


def paragraph(words: Child, kind: str | None = None) -> Html:
    """A paragraph."""
    return element("p", words, class_=kind)


def numbers_table(headings: Iterable[Child], rows: Iterable[Iterable[Child]], caption: str) -> Html:
    """A table of numbers with its caption in sight."""
    return table(headings, rows, caption=caption, is_caption_shown=True)


def figure(plot: Html, words: str) -> Html:
    """A plot with a sentence below it."""
    return element("figure", plot, element("figcaption", words))


def not_run(part: Any) -> Html:
    """Why a part was not done."""
    reason = part.get("reason") if is_not_run(part) else None
    said = text.REASONS.get(str(reason), text.UNKNOWN_REASON)
    return paragraph(text.NOT_RUN.format(reason=said), "muted")


def missing(facts: Facts, place: str) -> Html | None:
    """A sentence where a part was not done; None where it was."""
    return None if facts.has(place) else not_run(facts.at(place))
