"""Files that nobody makes by accident, drawn from a seed: good ones damaged, bombs, lies about size."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from random import Random

from PIL import Image, ImageDraw

Damage = Callable[[bytes, Random], bytes]


def _picture(seed: int, mode: str = "RGB") -> Image.Image:
    image = Image.new(mode, (90, 120), "white")
    draw = ImageDraw.Draw(image)
    for line in range(6):
        draw.rectangle((5, 8 + 18 * line, 20 + seed * 7 * (line + 1) % 60, 14 + 18 * line), fill=0)
    return image


def _saved(kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    _picture(3).save(buffer, kind, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


def _tiff() -> bytes:
    buffer = io.BytesIO()
    _picture(1).save(buffer, "TIFF", save_all=True, append_images=[_picture(2)], compression="tiff_lzw")
    return buffer.getvalue()


def _heic() -> bytes:
    import pillow_heif

    buffer = io.BytesIO()
    pillow_heif.from_pillow(_picture(4)).save(buffer, quality=40)
    return buffer.getvalue()


def _dicom() -> bytes:
    """Secondary capture, explicit little endian, 8-bit grey: built by hand, element by element."""

    def element(group: int, number: int, kind: bytes, value: bytes) -> bytes:
        value += b"\0" * (len(value) % 2)
        head = struct.pack("<HH", group, number) + kind
        if kind in (b"OB", b"OW", b"SQ", b"UN"):
            return head + b"\0\0" + struct.pack("<I", len(value)) + value
        return head + struct.pack("<H", len(value)) + value

    def short(value: int) -> bytes:
        return struct.pack("<H", value)

    syntax = element(2, 0x10, b"UI", b"1.2.840.10008.1.2.1")
    meta = element(2, 2, b"UI", b"1.2.840.10008.5.1.4.1.1.7") + element(2, 3, b"UI", b"1.2.3") + syntax
    pixels = _picture(5, "L").tobytes()
    body = b"".join(
        [
            element(8, 0x16, b"UI", b"1.2.840.10008.5.1.4.1.1.7"),
            element(8, 0x18, b"UI", b"1.2.3"),
            element(0x28, 2, b"US", short(1)),
            element(0x28, 4, b"CS", b"MONOCHROME2"),
            element(0x28, 0x10, b"US", short(120)),
            element(0x28, 0x11, b"US", short(90)),
            element(0x28, 0x100, b"US", short(8)),
            element(0x28, 0x101, b"US", short(8)),
            element(0x28, 0x102, b"US", short(7)),
            element(0x28, 0x103, b"US", short(0)),
            element(0x7FE0, 0x10, b"OW", pixels),
        ]
    )
    return bytes(128) + b"DICM" + element(2, 0, b"UL", struct.pack("<I", len(meta))) + meta + body


def pdf_of(
    content: bytes, *, box: bytes = b"0 0 200 260", kids: bytes = b"3 0 R", compress: bool = True
) -> bytes:
    """A PDF of one page that draws this."""
    stream = zlib.compress(content) if compress else content
    flate = b" /Filter /FlateDecode" if compress else b""
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [" + kids + b"] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [" + box + b"] /Contents 4 0 R >>",
        b"<< /Length %d%s >>\nstream\n" % (len(stream), flate) + stream + b"\nendstream",
    ]
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, part in enumerate(parts, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + part + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % at for at in offsets)
    out += b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


def _xlsx() -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    for row in (
        ["patient_id", "report", "report_date"],
        ["P1", "a.png", "2026-01-02"],
        ["P2", "b.png", None],
    ):
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def repacked(data: bytes, name: str, content: bytes) -> bytes:
    """An XLSX file with one part replaced."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.namelist():
            new.writestr(one, content if one == name else old.read(one))
    return buffer.getvalue()


@cache
def good_files() -> dict[str, bytes]:
    """One good file of each kind, by its ending; pages first."""
    return {
        "png": _saved("PNG"),
        "jpg": _saved("JPEG"),
        "tif": _tiff(),
        "webp": _saved("WEBP"),
        "heic": _heic(),
        "pdf": pdf_of(b"0 0 80 120 re f 20 140 90 30 re f"),
        "dcm": _dicom(),
        "xlsx": _xlsx(),
        "csv": b"patient_id,report,report_date\nP1,a.png,2026-01-02\nP2,b.png,\n",
    }


