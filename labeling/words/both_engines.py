"""Both engines on the pages of a report, side by side.

RapidOCR needs Tesseract's words to know which lines to read, but not to find the lines. So it finds them
while Tesseract reads: two cores read one report in the time of the longer way, and nothing is read otherwise
than one after the other.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import ModuleType

    from labeling.pages.page import Page
    from labeling.pages.pixels import Colours
    from labeling.words.read_page import OcrPage


class BothEngines:
    """The engines for one report.

    Args:
        tesseract: the Tesseract program, as a name on PATH or a full path.
        rapid: the module of the second engine; None where it takes no part.
    """

    def __init__(self, tesseract: str, rapid: ModuleType | None) -> None:
        self._tesseract = tesseract
        self._rapid: Any = rapid
        self._found: dict[int, Any] = {}

    def first(self, page: Page) -> OcrPage:
        """A page's first words; the lines of its second reading are found meanwhile.

        Raises:
            EchoDeskError: Tesseract is missing, fails, or takes longer than three minutes.
        """
        from labeling.words.first_words import read_first

        if self._rapid is None:
            return read_first(page, tesseract=self._tesseract)

        def find(pixels: Colours) -> None:
            found = self._rapid.find_lines(page, pixels)
            # Of a long report only one page's pixels at a time.
            kept = {number: replace(one, pixels=None) for number, one in self._found.items() if one}
            self._found = {**kept, page.number: found}

        return read_first(page, tesseract=self._tesseract, meanwhile=find)

    def second(self, page: Page, seen: OcrPage) -> OcrPage:
        """RapidOCR's words of a page, after what the first engine saw.

        Raises:
            EchoDeskError: RapidOCR is not installed.
        """
        words: OcrPage = self._rapid.read_words(page, first=seen, found=self._found.pop(page.number, None))
        return words
