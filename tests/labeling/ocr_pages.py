"""Recognised pages made from lines of text, as an OCR engine would give them."""

from __future__ import annotations

from collections.abc import Sequence

from labeling.words.read_page import OcrPage, Word

LINE_PX = 40
LETTER_PX = 12


def ocr_page(
    lines: Sequence[str], *, number: int = 1, confidence: float = 0.95, unreadable: str = ""
) -> OcrPage:
    """A page of 40 px lines and 12 px letters with its words in their places; page 1240 x 1754."""
    words = []
    for line, text in enumerate(lines):
        left = LETTER_PX
        for word in text.split():
            width = LETTER_PX * len(word)
            box = (float(left), line * LINE_PX + 8.0, float(left + width), line * LINE_PX + 32.0)
            words.append(Word(word, box, confidence, line, line))
            left += width + LETTER_PX
    return OcrPage(
        number, tuple(words), {"word_confidence": confidence}, unreadable, width_px=1240, height_px=1754
    )
