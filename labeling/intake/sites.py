"""The names of sites: one spelling for each, so that one hospital isn't two in every table."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from labeling.intake.cells import bare_letters


class SiteNames:
    """Gives each site the spelling it was first seen with; capitals, spaces and stored accents make no other.

    Attributes:
        notes: what was written otherwise, and which two sites differ in signs alone, a sentence each.
    """

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._spelling: dict[str, str] = {}
        self._alike: dict[str, str] = {}
        self.notes: list[str] = []
        for site in known:
            self._spelling.setdefault(_folded(site), site)
            self._alike.setdefault(bare_letters(site), site)

    def of(self, written: str) -> str:
        """The spelling to store; empty for none."""
        tidy = " ".join(unicodedata.normalize("NFC", written).split())
        if not tidy:
            return ""
        if _folded(tidy) not in self._spelling:
            twin = self._alike.get(bare_letters(tidy), tidy)
            if twin != tidy:
                self.notes.append(
                    f"the sites {twin!r} and {tidy!r} are two; if that is one, write it in one way"
                )
        self._alike.setdefault(bare_letters(tidy), tidy)
        chosen = self._spelling.setdefault(_folded(tidy), tidy)
        note = f"the site {tidy!r} was taken for {chosen!r}"
        if tidy != chosen and note not in self.notes:
            self.notes.append(note)
        return chosen


def _folded(site: str) -> str:
    folded = unicodedata.normalize("NFKC", site).casefold()
    return " ".join("".join(letter for letter in folded if letter.isprintable() or letter.isspace()).split())
