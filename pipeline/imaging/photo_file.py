"""A photograph's file -> upright RGB pixels; the one decoder of training, evaluation and serving.

JPEG goes through OpenCV, which is three times as fast as Pillow and gives the same pixels; every other kind
(PNG, TIFF, WebP, BMP, HEIC) and every unusual mode (alpha, palette, 16 bits) goes through Pillow.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import PIL.Image
import PIL.ImageOps
from numpy.typing import NDArray

from db.errors import EchoDeskError

Pixels = NDArray[np.uint8]

# Five times a 12-megapixel phone photograph: 180 MB of pixels at most.
MAX_PIXELS = 60_000_000

_FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "BMP")
_REDUCED = {2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4, 8: cv2.IMREAD_REDUCED_COLOR_8}
# A TIFF's tag that calls a picture a smaller copy of another, and how many pictures are asked for it.
_SUBFILE_TYPE, _MOST_COUNTED = 254, 999
_SEND_AGAIN = "Open it in a picture viewer; if that fails too, copy or photograph it again."


def read_photo(path: Path, *, at_least_px: int | None = None, max_pixels: int = MAX_PIXELS) -> Pixels:
    """The picture in a file; see `decode_photo`.

    Raises:
        EchoDeskError: when the file cannot be read or is no usable picture; it names the file.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        message = f"{path}: the picture can't be read ({reason})"
        raise EchoDeskError(message, "Check the name and folder.") from None
    return decode_photo(data, str(path), at_least_px=at_least_px, max_pixels=max_pixels)


