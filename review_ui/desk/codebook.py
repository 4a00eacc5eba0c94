"""The codebook page of each field, from docs/codebook.md, as plain markup for the desk."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import Final

from db.errors import EchoDeskError
from db.labels import CODEBOOK_VERSION
from review_ui.documents import document_file, document_text

CODEBOOK_FILE: Final = document_file("codebook.md")

# Which cards a section speaks for, by the first word of its heading; a section named nowhere is not for the
# desk.
SECTION_CARDS: Final = {
    "EF": ("ef",),
    "RWMA": ("rwma",),
    "PAH": ("pah",),
    "RVSP": ("pah",),
    "Three": ("ef", "rwma", "pah"),
    "Decisions": ("ef", "rwma", "pah"),
}
# A field's own meaning comes first, what holds for every field after it.
_SHARED_LAST: Final = ("Three", "Decisions")
_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class CodebookSection:
    """One section of the codebook: its heading, the cards it speaks for, its text as Markdown."""

    heading: str
    cards: tuple[str, ...]
    markdown: str


def codebook_version(markdown: str) -> str:
    """The version in the first heading.

    Raises:
        EchoDeskError: where it names none.
    """
    found = re.match(r"# Codebook, version (\S+)\n", markdown)
    if found is None:
        raise EchoDeskError("the codebook does not name its version", "Start it with: # Codebook, version 1")
    return found.group(1)


def codebook_sections(markdown: str) -> list[CodebookSection]:
    """The sections that the desk shows, a field's own ones first."""
    parts = _HEADING.split(markdown)[1:]
    sections = [
        CodebookSection(heading, SECTION_CARDS.get(re.split(r"\W", heading)[0], ()), body.strip())
        for heading, body in zip(parts[::2], parts[1::2], strict=True)
    ]
    shown = [section for section in sections if section.cards]
    return sorted(shown, key=lambda section: section.heading.startswith(_SHARED_LAST))


def codebook_page(markdown: str | None = None) -> str:
    """The codebook as one `article` with a `section` for each heading; markup in the text stays text.

    Args:
        markdown: the codebook; the one in the documentation when left out.

    Raises:
        EchoDeskError: where it is missing, or of another version than the reviews are stored under.
    """
    from markdown_it import MarkdownIt

    if markdown is None:
        markdown = document_text(CODEBOOK_FILE, "the codebook cannot be read")
    version = codebook_version(markdown)
    if version != CODEBOOK_VERSION:
        raise EchoDeskError(
            f"the codebook is version {version}, reviews are stored under {CODEBOOK_VERSION}",
            "Change both together: docs/codebook.md and CODEBOOK_VERSION in db/labels.py",
        )
    # Links and pictures are off: the desk leads nowhere else.
    renderer = (
        MarkdownIt("commonmark", {"html": False}).enable("table").disable(["link", "image", "autolink"])
    )
    sections = "".join(
        f'<section data-fields="{" ".join(section.cards)}"><h2>{escape(section.heading)}</h2>'
        f"{renderer.render(section.markdown)}</section>"
        for section in codebook_sections(markdown)
    )
    return f'<article data-version="{escape(version)}">{sections}</article>'
