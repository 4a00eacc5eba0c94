"""PDF pages as upright images, through PDFium. Not safe to use from several threads at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import PIL.Image

from labeling.pages.page import Page, PageError, PageLimits, TextLayer, too_many_pages, too_many_pixels
from labeling.pages.pdf_annotations import annotations_of, bare_texts, made_print, packed_files
from labeling.pages.pdf_overlay import typed_in
from labeling.pages.pdf_text import is_scan_page, with_text_layer

_POINTS_PER_INCH = 72.0
_A4_SQUARE_INCHES = 8.27 * 11.69
# What Acrobat prints on the only page of a PDF that other files are packed into.
_OF_A_PORTFOLIO = (
    "for the best experience, open this pdf portfolio",
    "öffnen sie dieses pdf-portfolio",
    "optimale ergebnisse erzielen sie, wenn sie dieses pdf-portfolio",
)
# Phone "scanner" apps write pages where one pixel is one point: a metre wide. More than this many A4 sheets'
# worth of pixels adds nothing a reader can use.
_MAX_A4_SHEETS = 4


def iter_pdf_pages(source: Path | bytes, limits: PageLimits) -> Iterator[Page]:
    """The pages of a PDF, a file or its bytes, one at a time.

    Raises:
        PageError: before rendering a file that is over a limit.
    """
    import pypdfium2

    document = _open(source)
    try:
        count = len(document)
        if count > limits.max_pages:
            raise too_many_pages(str(count), limits.max_pages)
        if count == 0:
            raise PageError("no_pages", "the PDF has no pages", "Save or scan the report again.")
        _refuse_placeholder(document)
        plans = [_plan(document, index, limits) for index in range(count)]
        if sum(plan.pixels for plan in plans) > limits.max_total_pixels:
            raise too_many_pixels(limits.max_total_pixels, "all pages together have")
        document.init_forms()
        for index, plan in enumerate(plans):
            page = _page(document, index, plan)
            yield _with_packed_files(page) if index == 0 and packed_files(document) else page
    except pypdfium2.PdfiumError:
        raise _damaged() from None
    finally:
        document.close()


def _open(source: Path | bytes) -> Any:
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(source)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) in (
            pypdfium2.raw.FPDF_ERR_PASSWORD,
            pypdfium2.raw.FPDF_ERR_SECURITY,
        ):
            raise PageError(
                "encrypted",
                "the PDF is locked with a password",
                "Open it with its password and print or save it without one.",
            ) from None
        raise _damaged() from None


def _refuse_placeholder(document: Any) -> None:
    """Raise for a PDF whose page only says that another program would show something."""
    import pypdfium2

    if document.get_formtype() == pypdfium2.raw.FORMTYPE_XFA_FULL:
        what = "a form (XFA) that only Adobe's programs show"
    elif len(document) == 1 and _first_words(document).startswith(_OF_A_PORTFOLIO):
        what = "a portfolio: its reports are files within it"
    else:
        return
    raise PageError(
        "no_pages", f"the PDF is {what}", "Open it in Adobe Reader and print each report as a PDF."
    )


def _first_words(document: Any) -> str:
    page = document[0]
    try:
        text = page.get_textpage()
        try:
            return " ".join(str(text.get_text_range(0, 200)).split()).lower()
        finally:
            text.close()
    finally:
        page.close()


def _damaged() -> PageError:
    return PageError(
        "damaged",
        "the PDF file is damaged and can't be opened",
        "Open it in a PDF viewer; if that fails too, save or scan the report again.",
    )


@dataclass(frozen=True)
class _Plan:
    """How a page is drawn: pixels to a point, how many that makes, and `bare_texts`."""

    scale: float
    pixels: int
    bare: frozenset[int]


def _plan(document: Any, index: int, limits: PageLimits) -> _Plan:
    """What one page takes; asked before the document's forms are begun.

    `pdf_dpi`, less where the page would pass the pixel limit; more where a small page holds a finer scan,
    up to what an A4 page would get.
    """
    page = document[index]
    try:
        width, height = page.get_size()
        if not (width > 0 and height > 0):
            raise PageError("damaged", f"page {index + 1} of the PDF has no size", "Save or scan it again.")
        area = width * height
        a4_pixels = _A4_SQUARE_INCHES * limits.pdf_dpi**2
        scale = limits.pdf_dpi / _POINTS_PER_INCH
        fits_a4 = (a4_pixels / area) ** 0.5
        if scale < fits_a4:
            scale = max(scale, min(fits_a4, _finest_image(page)))
        most = min(limits.max_pixels, _MAX_A4_SHEETS * a4_pixels)
        scale = min(scale, (most / area) ** 0.5)
        return _Plan(scale, round(area * scale * scale), bare_texts(page))
    finally:
        page.close()


def _finest_image(page: Any) -> float:
    """Pixels per point of the most finely sampled picture on the page; 0 without one."""
    import pypdfium2

    finest = 0.0
    for found in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE], max_depth=4):
        left, bottom, right, top = found.get_bounds()
        extent = max(right - left, top - bottom)
        if extent > 0:
            finest = max(finest, max(found.get_px_size()) / extent)
    return finest


def _page(document: Any, index: int, plan: _Plan) -> Page:
    page = document[index]
    try:
        lying, is_scan = annotations_of(page, plan.bare), None
        if lying:
            is_scan = is_scan_page(page)
            page = made_print(document, index, page, plan.bare)
        bitmap = page.render(scale=plan.scale, rev_byteorder=True, prefer_bgrx=True)
        image = _picture(bitmap.to_numpy())
        bitmap.close()
        image, placing, layer = with_text_layer(page, image, lying, is_scan=is_scan)
        if any(one.is_bare for one in lying):
            layer = typed_in(image, layer or TextLayer(), lying, placing, plan.scale)
    finally:
        page.close()
    return Page(index + 1, image, layer=layer)


def _with_packed_files(page: Page) -> Page:
    layer = page.layer or TextLayer()
    return replace(page, layer=replace(layer, notes=(*layer.notes, "packed")))


def _picture(pixels: Any) -> PIL.Image.Image:
    """A rendered page (height x width x red, green, blue, unused), grey where it has no colour; a copy."""
    import cv2

    red, green, blue = (cv2.extractChannel(pixels, index) for index in range(3))
    is_grey = not any(cv2.countNonZero(cv2.absdiff(red, other)) for other in (green, blue))
    return PIL.Image.fromarray(red if is_grey else cv2.merge((red, green, blue)))
