"""The text a PDF page carries: its words, and where on the rendered page it says they stand."""

from __future__ import annotations

import ctypes
import unicodedata
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from labeling.pages import spacing
from labeling.pages.page import PrintedWord, TextLayer
from labeling.pages.pdf_overlay import told_of

if TYPE_CHECKING:
    import PIL.Image

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


def text_layer_of(
    page: Any, image: PIL.Image.Image, lying: Sequence[Annotation] = (), *, is_scan: bool | None = None
) -> TextLayer | None:
    """The words of an open PDFium page; None where it carries none and nothing has to be told.

    Args:
        image: the rendered page.
        lying: what lay on the page before it became part of its print.
        is_scan: whether the page without that is a scan; asked of the page where it is None.
    """
    text = page.get_textpage()
    try:
        count = text.count_chars()
        placing = Placing(page, image.size)
        found = list(_words(text, count, placing)) if 0 < count <= _MOST_CHARACTERS else []
    finally:
        text.close()
    words = tuple(word for word, _ in found)
    told = told_of(lying, words, placing, image)
    if not found:
        # Of a scan with a note on it, the note is not all that it says.
        refused = "scan" if is_scan and lying else ""
        return TextLayer((), refused, told.struck, told.notes) if told or refused else None
    # Of a page that is shown upside down, the words stand in rows, and every row backwards.
    ways = [way for _, way in found if way is not None]
    refused = "turned" if 2 * sum(ways) < len(ways) else "incomplete" if told.is_unset else ""
    if is_scan_page(page) if is_scan is None else is_scan:
        refused = "scan"
    return TextLayer(words, refused, told.struck, told.notes)


class Placing:
    """Where points of a page land on its picture: an affine map, asked of PDFium, which knows turned and cut
    pages.
    """

    def __init__(self, page: Any, size: tuple[int, int]) -> None:
        self._size = size
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
        return max(0.0, min(xs)), max(0.0, min(ys)), min(float(width), max(xs)), min(float(height), max(ys))

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


_Edges = list[spacing.Edges]


def _words(text: Any, count: int, placing: Placing) -> Iterator[tuple[PrintedWord, bool | None]]:
    """Runs of letters that no blank parts, and whether each runs to the right; of short ones that is None."""
    letters: list[str] = []
    edges: _Edges = []
    for letter, edge in spacing.without_false_blanks(list(_letters(text, count))):
        if edge is not None:
            letters.append(letter)
            edges.append(edge)
        elif letters:
            yield PrintedWord("".join(letters), placing.box(edges)), _runs_right(edges, placing)
            letters, edges = [], []
    if letters:
        yield PrintedWord("".join(letters), placing.box(edges)), _runs_right(edges, placing)


def _runs_right(edges: _Edges, placing: Placing) -> bool | None:
    """Whether a word's last letter stands to the right of its first on the picture; None for short words."""
    if len(edges) < _TELLING_LETTERS:
        return None
    first, last = placing.box(edges[:1]), placing.box(edges[-1:])
    across, down = last[0] + last[2] - first[0] - first[2], last[1] + last[3] - first[1] - first[3]
    return across > abs(down)


def _letters(text: Any, count: int) -> Iterator[spacing.Letter]:
    """Every character with its left, bottom, right and top in points, as high as its font; None for what
    parts words: a blank of the file, or one that PDFium puts where letters stand apart.
    """
    import pypdfium2.raw as pdfium

    loose = pdfium.FS_RECTF()
    read_code, read_box = pdfium.FPDFText_GetUnicode, pdfium.FPDFText_GetLooseCharBox
    is_put = pdfium.FPDFText_IsGenerated
    high = 0
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
            continue
        yield letter, (loose.left, loose.bottom, loose.right, loose.top)


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
