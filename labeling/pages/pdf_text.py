"""The text a PDF page carries: its words, and where on the rendered page it says they stand."""

from __future__ import annotations

import ctypes
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import PIL.Image

from labeling.pages import spacing
from labeling.pages.page import PrintedWord, TextLayer
from labeling.pages.pdf_facing import (
    Facing,
    FoundWord,
    Mirrored,
    facings_of,
    mirrored_page,
    put_right,
    without_odd_words,
)
from labeling.pages.pdf_overlay import Told, told_of

if TYPE_CHECKING:
    from labeling.pages.pdf_annotations import Annotation
    from labeling.pages.pixels import Box

# A page that is covered so far by one picture is a scan, and text over it an OCR program's.
_SCAN_SHARE = 0.5
# Device units to a pixel when asking where a point lands: the answer is in whole units.
_FINENESS = 64
_MOST_CHARACTERS = 60_000
# Words of so many letters tell which way the print runs.
_TELLING_LETTERS = 3
# A hyphen at the end of a line, as PDFium writes it.
_LINE_END_HYPHENS = {"\x02", "\ufffe", "\u00ad"}


class ReadPage(NamedTuple):
    """A rendered page: its picture the right way round, where points land on it, and the words it carries.

    `layer` is None where it carries none and nothing has to be told.
    """

    image: PIL.Image.Image
    placing: Placing
    layer: TextLayer | None


def with_text_layer(
    page: Any, image: PIL.Image.Image, lying: Sequence[Annotation] = (), *, is_scan: bool | None = None
) -> ReadPage:
    """An open PDFium page with its words.

    Args:
        image: the rendered page.
        lying: what lay on the page before it became part of its print.
        is_scan: whether the page without that is a scan; asked of the page where it is None.
    """
    is_scan = is_scan_page(page) if is_scan is None else is_scan
    starts: dict[spacing.Edges, int] = {}
    text = page.get_textpage()
    try:
        count = text.count_chars()
        letters = list(_letters(text, count, starts)) if 0 < count <= _MOST_CHARACTERS else []
        facings = facings_of(text, starts, Placing(page, image.size))
    finally:
        text.close()
    mirrored = "" if is_scan else mirrored_page(facings.values())
    image, placing = put_right(image, mirrored), Placing(page, image.size, mirrored)
    found = list(_words(letters, placing))
    told = told_of(lying, [word for word, _ in found], placing, image)
    if found:
        return ReadPage(image, placing, _layer(found, facings, told, placing, is_scan=is_scan))
    # Of a scan with a note on it, the note is not all that it says.
    refused = "scan" if is_scan and lying else ""
    layer = TextLayer((), refused, told.struck, told.notes) if told or refused else None
    return ReadPage(image, placing, layer)


def _layer(
    found: Sequence[FoundWord],
    facings: Mapping[spacing.Edges, Facing],
    told: Told,
    placing: Placing,
    *,
    is_scan: bool,
) -> TextLayer:
    ways = [way for _, edges in found if (way := _runs_right(edges, placing)) is not None]
    # Of a page that is shown upside down, the words stand in rows, and every row backwards.
    is_turned = 2 * sum(ways) < len(ways)
    words, notes = tuple(word for word, _ in found), told.notes
    if not (is_scan or is_turned):
        words, is_odd = without_odd_words(found, facings)
        notes = tuple(sorted({*notes, "mirrored"})) if is_odd else notes
    refused = "turned" if is_turned else "incomplete" if told.is_unset else ""
    if spacing.is_in_letters([word.text for word in words]):
        refused = "letters"
    return TextLayer(words, "scan" if is_scan else refused, told.struck, notes)


class Placing:
    """Where points of a page land on its picture: an affine map, asked of PDFium, which knows turned and cut
    pages.
    """

    def __init__(self, page: Any, size: tuple[int, int], mirrored: Mirrored = "") -> None:
        self._size = size
        self._mirrored = mirrored
        (x0, y0), (x1, y1), (x2, y2) = (
            _landing(page, size, *point) for point in ((0, 0), (100, 0), (0, 100))
        )
        self._across = ((x1 - x0) / 100, (y1 - y0) / 100)
        self._up = ((x2 - x0) / 100, (y2 - y0) / 100)
        self._origin = (x0, y0)

    def box(self, edges: Sequence[tuple[float, float, float, float]]) -> Box:
        """The upright box in pixels around boxes in points (left, bottom, right, top), cut to the page."""
        lefts, bottoms, rights, tops = zip(*edges, strict=True)
        left, bottom, right, top = min(lefts), min(bottoms), max(rights), max(tops)
        corners = [self._point(x, y) for x in (left, right) for y in (bottom, top)]
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        width, height = self._size
        xs = [width - x for x in xs] if self._mirrored == "across" else xs
        ys = [height - y for y in ys] if self._mirrored == "down" else ys
        return max(0.0, min(xs)), max(0.0, min(ys)), min(float(width), max(xs)), min(float(height), max(ys))

    def turned(self, across: float, up: float) -> tuple[float, float]:
        """A direction in points as one on the picture before it was put right; rows count downwards."""
        return (
            across * self._across[0] + up * self._up[0],
            across * self._across[1] + up * self._up[1],
        )

    def _point(self, x: float, y: float) -> tuple[float, float]:
        return (
            self._origin[0] + x * self._across[0] + y * self._up[0],
            self._origin[1] + x * self._across[1] + y * self._up[1],
        )


