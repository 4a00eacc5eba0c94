"""The reporting checklists filled in: each element with its place; an item is whole with all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pipeline.evaluation.report.text import checklist as text
from pipeline.evaluation.report.text import claim, tripod
from pipeline.evaluation.results import NotRun

ITEMS: Final = {"tripod": tripod.ITEMS, "claim": claim.ITEMS}


@dataclass(frozen=True)
class Element:
    """One thing an item asks for.

    Attributes:
        place: a key of `PLACES`; None where the author must write it.
        is_answered: there is a place, and what it needs was done.
    """

    words: str
    place: str | None
    is_answered: bool


@dataclass(frozen=True)
class Item:
    """One item of a form."""

    number: str
    topic: str
    elements: tuple[Element, ...]

    @property
    def is_whole(self) -> bool:
        """Whether all that it asks for is answered."""
        return all(one.is_answered for one in self.elements)


@dataclass(frozen=True)
class FormCounts:
    """How far a form is filled."""

    items: int
    elements: int
    items_whole: int
    elements_answered: int


def filled(form: str, parts: Mapping[str, Any]) -> tuple[Item, ...]:
    """A form with its places.

    Args:
        form: `tripod` or `claim`.
        parts: of the evaluation: dataclasses, or what `results.json` holds of them.
    """
    return tuple(
        Item(number, topic, tuple(_element(words, parts) for words in elements))
        for number, topic, elements in ITEMS[form]
    )


def _element(spelt: str, parts: Mapping[str, Any]) -> Element:
    words, _, place = (piece.strip() for piece in spelt.partition("@"))
    if not place:
        return Element(words, None, False)
    needed = text.PLACES[place].part
    return Element(words, place, not needed or _is_done(parts.get(needed)))


def _is_done(part: Any) -> bool:
    return (
        part is not None
        and not isinstance(part, NotRun)
        and not (isinstance(part, Mapping) and set(part) == {"reason"})
    )


def counts(parts: Mapping[str, Any]) -> dict[str, FormCounts]:
    """Each form counted; a part of `results.json`."""
    found = {}
    for form in ITEMS:
        items = filled(form, parts)
        elements = [element for item in items for element in item.elements]
        found[form] = FormCounts(
            items=len(items),
            elements=len(elements),
            items_whole=sum(item.is_whole for item in items),
            elements_answered=sum(element.is_answered for element in elements),
        )
    return found
