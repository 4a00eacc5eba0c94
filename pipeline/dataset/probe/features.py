"""What can be said about a photograph of an ECG without looking at its waveform: colour, header, borders,
size, file.

A model that can tell the classes apart by these learns the camera, the paper or the clinic instead of the
heart.
"""

from __future__ import annotations

import io
import math
import warnings
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Each family is judged by itself. EXIF is never looked at: it is stripped at intake.
FAMILIES: Final[dict[str, tuple[str, ...]]] = {
    "colour": ("mean_red", "mean_green", "mean_blue", "red_less_blue", "green_less_blue"),
    "header": ("header_brightness", "header_ink", "header_less_page"),
    "borders": ("left_brightness", "right_brightness", "bottom_brightness", "border_spread"),
    "size": ("log_width", "log_height", "log_aspect"),
    "compression": (
        "log_bytes",
        "log_bytes_per_pixel",
        "is_jpeg",
        "luma_table",
        "chroma_table",
        "chroma_shared",
    ),
}
FEATURES: Final = tuple(name for names in FAMILIES.values() for name in names)

HEADER_SHARE: Final = 0.08
BORDER_SHARE: Final = 0.03
SAMPLE_PX: Final = 400
MOST_PIXELS: Final = 100_000_000
# Darker than this share of the strip's own paper (its 90th percentile) is ink.
INK: Final = 0.6


class UnreadablePictureError(ValueError):
    """Bytes that are no picture, or one too large to be opened safely."""


@dataclass(frozen=True)
class _File:
    """What the file says before its pixels are decoded."""

    width_px: int
    height_px: int
    is_jpeg: bool
    luma_table: float
    chroma_table: float
    chroma_shared: float


def picture_features(data: bytes) -> Floats:
    """The features of one stored picture in the order of `FEATURES`.

    Raises:
        UnreadablePictureError: the bytes are no picture.
    """
    file, pixels = _decoded(data)
    colour, header, borders = _colour(pixels), _header(pixels), _borders(pixels)
    count = file.width_px * file.height_px
    size = [math.log(file.width_px), math.log(file.height_px), math.log(file.width_px / file.height_px)]
    tables = [float(file.is_jpeg), file.luma_table, file.chroma_table, file.chroma_shared]
    compression = [math.log(len(data)), math.log(len(data) / count), *tables]
    return np.array([*colour, *header, *borders, *size, *compression])


def _decoded(data: bytes) -> tuple[_File, Floats]:
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data)) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise UnreadablePictureError("it has too many pixels")
                file = _File(image.width, image.height, *_jpeg_tables(image))
                image.draft("RGB", (SAMPLE_PX, SAMPLE_PX))
                small = image.convert("RGB")
                small.thumbnail((SAMPLE_PX, SAMPLE_PX), Image.Resampling.BOX)
                return file, np.asarray(small, dtype=np.float64)
    except (
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as error:
        raise UnreadablePictureError("it cannot be opened as a picture") from error


def _jpeg_tables(image: object) -> tuple[bool, float, float, float]:
    """Mean entries of the luma and the chroma table, and how many pixels share one colour; zeros for other
    files.
    """
    tables = getattr(image, "quantization", None)
    if not tables:
        return False, 0.0, 0.0, 0.0
    means = [float(np.mean(tables[key])) for key in sorted(tables)]
    layers = getattr(image, "layer", None) or []
    shared = float(layers[0][1] * layers[0][2]) if layers else 0.0
    return True, means[0], means[1] if len(means) > 1 else 0.0, shared


def _colour(pixels: Floats) -> list[float]:
    red, green, blue = (float(pixels[..., channel].mean()) for channel in range(3))
    return [red, green, blue, red - blue, green - blue]


def _header(pixels: Floats) -> list[float]:
    grey = pixels.mean(axis=2)
    strip = grey[: max(1, round(HEADER_SHARE * len(grey)))]
    ink = float((strip < INK * np.quantile(strip, 0.9)).mean())
    return [float(strip.mean()), ink, float(strip.mean() - grey.mean())]


def _borders(pixels: Floats) -> list[float]:
    grey = pixels.mean(axis=2)
    high, wide = (max(1, round(BORDER_SHARE * side)) for side in grey.shape)
    strips = [grey[:, :wide], grey[:, -wide:], grey[-high:]]
    means = [float(strip.mean()) for strip in strips]
    return [*means, float(np.std(means))]