def _landing(page: Any, size: tuple[int, int], x: float, y: float) -> tuple[float, float]:
    import pypdfium2.raw as pdfium

    across, down = ctypes.c_int(), ctypes.c_int()
    width, height = size[0] * _FINENESS, size[1] * _FINENESS
    pdfium.FPDF_PageToDevice(page, 0, 0, width, height, 0, x, y, across, down)
    return across.value / _FINENESS, down.value / _FINENESS


def _words(found: Sequence[spacing.Letter], placing: Placing) -> Iterator[FoundWord]:
    """Runs of letters that no blank parts, with the places of the letters."""
    letters: list[str] = []
    edges: list[spacing.Edges] = []
    for letter, edge in spacing.without_false_blanks(found):
        if edge is not None:
            letters.append(letter)
            edges.append(edge)
        elif letters:
            yield PrintedWord("".join(letters), placing.box(edges)), edges
            letters, edges = [], []
    if letters:
        yield PrintedWord("".join(letters), placing.box(edges)), edges


def _runs_right(edges: Sequence[spacing.Edges], placing: Placing) -> bool | None:
    """Whether a word's last letter stands to the right of its first on the picture; None for short words."""
    if len(edges) < _TELLING_LETTERS:
        return None
    first, last = placing.box(edges[:1]), placing.box(edges[-1:])
    across, down = last[0] + last[2] - first[0] - first[2], last[1] + last[3] - first[1] - first[3]
    return across > abs(down)


def _letters(text: Any, count: int, starts: dict[spacing.Edges, int]) -> Iterator[spacing.Letter]:
    """Every character with its left, bottom, right and top in points, as high as its font; None for what
    parts words: a blank of the file, or one that PDFium puts where letters stand apart.

    Args:
        starts: given the places of those that begin a word, and their numbers.
    """
    import pypdfium2.raw as pdfium

    loose = pdfium.FS_RECTF()
    read_code, read_box = pdfium.FPDFText_GetUnicode, pdfium.FPDFText_GetLooseCharBox
    is_put = pdfium.FPDFText_IsGenerated
    high = 0
    is_start = True
    for index in range(count):
        code = read_code(text, index)
        if 0xD800 <= code < 0xE000:  # a letter beyond the basic plane comes in two halves
            if code < 0xDC00:
                high = code
                continue
            code, high = (0x10000 + ((high - 0xD800) << 10) + code - 0xDC00 if high else 0xFFFD), 0
        letter = chr(code) if 32 < code < 127 else _plain(chr(code))
        if not letter.strip() or not read_box(text, index, loose):
            yield spacing.PUT if is_put(text, index) else " ", None
            is_start = True
            continue
        edges = loose.left, loose.bottom, loose.right, loose.top
        if is_start:
            starts[edges] = index
            is_start = False
        yield letter, edges


def _plain(letter: str) -> str:
    if letter in _LINE_END_HYPHENS:
        return "-"
    if "\ufb00" <= letter <= "\ufb06":  # joined letters such as "fi"
        return unicodedata.normalize("NFKC", letter)
    return "" if unicodedata.category(letter) in ("Cc", "Cf", "Zs", "Zl", "Zp") else letter


def is_scan_page(page: Any) -> bool:
    """Whether one picture, or a form that may hold one, covers most of the page."""
    import pypdfium2.raw as pdfium

    may_cover = (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM)
    left, bottom, right, top = page.get_bbox()
    area = max((right - left) * (top - bottom), 1.0)
    for index in range(pdfium.FPDFPage_CountObjects(page)):
        held = pdfium.FPDFPage_GetObject(page, index)
        if pdfium.FPDFPageObj_GetType(held) not in may_cover:
            continue
        edges = [ctypes.c_float() for _ in range(4)]
        if not pdfium.FPDFPageObj_GetBounds(held, *edges):
            continue
        box = [edge.value for edge in edges]
        width = min(right, box[2]) - max(left, box[0])
        height = min(top, box[3]) - max(bottom, box[1])
        if width > 0 and height > 0 and width * height > _SCAN_SHARE * area:
            return True
    return False
