"""The bytes of a photograph -> its pixels, as the process that decodes it does that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from db.apart.frames import Frame
from db.apart.limits import begin_step
from db.apart.worker import Arguments, Operation
from db.errors import EchoDeskError
from pipeline.imaging import pdf_photo
from pipeline.imaging.photo_file import decode_photo
from pipeline.imaging.preprocess import DECODED_PX, shrunk
from pipeline.serving.photos.budget import cpu_s_for

Pixels = NDArray[np.uint8]

# Only a JPEG can be decoded smaller, so fewer are allowed of other kinds. Together they hold the memory of
# one photograph below 500 MB.
_MAX_JPEG_PIXELS: Final = 60_000_000
_MAX_OTHER_PIXELS: Final = 16_000_000


def decoded(data: bytes, *, begin: Callable[[float], object] = lambda _seconds: None) -> Pixels:
    """The picture in a file, within the limits of memory, for judging it and for the networks.

    A JPEG is decoded smaller where its long side keeps 4,000 pixels.

    Args:
        begin: called with the processor seconds that the picture may take from now on, once that is known.

    Raises:
        EchoDeskError: it is none, damaged, or too large.
    """
    return decoded_first(data, begin=begin)[0]


def decoded_first(
    data: bytes, *, begin: Callable[[float], object] = lambda _seconds: None
) -> tuple[Pixels, int]:
    """As `decoded`, of the first page or picture, and how many the file has."""
    if data.startswith(pdf_photo.MARK):
        return pdf_photo.first_page(data, "photo", max_pixels=_MAX_OTHER_PIXELS)
    is_jpeg = data[:2] == b"\xff\xd8"
    counted = [1]

    def on_header(kind: str, pixels: int, pictures: int) -> None:
        counted.append(pictures)
        begin(cpu_s_for(kind, pixels))

    image = decode_photo(
        data,
        "photo",
        at_least_px=DECODED_PX,
        max_pixels=_MAX_JPEG_PIXELS if is_jpeg else _MAX_OTHER_PIXELS,
        on_header=on_header,
    )
    if min(image.shape[:2]) < 16:
        raise EchoDeskError("photo: hardly any pixels", "Send the original photo.")
    return shrunk(image, DECODED_PX + DECODED_PX // 2), counted[-1]


def _photo(_arguments: Arguments, payload: bytes) -> Iterator[Frame]:
    found, pages = decoded_first(payload, begin=begin_step)
    image = np.ascontiguousarray(found)
    facts = {"height": len(image), "width": len(image[0]), "pages": pages}
    yield Frame(facts, image.nbytes, (image.data.cast("B"),))


OPERATIONS: Final[dict[str, Operation]] = {"photo": _photo}
