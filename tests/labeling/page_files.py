"""Builders of good and bad page files for the intake tests; every one is made here, none is stored."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

from PIL import Image, ImageDraw


def sheet(seed: int = 0, size: tuple[int, int] = (320, 440), mode: str = "RGB") -> Image.Image:
    """A page-like picture: white, with a pattern of dark bars that differs by seed."""
    image = Image.new(mode, size, "white" if mode != "1" else 1)
    draw = ImageDraw.Draw(image)
    state = seed * 2654435761 % 2**32 or 1
    for line in range(18):
        state = (state * 1664525 + 1013904223) % 2**32
        top = 12 + line * (size[1] - 24) // 18
        left = 10 + state % 60
        width = 4 + (state >> 8) % max(1, size[0] // 2)
        draw.rectangle((left, top, left + width, top + 8), fill=0)
    return image


def saved(image: Image.Image, path: Path, **options: object) -> Path:
    """Save by the path's suffix and give the path back."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **options)  # type: ignore[arg-type]
    return path


def pdf(path: Path, pages: int = 1, seed: int = 0) -> Path:
    """A PDF of picture pages."""
    path.parent.mkdir(parents=True, exist_ok=True)
    first, *rest = [sheet(seed + number, (120, 160), "L") for number in range(pages)]
    first.save(path, "PDF", save_all=True, append_images=rest)
    return path


def blank_pdf(path: Path, pages: int, width: float = 595, height: float = 842) -> Path:
    """A PDF of empty pages of one size in points."""
    import pypdfium2

    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(width, height)
    document.save(str(path))
    document.close()
    return path


def locked_pdf(path: Path) -> Path:
    """A PDF locked with a password: the standard security handler's fields, with keys no password gives."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
        b"<< /Filter /Standard /V 1 /R 2 /P -44 /O <" + b"ab" * 32 + b"> /U <" + b"cd" * 32 + b"> >>",
    ]
    out = io.BytesIO(b"%PDF-1.4\n")
    out.seek(0, io.SEEK_END)
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % at for at in offsets))
    out.write(b"trailer\n<< /Size 5 /Root 1 0 R /Encrypt 4 0 R /ID [<00> <00>] >>\n")
    out.write(b"startxref\n%d\n%%%%EOF\n" % start)
    path.write_bytes(out.getvalue())
    return path


def png_bomb(path: Path, side: int = 30_000) -> Path:
    """A small PNG that announces, and would decode to, a huge picture."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    squeeze = zlib.compressobj(9)
    row = bytes(1 + side // 8)
    body = b"".join(squeeze.compress(row) for _ in range(side)) + squeeze.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )
    return path


def cut(path: Path, keep: float = 0.5) -> Path:
    """Cut a file short, keeping this share of it."""
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    return path
