"""What lies on a PDF page beside its print: typed notes, fields of a form, comments, strokes.

PDFium paints most of it, and knows none of its words as the page's. Here they become part of the page, or it
is told that the file holds words which the page does not show.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

# In points of the page: left, bottom, right, top.
Rect = tuple[float, float, float, float]

# A file that says it has more is no report.
_MOST: Final = 2_000
_MOST_LETTERS: Final = 20_000
_HIDDEN: Final = 1 << 1
_NO_VIEW: Final = 1 << 5
# Files of these endings, packed into a PDF, may be the report.
_PAPERS: Final = re.compile(
    r"\.(?:pdf|jpe?g|png|tiff?|hei[cf]|webp|bmp|dcm|docx?|odt|rtf|txt)$", re.IGNORECASE
)
_LETTER_SIZE: Final = re.compile(r"([\d.]+)\s+Tf")
_TAGS: Final = re.compile(r"<[^>]*>")
_USUAL_LETTER_PT: Final = 12.0


@dataclass(frozen=True)
class Annotation:
    """One thing on a page.

    Attributes:
        says: a typed note's or a comment's words, or the value of a form's field.
        rect: where it lies.
        is_print: its words are meant to be read as the page's own: a typed note, a field of a form.
        is_bare: a typed note without a picture of itself: the viewer has to set its letters.
        has_picture: it brings a picture of itself along.
        strokes: where it runs through the print: struck words, lines, ink.
        letter_pt: height of a typed note's letters. ground: the colour behind them; None where what lies
            below is seen.
        is_list: a form's list that shows several lines, of which some are chosen.
    """

    says: str
    rect: Rect
    is_print: bool = False
    is_bare: bool = False
    has_picture: bool = False
    strokes: tuple[Rect, ...] = ()
    letter_pt: float = _USUAL_LETTER_PT
    ground: tuple[int, int, int] | None = None
    is_list: bool = False


def bare_texts(page: Any) -> frozenset[int]:
    """The places, among the page's annotations, of typed notes without a picture of themselves.

    To be asked before the document's forms are begun: PDFium then makes such pictures, and does not wrap
    their lines.
    """
    import pypdfium2.raw as pdfium

    return frozenset(
        place
        for place, held in _all(page)
        if pdfium.FPDFAnnot_GetSubtype(held) == pdfium.FPDF_ANNOT_FREETEXT
        and not pdfium.FPDFAnnot_HasKey(held, b"AP")
    )


def annotations_of(page: Any, bare: Collection[int]) -> list[Annotation]:
    """What lies on an open page in sight of a person; links are left out.

    Args:
        bare: from `bare_texts`.
    """
    return [
        found
        for place, held in _all(page)
        if not _is_hidden(held) and (found := _read(page, held, is_bare=place in bare)) is not None
    ]


def made_print(document: Any, index: int, page: Any, bare: Collection[int]) -> Any:
    """The page opened again, with what lies on it made part of its print; `page` is closed.

    What is hidden, and typed notes that we set ourselves, are taken off.
    """
    import pypdfium2.raw as pdfium

    for place in reversed([place for place, held in _all(page) if place in bare or _is_hidden(held)]):
        pdfium.FPDFPage_RemoveAnnot(page, place)
    pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY)
    page.close()
    return document[index]


def packed_files(document: Any) -> bool:
    """Whether files that may be a report are packed into a PDF."""
    import pypdfium2.raw as pdfium

    for index in range(min(pdfium.FPDFDoc_GetAttachmentCount(document), _MOST)):
        held = pdfium.FPDFDoc_GetAttachment(document, index)
        if held and _PAPERS.search(_text(pdfium.FPDFAttachment_GetName, held)):
            return True
    return False


def _all(page: Any) -> Iterator[tuple[int, Any]]:
    """Every annotation with its place; each is open until the next is asked for."""
    import pypdfium2.raw as pdfium

    for place in range(min(pdfium.FPDFPage_GetAnnotCount(page), _MOST)):
        held = pdfium.FPDFPage_GetAnnot(page, place)
        if not held:
            continue
        try:
            yield place, held
        finally:
            pdfium.FPDFPage_CloseAnnot(held)


def _is_hidden(held: Any) -> bool:
    import pypdfium2.raw as pdfium

    return bool(pdfium.FPDFAnnot_GetFlags(held) & (_HIDDEN | _NO_VIEW))


def _read(page: Any, held: Any, *, is_bare: bool) -> Annotation | None:
    import pypdfium2.raw as pdfium

    kind = pdfium.FPDFAnnot_GetSubtype(held)
    if kind in (pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_UNKNOWN):
        return None
    rect = _rect(held)
    if kind == pdfium.FPDF_ANNOT_WIDGET:
        return Annotation(_value(page, held), rect, is_print=True, is_list=_is_list(page, held))
    says = _string(held, b"Contents") or _TAGS.sub(" ", _string(held, b"RC"))
    if kind == pdfium.FPDF_ANNOT_FREETEXT:
        size = _LETTER_SIZE.search(_string(held, b"DA"))
        letter_pt = float(size[1]) if size and re.fullmatch(r"\d+\.?\d*|\.\d+", size[1]) else 0.0
        has_picture = not is_bare and pdfium.FPDFAnnot_GetAP(held, 0, None, 0) > 2
        letter_pt = letter_pt or _USUAL_LETTER_PT
        return Annotation(says, rect, True, is_bare, has_picture, (), letter_pt, _ground(held))
    return Annotation(says, rect, strokes=_strokes(held, kind, rect))


def _ground(held: Any) -> tuple[int, int, int] | None:
    import pypdfium2.raw as pdfium

    parts = [ctypes.c_uint() for _ in range(4)]
    is_told = pdfium.FPDFAnnot_HasKey(held, b"C") and pdfium.FPDFAnnot_GetColor(held, 0, *parts)
    red, green, blue, _ = (part.value for part in parts)
    return (red, green, blue) if is_told else None


def _is_list(page: Any, held: Any) -> bool:
    import pypdfium2.raw as pdfium

    form = page.formenv
    return bool(form) and (pdfium.FPDFAnnot_GetFormFieldType(form, held) == pdfium.FPDF_FORMFIELD_LISTBOX)


def _value(page: Any, held: Any) -> str:
    """What a field of a form holds, as it is shown; empty for boxes and buttons."""
    import pypdfium2.raw as pdfium

    form = page.formenv
    if not form:
        return _string(held, b"V") if _string(held, b"FT") in ("", "Tx") else ""
    kind = pdfium.FPDFAnnot_GetFormFieldType(form, held)
    if kind in (pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX):
        count = min(pdfium.FPDFAnnot_GetOptionCount(form, held), _MOST)
        chosen = [index for index in range(count) if pdfium.FPDFAnnot_IsOptionSelected(form, held, index)]
        if chosen:
            return " ".join(_text(pdfium.FPDFAnnot_GetOptionLabel, form, held, index) for index in chosen)
    elif kind != pdfium.FPDF_FORMFIELD_TEXTFIELD:
        return ""
    return _text(pdfium.FPDFAnnot_GetFormFieldValue, form, held)


def _strokes(held: Any, kind: int, rect: Rect) -> tuple[Rect, ...]:
    import pypdfium2.raw as pdfium

    if kind in (pdfium.FPDF_ANNOT_STRIKEOUT, pdfium.FPDF_ANNOT_REDACT):
        return tuple(_quads(held)) or (rect,)
    if kind == pdfium.FPDF_ANNOT_LINE:
        start, end = pdfium.FS_POINTF(), pdfium.FS_POINTF()
        return (_around([start, end]),) if pdfium.FPDFAnnot_GetLine(held, start, end) else (rect,)
    if kind == pdfium.FPDF_ANNOT_INK:
        count = min(pdfium.FPDFAnnot_GetInkListCount(held), _MOST)
        return tuple(_path(pdfium.FPDFAnnot_GetInkListPath, held, index) or rect for index in range(count))
    if kind == pdfium.FPDF_ANNOT_POLYLINE:
        return (_path(pdfium.FPDFAnnot_GetVertices, held) or rect,)
    return ()


def _quads(held: Any) -> Iterator[Rect]:
    import pypdfium2.raw as pdfium

    quad = pdfium.FS_QUADPOINTSF()
    for index in range(min(pdfium.FPDFAnnot_CountAttachmentPoints(held), _MOST)):
        if pdfium.FPDFAnnot_GetAttachmentPoints(held, index, quad):
            xs, ys = (quad.x1, quad.x2, quad.x3, quad.x4), (quad.y1, quad.y2, quad.y3, quad.y4)
            yield min(xs), min(ys), max(xs), max(ys)


def _path(ask: Any, *of: Any) -> Rect | None:
    import pypdfium2.raw as pdfium

    count = min(ask(*of, None, 0), _MOST_LETTERS)
    points = (pdfium.FS_POINTF * count)()
    return _around(list(points)) if count and ask(*of, points, count) else None


def _around(points: list[Any]) -> Rect:
    xs, ys = [point.x for point in points], [point.y for point in points]
    return min(xs), min(ys), max(xs), max(ys)


def _rect(held: Any) -> Rect:
    import pypdfium2.raw as pdfium

    found = pdfium.FS_RECTF()
    if not pdfium.FPDFAnnot_GetRect(held, found):
        return 0.0, 0.0, 0.0, 0.0
    low, high = sorted((found.bottom, found.top))
    return min(found.left, found.right), low, max(found.left, found.right), high


def _string(held: Any, key: bytes) -> str:
    import pypdfium2.raw as pdfium

    return _text(pdfium.FPDFAnnot_GetStringValue, held, key)


def _text(ask: Any, *of: Any) -> str:
    """What a function of PDFium answers in UTF-16; empty where it is longer than anything on a report."""
    import pypdfium2.raw as pdfium

    size = ask(*of, None, 0)
    if not 2 < size <= 2 * _MOST_LETTERS:
        return ""
    letters = (pdfium.FPDF_WCHAR * (size // 2))()
    ask(*of, letters, size)
    return bytes(letters).decode("utf-16-le", "replace").rstrip("\0")
