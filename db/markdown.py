"""Pieces of Markdown: tables, and text of others that must stay text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>#|~$&^])")
# What hubs make a link of without being asked.
_LINKED: Final = re.compile(r"(:(?=//)|@|\bwww(?=\.))", re.IGNORECASE)
_BLANK: Final = re.compile(r"[\s\x00-\x1f\x7f\u2028\u2029]+")


def plain(text: object) -> str:
    """A text of unknown origin that renders as itself: no markup, no link, no line break."""
    one_line = _BLANK.sub(" ", str(text)).strip()
    return _LINKED.sub("\\1\u200b", _SPECIAL.sub(r"\\\1", one_line))


def words(code: object) -> str:
    """A code such as `mildly_reduced` as words."""
    return "not known" if code in (None, "") else plain(str(code).replace("_", " "))


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> str:
    """A table; cells are Markdown already.

    Args:
        right: columns set to the right.
    """
    rule = ["---:" if place in right else "---" for place in range(len(headings))]
    return "\n".join("| " + " | ".join(line) + " |" for line in (headings, rule, *rows))


def counted(number: int, noun: str) -> str:
    """`1 label`, `2 labels`, `2 people`."""
    many = {"person": "people"}.get(noun, noun + "s")
    return f"{number:,} {noun if number == 1 else many}"
