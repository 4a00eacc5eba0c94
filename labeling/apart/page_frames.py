"""Pages as a decoding process sends them: their facts, then their pixels or the bytes to store."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import PIL.Image

from db.apart.frames import Frame
from labeling.pages.opening import iter_pages
from labeling.pages.page import Page, PageLimits, TextLayer

# Pixels travel in strips, so that no second copy of a large page is held.
STRIP_BYTES: Final = 4_000_000
BANDS: Final = {"L": 1, "RGB": 3}


def facts_of(page: Page) -> dict[str, Any]:
    """What a page says besides its picture, as plain JSON."""
    layer = page.layer.as_bytes().decode() if page.layer is not None else None
    return {"number": page.number, "lossy": page.lossy, "layer": layer}


def said_of(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a page back from `facts_of`."""
    layer = facts["layer"]
    return {
        "number": int(facts["number"]),
        "lossy": bool(facts["lossy"]),
        "layer": TextLayer.from_bytes(str(layer).encode()) if layer is not None else None,
    }


def frames_of(path: Path, limits: Mapping[str, Any]) -> Iterator[Frame]:
    """Every page of a file with its pixels."""
    for page in iter_pages(path, PageLimits(**limits)):
        yield _pixels(page.image, {"page": facts_of(page)})


def encoded_frames_of(
    path: Path, limits: Mapping[str, Any], number: int | None, is_lossy: bool | None
) -> Iterator[Frame]:
    """Every page of a file, or the one asked for, as it is stored.

    A page that is decoded is told at once: what it takes to encode a large one is time of its own.
    """
    from db.store.images import encode_picture

    for page in iter_pages(path, PageLimits(**limits)):
        if number not in (None, page.number):
            continue
        facts = {"page": facts_of(page)}
        yield Frame({"is_decoded": True})
        encoded = encode_picture(page.image, lossy=page.lossy if is_lossy is None else is_lossy)
        told = {name: value for name, value in vars(encoded).items() if name != "data"}
        yield Frame(facts | {"encoded": told}, len(encoded.data), (encoded.data,))


def count_frames_of(path: Path, limits: Mapping[str, Any]) -> Iterator[Frame]:
    """The number of every page of a file, once it is decoded; the last is how many there are."""
    for page in iter_pages(path, PageLimits(**limits)):
        yield Frame({"pages": page.number})


def header_frame_of(path: Path) -> Frame:
    """Whose a DICOM file says it is."""
    from labeling.pages.dicom import header_of

    header = header_of(path)
    refusal = header.refusal
    told = {
        "patient_id": header.patient_id,
        "study": header.study,
        "study_date": header.study_date.isoformat() if header.study_date else None,
        "order": header.order,
        "refusal": (refusal.code, refusal.message, refusal.hint) if refusal else None,
    }
    return Frame({"header": told})


def stored_frame_of(data: bytes) -> Frame:
    """The pixels of a stored picture, as it is looked at."""
    from PIL import ImageOps

    with PIL.Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as image:
        ImageOps.exif_transpose(image, in_place=True)
        image.load()
        return _pixels(image if image.mode in BANDS else image.convert("RGB"), {})


def _pixels(image: PIL.Image.Image, facts: Mapping[str, Any]) -> Frame:
    size = image.width * image.height * BANDS[image.mode]
    return Frame({**facts, "mode": image.mode, "size": image.size}, size, _strips(image))


def _strips(image: PIL.Image.Image) -> Iterator[bytes]:
    rows = rows_a_strip(image.width, image.mode)
    for top in range(0, image.height, rows):
        yield image.crop((0, top, image.width, min(top + rows, image.height))).tobytes()


def rows_a_strip(width: int, mode: str) -> int:
    """How many rows of pixels are sent at once."""
    return max(1, STRIP_BYTES // max(1, width * BANDS[mode]))