TABLES = ("xlsx", "csv")


def _flipped(data: bytes, rng: Random) -> bytes:
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 3, 20))):
        out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


def _truncated(data: bytes, rng: Random) -> bytes:
    return data[: rng.randrange(len(data))]


def _swapped(data: bytes, rng: Random) -> bytes:
    other = rng.choice(list(good_files().values()))
    cut = rng.choice((4, 8, 16, 132))
    return other[:cut] + data[cut:]


def _doubled(data: bytes, rng: Random) -> bytes:
    start = rng.randrange(len(data))
    end = min(len(data), start + rng.randrange(1, 400))
    return data[:end] + data[start:end] * rng.choice((1, 2, 50)) + data[end:]


def _overwritten(data: bytes, rng: Random) -> bytes:
    """Numbers that lie about sizes: the largest, the smallest, and nothing."""
    at = rng.randrange(max(1, len(data) - 4))
    return (
        data[:at]
        + rng.choice((b"\xff" * 4, b"\x7f\xff\xff\xff", bytes(4), b"\xff\xff\xff\x7f"))
        + data[at + 4 :]
    )


_DAMAGES: tuple[Damage, ...] = (_flipped, _truncated, _swapped, _doubled, _overwritten)


def _wide_png(rng: Random) -> bytes:
    side = rng.choice((20_000, 60_000, 2**31 - 1))
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    end = b"\0\0\0\0IEND\xaeB`\x82"
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk)) + end


def _huge_page(rng: Random) -> bytes:
    side = rng.choice((10**5, 10**9, -5))
    return pdf_of(b"0 0 10 10 re f", box=b"0 0 %d %d" % (side, side))


def _slow_page(_rng: Random) -> bytes:
    return pdf_of(b"q 1 0 0 1 0 0 cm 0 0 500 800 re f Q\n" * 400_000, box=b"0 0 500 800")


def _page_in_itself(_rng: Random) -> bytes:
    return pdf_of(b"", kids=b"2 0 R")


def _entities(rng: Random) -> bytes:
    bomb = b'<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">' + b"".join(
        b'<!ENTITY %c "%s">' % (letter, b"&%c;" % (letter - 1) * 10) for letter in b"bcdefghij"
    )
    part = rng.choice(("xl/styles.xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"))
    return repacked(good_files()["xlsx"], part, bomb + b"]><a>&j;</a>")


def _nested(rng: Random) -> bytes:
    data = good_files()["xlsx"]
    for _ in range(rng.randrange(1, 6)):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(rng.choice(("xl/workbook.xml", "[Content_Types].xml", "a.zip")), data)
        data = buffer.getvalue()
    return data


def _many_tags(_rng: Random) -> bytes:
    return repacked(
        good_files()["xlsx"], "xl/styles.xml", b"<styleSheet>" + b"<a/>" * 20_000_000 + b"</styleSheet>"
    )


_MADE: tuple[tuple[str, Callable[[Random], bytes]], ...] = (
    ("png", _wide_png), ("pdf", _huge_page), ("pdf", _page_in_itself), ("xlsx", _entities), ("xlsx", _nested),
)  # fmt: skip
# They take seconds each, by what they are.
_COSTLY: tuple[tuple[str, Callable[[Random], bytes]], ...] = (("pdf", _slow_page), ("xlsx", _many_tags))


def hostile(number: int, seed: int) -> tuple[str, bytes, str]:
    """The number-th file of a seed: its ending, its bytes, and how it was made."""
    rng = Random(f"{seed} {number}")
    if number % 1000 == 999:
        ending, make = _COSTLY[number // 1000 % len(_COSTLY)]
        return ending, make(rng), make.__name__
    if rng.random() < 0.12:
        ending, make = rng.choice(_MADE)
        return ending, make(rng), make.__name__
    ending = rng.choice(list(good_files()))
    damage = rng.choice(_DAMAGES)
    return ending, damage(good_files()[ending], rng), f"{damage.__name__} {ending}"
