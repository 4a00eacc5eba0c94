"""What a file becomes: upright pages; how large it may be; and why it gives none."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import PIL.Image

from db.errors import EchoDeskError

if TYPE_CHECKING:
    from labeling.pages.pixels import Box


class PrintedWord(NamedTuple):
    """One word as a file itself says it stands on a page, and the pixels it says so of."""

    text: str
    box: Box


@dataclass(frozen=True)
class TextLayer:
    """What a file says is printed on a page. It is a claim: `labeling/words/text_layer.py` holds it against
    the picture.

    Attributes:
        words: in the order of the file; boxes in pixels of the page image.
        refused: why it can't be believed whatever the picture shows (`scan`: it lies over a picture of the
            page; `turned`: the page is shown on its head or its side; `incomplete`: it leaves out what is
            typed on the page; `letters`: its words come in single letters), else empty.
        struck: where lines were drawn over the page that may strike out its print; pixels.
        notes: what the file holds besides the page's print: `comment` (a remark only a viewer shows),
            `unshown` (typed words or a form's value that are not on the picture), `chosen` (a form's list),
            `mirrored` (print that faces otherwise than the rest), `packed` (other files).
    """

    words: tuple[PrintedWord, ...] = ()
    refused: str = ""
    struck: tuple[Box, ...] = ()
    notes: tuple[str, ...] = ()

    def as_bytes(self) -> bytes:
        """The layer as it is kept beside the page's picture."""
        held: dict[str, Any] = {
            "refused": self.refused,
            "words": [(text, *_rounded(box)) for text, box in self.words],
        }
        if self.struck or self.notes:
            held |= {"struck": [_rounded(box) for box in self.struck], "notes": self.notes}
        return json.dumps(held, ensure_ascii=False).encode()

    @classmethod
    def from_bytes(cls, kept: bytes) -> TextLayer:
        """The layer that was kept."""
        held = json.loads(kept)
        words = tuple(PrintedWord(text, tuple(box)) for text, *box in held["words"])
        struck = tuple(tuple(box) for box in held.get("struck", ()))
        return cls(words, held["refused"], struck, tuple(held.get("notes", ())))


def _rounded(box: Box) -> tuple[float, ...]:
    return tuple(round(edge, 2) for edge in box)


@dataclass(frozen=True)
class Page:
    """One upright page.

    Attributes:
        number: 1-based, in the order of the file.
        image: upright, mode RGB or L, transparency on white.
        lossy: whether the source was compressed with loss, so that storing it so again costs nothing visible.
        layer: the text the file carries for this page; null for a picture.
    """

    number: int
    image: PIL.Image.Image
    lossy: bool = False
    layer: TextLayer | None = None


@dataclass(frozen=True)
class PageLimits:
    """How large a file may be before it is decoded.

    Attributes:
        max_pixels: most pixels of one page. Pillow's own limit (about 89 million) also holds.
        max_pages: most pages of one file.
        pdf_dpi: resolution PDF pages are rendered at, dots per inch.
        page_s: longest time, wall clock and processor, until the next page is decoded, seconds.
    """

    max_pixels: int = 60_000_000
    max_pages: int = 50
    pdf_dpi: int = 200
    page_s: float = 30.0

    @property
    def max_total_pixels(self) -> int:
        """Most pixels of all pages of one file together; what bounds the memory of one report."""
        return 5 * self.max_pixels


class PageError(EchoDeskError):
    """A file that gives no pages.

    Attributes:
        code: `missing`, `not_a_file`, `unreadable`, `empty`, `not_an_image`, `truncated`, `damaged`,
            `too_many_pixels`, `too_many_pages`, `encrypted`, `animated` or `no_pages`; of a file opened
            apart also `too_slow`, `too_much_memory` or `stopped`.
        message: what is wrong with the file, without its name.
        hint: what to do about it.
    """

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message, hint)
        self.code = code

    def __reduce__(self) -> tuple[type[PageError], tuple[str, str, str]]:
        """Pickle with all three arguments, so that the error crosses process borders whole."""
        return type(self), (self.code, self.message, self.hint)


def too_many_pixels(limit: int, subject: str = "the picture has") -> PageError:
    """The error for a page, or a whole file, with more pixels than allowed."""
    return PageError(
        "too_many_pixels",
        f"{subject} more than the limit of {limit / 1e6:g} million pixels",
        "Save it smaller (200-300 dots per inch is plenty) or raise ECHODESK_MAX_IMAGE_PIXELS.",
    )


def too_many_pages(count: str, limit: int) -> PageError:
    """The error for a file with more pages than allowed."""
    return PageError(
        "too_many_pages",
        f"the file has {count} pages; the limit is {limit}",
        "Save the report's own pages as a file, or raise ECHODESK_MAX_PAGES.",
    )
