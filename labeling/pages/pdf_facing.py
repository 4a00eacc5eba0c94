"""Which way the letters of a PDF page face on its picture: as they should, mirrored, or on their heads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, Protocol

import PIL.Image

from labeling.pages.page import PrintedWord

if TYPE_CHECKING:
    from labeling.pages.spacing import Edges

# A word, and the places of its letters in points of the page.
FoundWord = tuple[PrintedWord, "Sequence[Edges]"]
# How a whole page is mirrored: left for right, top for bottom, or not at all.
Mirrored = Literal["", "across", "down"]

# Text that paints nothing, such as an OCR program's; it faces nowhere.
_PAINTS_NOTHING: Final = 3


class Facing(NamedTuple):
    """How a letter stands on the picture; `is_down` where its head is below its foot."""

    is_mirrored: bool
    is_down: bool


class _Directions(Protocol):
    def turned(self, across: float, up: float) -> tuple[float, float]: ...


def facings_of(text: Any, starts: Mapping[Edges, int], placing: _Directions) -> dict[Edges, Facing]:
    """How the first letters of words stand.

    Args:
        text: a text page of PDFium.
        starts: their places, and their numbers on it.
    """
    found = {edges: _facing_of(text, index, placing) for edges, index in starts.items()}
    return {edges: facing for edges, facing in found.items() if facing is not None}


def _facing_of(text: Any, index: int, placing: _Directions) -> Facing | None:
    """None where PDFium does not say, or the letter paints nothing."""
    import pypdfium2.raw as pdfium

    matrix = pdfium.FS_MATRIX()
    if not pdfium.FPDFText_GetMatrix(text, index, matrix):
        return None
    # A negative size turns a letter round.
    sign = -1 if pdfium.FPDFText_GetFontSize(text, index) < 0 else 1
    right = placing.turned(sign * matrix.a, sign * matrix.b)
    up = placing.turned(sign * matrix.c, sign * matrix.d)
    # Rows of a picture count downwards: of a letter that stands right, the determinant is negative.
    facing = Facing(right[0] * up[1] - right[1] * up[0] > 0, up[1] > abs(up[0]))
    if facing == (False, False):
        return facing
    drawn = pdfium.FPDFText_GetTextObject(text, index)
    return None if drawn and pdfium.FPDFTextObj_GetTextRenderMode(drawn) == _PAINTS_NOTHING else facing


def mirrored_page(facings: Collection[Facing]) -> Mirrored:
    """How the page as a whole is mirrored: as most of its words are."""
    mirrored = [facing for facing in facings if facing.is_mirrored]
    if 2 * len(mirrored) <= len(facings):
        return ""
    return "down" if 2 * sum(facing.is_down for facing in mirrored) > len(mirrored) else "across"


def put_right(image: PIL.Image.Image, mirrored: Mirrored) -> PIL.Image.Image:
    """The picture of a mirrored page the right way round."""
    if not mirrored:
        return image
    across, down = PIL.Image.Transpose.FLIP_LEFT_RIGHT, PIL.Image.Transpose.FLIP_TOP_BOTTOM
    return image.transpose(across if mirrored == "across" else down)


def without_odd_words(
    words: Sequence[FoundWord], facings: Mapping[Edges, Facing]
) -> tuple[tuple[PrintedWord, ...], bool]:
    """The words that face as most of them do, and whether any other says something.

    Args:
        facings: from `facings_of`.
    """
    usual = Counter(facings.values()).most_common(1)
    kept: list[PrintedWord] = []
    is_odd = False
    for word, edges in words:
        own = {facings[edge] for edge in edges if edge in facings}
        if own and usual[0][0] not in own:
            is_odd |= any(map(str.isalnum, word.text))
        else:
            kept.append(word)
    return tuple(kept), is_odd
