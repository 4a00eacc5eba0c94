"""The first page of a PDF as a picture: scanner programs on phones send photographs so."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from db.errors import EchoDeskError

Pixels = NDArray[np.uint8]

MARK: Final = b"%PDF-"
# A page is drawn with this many pixels on its long side: about 10 a millimetre of an A4 page.
_LONG_SIDE_PX: Final = 3000
# Many more than a scan has, and still drawn at once.
_MOST_OBJECTS: Final = 20_000
_SEND_A_PICTURE: Final = "Send its page as a photo or a picture file."


def first_page(data: bytes, name: str, *, max_pixels: int) -> tuple[Pixels, int]:
    """Draw the first page of a PDF (RGB, uint8) and say how many it has; the others are not looked at.

    Args:
        data: the bytes of the file. name: what an error calls it.
        max_pixels: of all pictures on the page together; above it nothing is drawn.

    Raises:
        EchoDeskError: it is locked, damaged, has no page, or holds more than is drawn.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
        try:
            return _drawn(document, name, max_pixels), len(document)
        finally:
            document.close()
    except pypdfium2.PdfiumError as error:
        locked = (pypdfium2.raw.FPDF_ERR_PASSWORD, pypdfium2.raw.FPDF_ERR_SECURITY)
        why = "is locked with a password" if getattr(error, "err_code", None) in locked else "is damaged"
        raise EchoDeskError(f"{name}: the PDF {why}", _SEND_A_PICTURE) from None


def _drawn(document: Any, name: str, max_pixels: int) -> Pixels:
    if len(document) == 0:
        raise EchoDeskError(f"{name}: the PDF has no page", _SEND_A_PICTURE)
    page = document[0]
    try:
        _refuse_too_much(page, name, max_pixels)
        long_side = max(page.get_size())
        if not (math.isfinite(long_side) and long_side > 0):
            raise EchoDeskError(f"{name}: the page of the PDF has no size", _SEND_A_PICTURE)
        bitmap = page.render(scale=_LONG_SIDE_PX / long_side, rev_byteorder=True, prefer_bgrx=False)
        try:
            return np.ascontiguousarray(bitmap.to_numpy()[:, :, :3], dtype=np.uint8)
        finally:
            bitmap.close()
    finally:
        page.close()


def _refuse_too_much(page: Any, name: str, max_pixels: int) -> None:
    """Look at what is on a page before any of it is drawn."""
    import pypdfium2

    pixels = 0
    for count, one in enumerate(page.get_objects(max_depth=4), start=1):
        if one.type == pypdfium2.raw.FPDF_PAGEOBJ_IMAGE:
            width, height = one.get_px_size()
            pixels += width * height
        if pixels > max_pixels or count > _MOST_OBJECTS:
            raise EchoDeskError(f"{name}: the page of the PDF holds too much", _SEND_A_PICTURE)
