"""The pages of a file, opened at arm's length: a decoder that hangs, grows or breaks down costs that file.

The one way to a foreign page: intake, `read`, extraction, the desk's region reading and masking come through
here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import PIL.Image

from db.apart.decoder import Answer, answers
from db.apart.limits import ApartLimits
from labeling.apart.kind import FILES
from labeling.apart.page_frames import BANDS, rows_a_strip, said_of
from labeling.pages.page import Page, PageError, PageLimits, TextLayer

if TYPE_CHECKING:
    from db.store.images import EncodedPicture, ImageStore
    from labeling.pages.dicom import DicomHeader


@dataclass(frozen=True)
class EncodedPage:
    """One page as it goes into the store: `number` and `layer` as in `Page`."""

    number: int
    encoded: EncodedPicture
    layer: TextLayer | None = None


def open_pages(path: Path, limits: PageLimits) -> list[Page]:
    """All pages of a file, upright. Raises `PageError` as `iter_pages` does."""
    return list(iter_pages(path, limits))


def iter_pages(path: Path, limits: PageLimits) -> Iterator[Page]:
    """The pages of a file one at a time.

    Raises:
        PageError: at the first page that can't be had, also `too_slow`, `too_much_memory` and `stopped`.
    """
    for answer in _answers("pages", {"path": str(path), "limits": asdict(limits)}, limits):
        image = _image(answer, limits.max_pixels)
        yield Page(image=image, **said_of(answer.facts["page"]))


def encoded_pages(
    path: Path, limits: PageLimits, *, page: int | None = None, is_lossy: bool | None = None
) -> Iterator[EncodedPage]:
    """The pages of a file as they are stored, or the one asked for.

    Args:
        page: its number; None for all.
        is_lossy: how to encode; None as suits the file.

    Raises:
        PageError: as `iter_pages`.
    """
    from db.store.images import EncodedPicture

    arguments = {
        "path": str(path), "limits": asdict(limits), "page": page, "is_lossy": is_lossy,
    }  # fmt: skip
    for answer in _answers("encoded", arguments, limits):
        encoded = EncodedPicture(data=answer.read(answer.size), **answer.facts["encoded"])
        said = said_of(answer.facts["page"])
        yield EncodedPage(said["number"], encoded, said["layer"])


def dicom_header(path: Path, limits: PageLimits | None = None) -> DicomHeader:
    """Whose a DICOM file says it is.

    Raises:
        PageError: it can't be told within the limits.
    """
    from labeling.pages.dicom import DicomHeader

    (answer,) = _answers("header", {"path": str(path)}, limits or PageLimits())
    told = answer.facts["header"]
    number, place = told["order"]
    return DicomHeader(
        patient_id=str(told["patient_id"]),
        study=str(told["study"]),
        study_date=date.fromisoformat(told["study_date"]) if told["study_date"] else None,
        order=(int(number), int(place)),
        refusal=PageError(*map(str, told["refusal"])) if told["refusal"] else None,
    )


def page_count(path: Path, limits: PageLimits) -> int:
    """How many pages a file has, every one decoded and none kept. Raises `PageError` as `iter_pages` does."""
    answers = _answers("count", {"path": str(path), "limits": asdict(limits)}, limits)
    return max(int(answer.facts["pages"]) for answer in answers)


def stored_page(store: ImageStore, sha256: str, limits: PageLimits | None = None) -> PIL.Image.Image:
    """A picture of the store.

    Raises:
        FileNotFoundError: it is not in the store.
        PageError: it can't be decoded within the limits.
    """
    return stored_picture(store.path(sha256).read_bytes(), limits or PageLimits())


def stored_picture(data: bytes, limits: PageLimits | None = None) -> PIL.Image.Image:
    """The pixels of a stored picture, mode RGB or L.

    Raises:
        PageError: it can't be decoded within the limits.
    """
    limits = limits or PageLimits()
    pictures = [
        _image(answer, PIL.Image.MAX_IMAGE_PIXELS or 0) for answer in _answers("stored", {}, limits, data)
    ]
    return pictures[0]


def _answers(
    operation: str, arguments: dict[str, Any], limits: PageLimits, payload: bytes = b""
) -> Iterator[Answer]:
    apart = ApartLimits(step_s=limits.page_s)
    with closing(cast("Any", answers(FILES, operation, arguments, apart, payload))) as found:
        yield from found


def _image(answer: Answer, max_pixels: int) -> PIL.Image.Image:
    """The picture that comes with an answer, put together strip by strip."""
    mode, (width, height) = str(answer.facts["mode"]), answer.facts["size"]
    # What a process says that a file may have taken over is not believed.
    if mode not in BANDS or width * height > max_pixels or answer.size != width * height * BANDS[mode]:
        raise FILES.error("stopped", ApartLimits())
    image = PIL.Image.new(mode, (width, height))
    rows = rows_a_strip(width, mode)
    for top in range(0, height, rows):
        size = (width, min(rows, height - top))
        strip = answer.read(size[0] * size[1] * BANDS[mode])
        image.paste(PIL.Image.frombuffer(mode, size, strip, "raw", mode, 0, 1), (0, top))
    return image
