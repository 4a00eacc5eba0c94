"""Whether stored pictures can still be read: there, unchanged, and whole."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Final

from db.files.manifest import sha256_of
from db.processes import processors
from pipeline.dataset.records import ImageRef

MISSING: Final = "missing"
CHANGED: Final = "changed"
UNDECODABLE: Final = "undecodable"

# Hashing lets go of the interpreter from this size on; for smaller files threads only wait for each other.
_LARGE: Final = 128 * 1024


def picture_faults(pictures: Iterable[ImageRef], path_of: Callable[[str], Path]) -> dict[str, str]:
    """The pictures that cannot be read, as SHA-256 -> `missing`, `changed` or `undecodable`; each looked at
    once.

    A picture's bytes must have the hash it is named by, its head the size in the register, and its end be
    there; a PNG's checksums must hold. Pixels are not decoded: what has the right hash was written by the
    store itself.
    """
    distinct = {picture.sha256: picture for picture in pictures}
    found: dict[str, str | None] = {}
    workers = processors()
    hashing: deque[tuple[ImageRef, bytes, Future[str]]] = deque()

    def settle(left: int) -> None:
        while len(hashing) > left:
            picture, data, digest = hashing.popleft()
            found[picture.sha256] = _fault(picture, data, digest.result())

    with ThreadPoolExecutor(workers) as pool:
        for sha256, picture in distinct.items():
            try:
                data = path_of(sha256).read_bytes()
            except OSError:
                found[sha256] = MISSING
                continue
            if len(data) < _LARGE:
                found[sha256] = _fault(picture, data, sha256_of(data))
                continue
            hashing.append((picture, data, pool.submit(sha256_of, data)))
            settle(workers)
        settle(0)
    return {sha256: fault for sha256 in distinct if (fault := found[sha256]) is not None}


def _fault(picture: ImageRef, data: bytes, sha256: str) -> str | None:
    if sha256 != picture.sha256:
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
