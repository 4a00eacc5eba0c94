"""The content-addressed image store: upright pixels, no metadata, named by the hash of their bytes."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from db.files.manifest import hash_file, sha256_of
from db.files.whole import whole_file

JPEG_QUALITY = 95

# Two pages closer than this look alike; `db/fingerprints.py` says how it was measured.
NEAR_DUPLICATE_BITS = 120

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class StoredImage:
    """One picture in the store.

    Attributes:
        sha256: of the stored bytes; its name.
        original_sha256: of the bytes the user gave.
        page: 1-based page within the original.
        perceptual_hash: see `perceptual_hash`.
    """

    sha256: str
    original_sha256: str
    page: int
    width_px: int
    height_px: int
    byte_count: int
    media_type: str
    perceptual_hash: str


@dataclass(frozen=True)
class EncodedPicture:
    """A picture as it goes into the store; `perceptual_hash` as in `StoredImage`."""

    data: bytes
    width_px: int
    height_px: int
    media_type: str
    perceptual_hash: str


def encode_picture(upright: Image.Image, *, lossy: bool) -> EncodedPicture:
    """A picture's pixels and nothing else.

    Args:
        upright: EXIF orientation already applied.
        lossy: JPEG at high quality (photographs), else PNG (scans, PDF pages).
    """
    pixels = _bare_pixels(upright)
    buffer = io.BytesIO()
    if lossy:
        pixels.save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    else:
        pixels.save(buffer, "PNG")
    return EncodedPicture(
        data=buffer.getvalue(),
        width_px=pixels.width,
        height_px=pixels.height,
        media_type="image/jpeg" if lossy else "image/png",
        perceptual_hash=perceptual_hash(pixels),
    )


class ImageStore:
    """A folder of pictures, each written once and never changed."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, upright: Image.Image, *, original_sha256: str, page: int = 1, lossy: bool) -> StoredImage:
        """Store a picture's pixels and nothing else; see `encode_picture` and `keep`."""
        return self.keep(encode_picture(upright, lossy=lossy), original_sha256=original_sha256, page=page)

    def keep(self, encoded: EncodedPicture, *, original_sha256: str, page: int = 1) -> StoredImage:
        """Store an encoded picture; the same pixels again are stored once."""
        sha256 = sha256_of(encoded.data)
        if not self.verify(sha256):  # new, or damaged on the disk and now healed
            self._write(self.path(sha256), encoded.data)
        return StoredImage(
            sha256=sha256,
            original_sha256=original_sha256,
            page=page,
            width_px=encoded.width_px,
            height_px=encoded.height_px,
            byte_count=len(encoded.data),
            media_type=encoded.media_type,
            perceptual_hash=encoded.perceptual_hash,
        )

    def path(self, sha256: str) -> Path:
        """Where a picture is or would be.

        Raises:
            ValueError: when the name is not a SHA-256, so no request can name another file.
        """
        if not _SHA256.fullmatch(sha256):
            raise ValueError("a stored picture is named by 64 hexadecimal characters")
        return self.root / sha256[:2] / sha256

    def open(self, sha256: str) -> Image.Image:
        """Decode a stored picture.

        Raises:
            FileNotFoundError: when it is not in the store.
        """
        with Image.open(self.path(sha256)) as image:
            image.load()
            return image.copy()

    def put_words(self, sha256: str, words: bytes) -> None:
        """Keep beside a picture what its file said is printed on it; the first to say so stays."""
        target = self._words_path(sha256)
        if not target.exists():
            self._write(target, words)

    def words(self, sha256: str) -> bytes | None:
        """What the picture's file said is printed on it; None for a mere picture."""
        try:
            return self._words_path(sha256).read_bytes()
        except FileNotFoundError:
            return None

    def _words_path(self, sha256: str) -> Path:
        return self.path(sha256).with_suffix(".words")

    def remove(self, sha256: str) -> bool:
        """Delete a picture, and what its file said is printed on it; whether it was there.

        Raises:
            OSError: it may not be deleted.
        """
        self._words_path(sha256).unlink(missing_ok=True)
        try:
            self.path(sha256).unlink()
        except FileNotFoundError:
            return False
        return True

    def verify(self, sha256: str) -> bool:
        """Whether the stored bytes still have the hash they are named by."""
        try:
            return hash_file(self.path(sha256)).sha256 == sha256
        except FileNotFoundError:
            return False

    def _write(self, target: Path, data: bytes) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(target, overwrite=True) as temporary:
            temporary.write_bytes(data)


def _bare_pixels(image: Image.Image) -> Image.Image:
    """The same pixels as RGB or L on white, in an image that carries no EXIF, profile, comment or text."""
    if type(image) is Image.Image and image.mode in {"L", "RGB"} and not image.info:
        return image  # it never was a file's, and a copy of a large page costs hundreds of megabytes
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        coloured = image.convert("RGBA")
        flat = Image.new("RGBA", image.size, "white")
        flat.alpha_composite(coloured)
        source = flat.convert("RGB")
    elif image.mode.startswith("I") or image.mode == "F":
        source = _to_eight_bits(image)
    elif image.mode in {"1", "L"}:
        source = image.convert("L")
    else:
        source = image.convert("RGB")
    bare = Image.new(source.mode, source.size)
    bare.paste(source)
    return bare


def _to_eight_bits(image: Image.Image) -> Image.Image:
    """A deeper grey scale stretched over 0-255, because its own range is not known."""
    deep = image.convert("F")
    extrema: Any = deep.getextrema()
    low, high = float(extrema[0]), float(extrema[1])
    scale = 255.0 / max(high - low, 1.0)
    return deep.point(lambda value: value * scale - low * scale).convert("L")


def perceptual_hash(image: Image.Image) -> str:
    """How an upright page looks, 256 hex characters; compare with `hamming_bits`.

    See `db/fingerprints.py`.
    """
    from db.fingerprints import page_hash

    return page_hash(image)


def hamming_bits(a: str, b: str) -> int:
    """In how many bits two perceptual hashes differ, 0-1024.

    Raises:
        ValueError: when they are not of one length.
    """
    if len(a) != len(b):
        raise ValueError("these perceptual hashes were made in different ways")
    return (int(a, 16) ^ int(b, 16)).bit_count()
