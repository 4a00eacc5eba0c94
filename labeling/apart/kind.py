"""Pages and lists as a kind of foreign files, and what is said where one takes too much."""

from __future__ import annotations

from typing import Final

from db.apart.kind import Kind
from db.errors import EchoDeskError
from labeling.pages.page import PageError


def _refused(code: str, message: str, hint: str) -> EchoDeskError:
    return PageError(code, message, hint) if code else EchoDeskError(message, hint)


FILES: Final = Kind(
    "labeling.apart.operations",
    _refused,
    {
        "too_slow": (
            "opening it, or one page of it, takes longer than {seconds} s",
            "Open it in a viewer and save its pages as pictures; on a slow machine raise ECHODESK_PAGE_S.",
        ),
        "too_much_memory": (
            "opening it takes more than {megabytes} MB of memory",
            "Save it smaller: 200-300 dots per inch for a page; a list without formats, as CSV.",
        ),
        "stopped": (
            "the file is damaged, or holds so much that the program which opens it broke down",
            "Open it in a viewer and save or print its pages as pictures.",
        ),
        "damaged": (
            "the file is damaged and can't be opened ({what})",
            "Open it in a viewer; if that fails too, get it anew.",
        ),
    },
)
