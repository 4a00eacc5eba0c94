"""The two OCR engines that masking reads with."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from db.files.manifest import sha256_of
from pipeline.dataset.masking.words import PageWords, Word

if TYPE_CHECKING:
    from labeling.pages.page import Page
    from labeling.words.read_page import OcrPage

# Pictures whose words are kept: a case's report is read for one page after the other.
_KEPT = 64


@dataclass
class OcrEngines:
    """Tesseract, then RapidOCR; words are kept by the hash of the picture.

    Args:
        tesseract: the program, as a name on PATH or a full path.
    """

    tesseract: str = "tesseract"
    _kept: OrderedDict[tuple[str, str], Any] = field(default_factory=OrderedDict, repr=False, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        """A worker process begins with nothing kept: words of pages do not travel."""
        return {"tesseract": self.tesseract, "_kept": OrderedDict()}

    def first(self, data: bytes, role: str) -> PageWords:
        """Tesseract's words; those of an ECG from the picture without its grid.

        Raises:
            EchoDeskError: Tesseract is missing or fails.
        """
        return words_of(self.first_page(data, role))

    def first_page(self, data: bytes, role: str) -> OcrPage:
        """What Tesseract read, as the readers of reports take it."""
        from labeling.pages.page import Page
        from labeling.words.tesseract import read_words
        from pipeline.dataset.masking.ecg_lines import without_grid

        key = (f"first {role}", sha256_of(data))
        if key not in self._kept:
            page = Page(1, without_grid(data)) if role == "ecg" else page_of(data)
            self._keep(key, read_words(page, tesseract=self.tesseract))
        read: OcrPage = self._kept[key]
        return read

    def second(self, data: bytes, like: PageWords) -> PageWords:
        """RapidOCR's words, every line read anew.

        Raises:
            EchoDeskError: RapidOCR is not installed.
        """
        from labeling.words.rapid_ocr import read_words
        from labeling.words.read_page import OcrPage

        key = (f"second {like.rotation_deg}", sha256_of(data))
        if key not in self._kept:
            turned = OcrPage(number=1, words=(), rotation_deg=like.rotation_deg)
            self._keep(key, words_of(read_words(page_of(data), first=turned)))
        words: PageWords = self._kept[key]
        return words

    def lines(self, data: bytes, words: Sequence[Word]) -> tuple[Word, ...]:
        """Tesseract's words of single lines, cut out.

        Raises:
            EchoDeskError: Tesseract is missing or fails.
        """
        from pipeline.dataset.masking.ecg_lines import read_lines

        return read_lines(data, words, tesseract=self.tesseract)

    def _keep(self, key: tuple[str, str], value: Any) -> None:
        self._kept[key] = value
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)


def page_of(data: bytes) -> Page:
    """A stored picture as a page to read."""
    from labeling.apart.pages import stored_picture
    from labeling.pages.page import Page
    from labeling.pages.upright import upright

    return Page(1, upright(stored_picture(data)))


def words_of(page: OcrPage) -> PageWords:
    """An engine's words as masking takes them."""
    words = tuple(Word(word.text, word.box, word.confidence) for word in page.words)
    return PageWords(words, page.width_px, page.height_px, page.unreadable_reason, page.rotation_deg)
