"""Whether stored pictures can still be read: there, unchanged, and whole."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Final

from pipeline.dataset.records import ImageRef

MISSING: Final = "missing"
CHANGED: Final = "changed"
UNDECODABLE: Final = "undecodable"

_AT_ONCE: Final = 100


def picture_faults(pictures: Iterable[ImageRef], path_of: Callable[[str], Path]) -> dict[str, str]:
    """The pictures that cannot be read, as SHA-256 -> `missing`, `changed` or `undecodable`; each looked at once."""
    distinct = list({picture.sha256: picture for picture in pictures}.values())
    parts = [distinct[start : start + _AT_ONCE] for start in range(0, len(distinct), _AT_ONCE)]
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
        found = pool.map(lambda part: [picture_fault(one, path_of(one.sha256)) for one in part], parts)
        faults = zip(distinct, (fault for part in found for fault in part), strict=True)
        return {picture.sha256: fault for picture, fault in faults if fault is not None}


def picture_fault(picture: ImageRef, path: Path) -> str | None:
    """Why a stored picture cannot be read, or None.

    Its bytes must have the hash it is named by, its head the size in the register, and its end be there; a PNG's
    checksums must hold. Pixels are not decoded: what has the right hash was written by the store itself.
    """
    try:
        data = path.read_bytes()
    except OSError:
        return MISSING
    if hashlib.sha256(data).hexdigest() != picture.sha256:
        return CHANGED
    return None if _is_whole(data, (picture.width_px, picture.height_px)) else UNDECODABLE


def _is_whole(data: bytes, size: tuple[int, int]) -> bool:
    from PIL import Image

    try:
        with Image.open(BytesIO(data), formats=("JPEG", "PNG")) as image:
            if image.size != size:
                return False
            if image.format == "JPEG":
                return data.rstrip(b"\0").endswith(b"\xff\xd9")
            image.verify()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return False
    return True
