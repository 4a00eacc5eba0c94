"""One of the paper's figures in words: for the page and for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.evaluation.report.facts import number, percent
from pipeline.evaluation.report.text import paper as text


@dataclass(frozen=True)
class FigureWords:
    """A figure ready to be read."""

    name: str
    reported: str
    implied: str
    formula: str
    meaning: str


def figure_words(one: Mapping[str, Any]) -> FigureWords:
    """The words of an `Implied`, as `results.json` holds it."""
    words = text.DERIVATIONS[one["id"]]

    def said(value: float | None) -> str:
        return percent(value, words.digits) if words.is_share else number(value, words.digits)

    found = one["found"]
    inputs = {name: plain_number(value) for name, value in one["inputs"].items()}
    ends = {end: said(found[name]) for end, name in (("found", "value"), ("low", "low"), ("high", "high"))}
    reported = text.NOT_REPORTED if one["reported"] is None else as_printed(one["reported"], words)
    implied = ends["found"]
    if found["low"] is not None:
        implied += f" [{ends['low']}, {ends['high']}]"
    return FigureWords(
        name=words.name,
        reported=reported,
        implied=implied,
        formula=words.formula.format_map(inputs),
        meaning=words.words.format_map({**inputs, **ends, "reported": reported}),
    )


def as_printed(value: float, words: text.Derivation) -> str:
    """With no more decimals than the paper prints: whole shares in percent, else at most two."""
    return percent(value, 0) if words.is_share else number(value, min(words.digits, 2))


def plain_number(value: float) -> str:
    """As it is reported: whole numbers whole, others with up to three decimals."""
    return number(value, 0) if value == int(value) else f"{value:.3f}".rstrip("0")
