"""How much processor time the decoding of a photograph may take: not much more than good ones need.

Measured on one core of a small machine, pictures with noise in them: a JPEG of 48 megapixels 0.14 s, in
several scans 0.47; PNG, TIFF and WebP of 16 megapixels 0.07-0.66; HEIC of 12 megapixels 0.83; the page of a
PDF with 16 megapixels on it 0.12. Four times that is left to slower machines, and half a second for files
that are small.
"""

from __future__ import annotations

from typing import Final

# Of a PDF, whose page may hold many strokes, and of a picture until it has said how large it is.
UNREAD_CPU_S: Final = 2.0
_MOST_CPU_S: Final = 4.0
_LEAST_CPU_S: Final = 0.5
_MEGAPIXEL_S: Final = {"JPEG": 0.04, "MPO": 0.04, "HEIF": 0.28}
_OTHER_MEGAPIXEL_S: Final = 0.16


def cpu_s_for(kind: str, pixels: int) -> float:
    """Most processor seconds for a picture whose header was read.

    Args:
        kind: its format, as Pillow names it. pixels: width x height.
    """
    return min(_MOST_CPU_S, _LEAST_CPU_S + _MEGAPIXEL_S.get(kind, _OTHER_MEGAPIXEL_S) * pixels / 1e6)
