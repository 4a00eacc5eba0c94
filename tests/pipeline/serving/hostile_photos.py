"""Photographs that were made to be decoded for as long as anybody lets them."""

from __future__ import annotations

import io

from PIL import Image


def endless_pdf(fills: int = 19_000) -> bytes:
    """A page that is filled again and again: few enough objects, and minutes of drawing."""
    content = b"q 1 0 0 1 0 0 cm 0 0 500 800 re f Q\n" * fills
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 500 800] /Contents 4 0 R >>",
        b"<< /Length %d >>\nstream\n" % len(content) + content + b"endstream",
    ]  # fmt: skip
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (place + 1, part) for place, part in enumerate(parts))
    return b"%PDF-1.4\n" + body + b"trailer\n<< /Size 5 /Root 1 0 R >>\n"


def many_scans(size_px: int = 1_000) -> bytes:
    """A progressive JPEG whose last scan comes again and again; each goes over the whole picture."""
    stream = io.BytesIO()
    Image.new("RGB", (size_px, size_px), (200, 180, 170)).save(stream, "JPEG", progressive=True)
    whole = stream.getvalue()
    last = whole.rindex(b"\xff\xda")
    scan = whole[last:-2]
    return whole[:last] + scan * (1_000_000 // len(scan)) + whole[-2:]