def decode_photo(
    data: bytes,
    name: str,
    *,
    at_least_px: int | None = None,
    max_pixels: int = MAX_PIXELS,
    on_header: Callable[[str, int, int], object] = lambda _kind, _pixels, _pictures: None,
) -> Pixels:
    """Decode a picture: EXIF orientation applied, transparency on white, first frame only.

    Args:
        data: the bytes of the file.
        name: what an error calls it.
        at_least_px: a JPEG may be decoded at 1/2, 1/4 or 1/8 of its size as long as its long side keeps this
            many pixels; None decodes it whole. Other kinds are always decoded whole.
        max_pixels: width x height above which nothing is decoded.
        on_header: called before anything is decoded, with the format as Pillow names it, width x height, and
            how many pages or pictures the file has.

    Returns:
        RGB, uint8, height x width x 3.

    Raises:
        EchoDeskError: no picture, damaged, cut short, or over the limit of pixels.
    """
    image = _opened(data, name)
    with image:
        width, height = image.size
        if width * height > max_pixels:
            raise EchoDeskError(
                f"{name}: {width} x {height} is more than the limit of {max_pixels / 1e6:g} million pixels",
                "Save it smaller; 4000 pixels on the long side are plenty.",
            )
        on_header(str(image.format), width * height, _pictures(image))
        if image.format in ("JPEG", "MPO") and image.mode in ("L", "RGB"):
            return _jpeg(data, name, _denominator(max(width, height), at_least_px))
        if image.format == "JPEG" and at_least_px is not None:
            by = _denominator(max(width, height), at_least_px)
            # Unusual colours are decoded smaller, too, as they are read.
            image.draft(image.mode, (width // by, height // by))
        if image.format == "HEIF" and image.mode == "RGB":
            return _heic(data, name)
        return _through_pillow(image, name)


def _opened(data: bytes, name: str) -> PIL.Image.Image:
    """The picture with its header read and nothing decoded."""
    formats = list(_FORMATS)
    if data[4:8] == b"ftyp":
        import pillow_heif

        # Registering is Pillow's only way in; doing it again changes nothing.
        pillow_heif.register_heif_opener(thumbnails=False)
        formats.append("HEIF")
    if not data:
        raise EchoDeskError(f"{name}: the file is empty", _SEND_AGAIN)
    try:
        return PIL.Image.open(io.BytesIO(data), formats=formats)
    except PIL.Image.DecompressionBombError:
        raise EchoDeskError(f"{name}: far more pixels than the limit", "Save it smaller.") from None
    except MemoryError:
        raise  # which says nothing of the file
    except Exception:  # noqa: BLE001 - a decoder fed a damaged file may raise anything at all
        kinds = "JPEG, PNG, TIFF, WebP, BMP or HEIC"
        raise EchoDeskError(f"{name}: not a picture EchoDesk can read", f"Save it as {kinds}.") from None


def _pictures(image: PIL.Image.Image) -> int:
    """How many pages or pictures a file has, as people count: thumbnails and a camera's extras are none."""
    if image.format in ("JPEG", "MPO"):
        return 1
    try:
        frames = int(getattr(image, "n_frames", 1))
        if image.format != "TIFF" or frames == 1:
            return frames
        shown = 0
        for frame in range(min(frames, _MOST_COUNTED)):
            image.seek(frame)
            is_reduced = int(image.tag_v2.get(_SUBFILE_TYPE, 0)) & 1  # type: ignore[attr-defined]
            shown += not is_reduced
        image.seek(0)
        return max(shown, 1)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a decoder fed a damaged file may raise anything at all
        return 1


def _denominator(long_side_px: int, at_least_px: int | None) -> int:
    """How many times smaller a JPEG may be decoded: 1, 2, 4 or 8."""
    if at_least_px is None:
        return 1
    return max((by for by in (1, *_REDUCED) if long_side_px // by >= at_least_px), default=1)


def _jpeg(data: bytes, name: str, denominator: int) -> Pixels:
    if not _has_its_end(data):
        # OpenCV would fill what is missing with grey and say nothing.
        hint = "The copy was cut short: send it again."
        raise EchoDeskError(f"{name}: the JPEG stops before its end", hint)
    # What is decoded whole comes as red, green, blue at once; OpenCV has no such flag for less.
    flag = _REDUCED.get(denominator, cv2.IMREAD_COLOR_RGB)
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flag)
    if pixels is None:
        raise EchoDeskError(f"{name}: the JPEG is damaged and can't be decoded", _SEND_AGAIN)
    if denominator > 1:
        cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB, dst=pixels)
    return np.asarray(pixels, dtype=np.uint8)


def _has_its_end(data: bytes) -> bool:
    """Whether an end marker follows the start of the picture's own scan (a thumbnail has one before it)."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return data.find(b"\xff\xd9", at) >= 0


def _heic(data: bytes, name: str) -> Pixels:
    """The first picture of a HEIC without Pillow, which would copy its pixels twice; same pixels, read-only.

    Its decoder turns it upright by itself.
    """
    import pillow_heif

    try:
        opened = pillow_heif.open_heif(data, convert_hdr_to_8bit=True)
        return np.ascontiguousarray(opened[opened.primary_index], dtype=np.uint8)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a decoder fed a damaged file may raise anything at all
        raise _damaged(name) from None


def _damaged(name: str) -> EchoDeskError:
    return EchoDeskError(f"{name}: the picture is damaged and can't be decoded", _SEND_AGAIN)


def _through_pillow(image: PIL.Image.Image, name: str) -> Pixels:
    try:
        # In place: a copy of a large picture costs as much memory again.
        PIL.ImageOps.exif_transpose(image, in_place=True)
        return np.ascontiguousarray(_as_rgb(image), dtype=np.uint8)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a decoder fed a damaged file may raise anything at all
        raise _damaged(name) from None


def _as_rgb(image: PIL.Image.Image) -> Pixels:
    if image.mode == "F" or image.mode.startswith("I"):
        # A deeper grey scale: its own range is not known, so it is stretched over 0-255.
        deep = np.asarray(image, dtype=np.float64)
        low, high = float(deep.min()), float(deep.max())
        grey = np.rint((deep - low) * (255.0 / max(high - low, 1.0))).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2)
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        white = PIL.Image.new("RGBA", layer.size, (255, 255, 255, 255))
        return np.asarray(PIL.Image.alpha_composite(white, layer).convert("RGB"))
    return np.asarray(image if image.mode == "RGB" else image.convert("RGB"))
