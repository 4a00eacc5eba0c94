"""A photograph decoded at arm's length: one that hangs, grows or breaks its decoder costs itself alone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from threading import BoundedSemaphore
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from db.apart.decoder import Answer, answers, warm
from db.apart.kind import Kind
from db.apart.limits import ApartLimits
from db.errors import EchoDeskError
from pipeline.serving.photos.budget import UNREAD_CPU_S

Pixels = NDArray[np.uint8]

# Photographs that are decoded at the same time: one that takes as long as it may holds up no other.
AT_ONCE: Final = 3
_SEND_AGAIN: Final = "Send the original photo."
_PHOTOS: Final = Kind(
    "pipeline.serving.photos.decoding",
    lambda _code, message, hint: EchoDeskError(message, hint),
    {
        "too_slow": ("photo: opening it takes too long", _SEND_AGAIN),
        "too_much_memory": ("photo: opening it takes too much memory", _SEND_AGAIN),
        "stopped": ("photo: the file is damaged and can't be decoded", _SEND_AGAIN),
        "damaged": ("photo: the file is damaged and can't be decoded", _SEND_AGAIN),
    },
    is_kept_warm=True,
    kept_idle=AT_ONCE,
)
# The largest that are taken need 400 MB. By the clock there is more time than a processor's: much else may be
# going on. What a picture may take is said by `decoding` once its header is read.
_LIMITS: Final = ApartLimits(step_s=20.0, memory_bytes=600_000_000, steps=1, cpu_s=UNREAD_CPU_S)
_PLACES: Final = BoundedSemaphore(AT_ONCE)
# Of the largest picture that `decoding` lets through.
_MOST_PIXELS: Final = 60_000_000


def decoded_apart(data: bytes, *, when_decoded: Callable[[], object] = lambda: None) -> Pixels:
    """The picture in a file (RGB, uint8, read-only); see `first_apart`."""
    return first_apart(data, when_decoded=when_decoded)[0]


def first_apart(data: bytes, *, when_decoded: Callable[[], object] = lambda: None) -> tuple[Pixels, int]:
    """The first page or picture in a file (RGB, uint8, read-only), and how many it has.

    Args:
        when_decoded: called before its pixels are taken over, which stay where they were decoded until then;
            it may wait.

    Raises:
        EchoDeskError: it is none, damaged, too large, or not to be decoded within the limits.
        NoProcessError: no process can be started for it.
    """
    found = answers(_PHOTOS, "photo", {}, _LIMITS, data)
    with _PLACES, closing(cast("Any", found)):
        (taken,) = [_taken_over(answer, when_decoded) for answer in found]
    return taken


def get_ready() -> None:
    """Have a decoding process start while other things are done."""
    warm(_PHOTOS)


def _taken_over(answer: Answer, when_decoded: Callable[[], object]) -> tuple[Pixels, int]:
    when_decoded()
    return _image(answer), max(1, _whole(answer.facts.get("pages")))


def _image(answer: Answer) -> Pixels:
    """The pixels that come with an answer."""
    height, width = _whole(answer.facts.get("height")), _whole(answer.facts.get("width"))
    # What a process says that a file may have taken over is not believed.
    if not 0 < width * height <= _MOST_PIXELS or answer.size != width * height * 3:
        raise _PHOTOS.error("stopped", _LIMITS)
    return np.frombuffer(answer.read(answer.size), np.uint8).reshape(height, width, 3)


def _whole(told: object) -> int:
    return told if isinstance(told, int) and told > 0 else 0
