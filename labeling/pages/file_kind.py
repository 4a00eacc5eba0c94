"""What a file is, by its first bytes, never by its extension; and whether its end is missing."""

from __future__ import annotations

import struct
from enum import StrEnum

HEAD_BYTES = 4096
TAIL_BYTES = 16_384

# ISO base-media brands of still HEIF pictures, as phones write them.
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_AVIF_BRANDS = {b"avif", b"avis"}
# Sizes a BMP's second header may have.
_BMP_HEADERS = {12, 40, 52, 56, 64, 108, 124}


class FileKind(StrEnum):
    """The kinds of file a report page may come in."""

    JPEG = "JPEG"
    PNG = "PNG"
    TIFF = "TIFF"
    WEBP = "WebP"
    BMP = "BMP"
    HEIF = "HEIC"
    PDF = "PDF"
    DICOM = "DICOM"


_BEGINNINGS = {FileKind.JPEG: b"\xff\xd8\xff", FileKind.PNG: b"\x89PNG\r\n\x1a\n"}


def kind_of(head: bytes) -> FileKind | None:
    """The supported kind the first bytes announce, or None."""
    # First, because what stands before its mark may be another format's: such files are both.
    if head[128:132] == b"DICM":
        return FileKind.DICOM
    for kind, beginning in _BEGINNINGS.items():
        if head.startswith(beginning):
            return kind
    if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return FileKind.TIFF
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return FileKind.WEBP
    if _is_bitmap(head):
        return FileKind.BMP
    if _is_heif(head):
        return FileKind.HEIF
    # The PDF standard lets a reader accept junk before the header within the first 1024 bytes.
    if b"%PDF-" in head[:1024]:
        return FileKind.PDF
    return None


def _is_bitmap(head: bytes) -> bool:
    """Its two letters begin other files, too; the size of its header tells."""
    return (
        head.startswith(b"BM") and len(head) >= 18 and struct.unpack_from("<I", head, 14)[0] in _BMP_HEADERS
    )


def _is_heif(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and bool(_brands(head) & _HEIF_BRANDS) and not _brands(head) & _AVIF_BRANDS


def _brands(head: bytes) -> set[bytes]:
    size = min(struct.unpack_from(">I", head, 0)[0], len(head))
    return {head[8:12], *(head[at : at + 4] for at in range(16, size - 3, 4))}


def foreign_name(head: bytes) -> str:
    """A plain name for a recognised but unsupported kind, or empty."""
    known = (
        (head[:6] in (b"GIF87a", b"GIF89a"), "a GIF picture"),
        (head[4:8] == b"ftyp" and bool(_brands(head) & _AVIF_BRANDS), "an AVIF picture"),
        (head[4:8] == b"ftyp", "a video"),
        (head.startswith(b"PK\x03\x04"), "a ZIP archive or an Office document"),
        (head.startswith(b"\xd0\xcf\x11\xe0"), "an old Office document"),
        (head.startswith(b"Rar!"), "a RAR archive"),
        (head.lstrip()[:5].lower() in (b"<html", b"<!doc", b"<?xml"), "a web page or XML file"),
        (head.startswith(b"{\\rtf"), "an RTF document"),
        (_is_text(head), "a text file"),
    )
    return next((name for matches, name in known if matches), "")


def _is_text(head: bytes) -> bool:
    if b"\0" in head:
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        # A multi-byte letter cut by the end of the sample is still text.
        return error.start > len(head) - 4 and len(head) == HEAD_BYTES
    return True


def end_is_missing(kind: FileKind, head: bytes, tail: bytes, size: int) -> bool:
    """Whether a file of this kind stops before its end, judged without decoding it.

    Args:
        kind: what the file is.
        head: its first bytes.
        tail: its last `TAIL_BYTES` bytes, or all of it.
        size: its length, bytes.
    """
    if kind is FileKind.JPEG:
        return b"\xff\xd9" not in tail
    if kind is FileKind.PNG:
        return b"IEND" not in tail
    if kind is FileKind.PDF:
        return b"%%EOF" not in tail
    if kind is FileKind.WEBP:
        return len(head) < 12 or struct.unpack_from("<I", head, 4)[0] + 8 > size
    if kind is FileKind.BMP:
        return bool(struct.unpack_from("<I", head, 2)[0] > size)
    return False
