"""The first reading of a page: its own words or Tesseract's, with the marks of its forms written in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from labeling.pen import pen_marks
from labeling.words import ink_marks, text_layer
from labeling.words.table_rows import with_rows

if TYPE_CHECKING:
    from labeling.pages.page import Page
    from labeling.words.read_page import OcrPage


def read_first(
    page: Page, *, tesseract: str = "tesseract", meanwhile: Callable[[], object] | None = None
) -> OcrPage:
    """Read one page.

    Args:
        meanwhile: as in `tesseract.read_words`.

    Raises:
        EchoDeskError: Tesseract is missing, fails, or takes longer than three minutes.
    """
    read = text_layer.read_words(page, tesseract=tesseract, meanwhile=meanwhile)
    lines = pen_marks.with_pen(page, read, ink_marks.marked_lines(page, read, tesseract=tesseract), tesseract)
    return with_rows(ink_marks.with_marks(read, lines))
