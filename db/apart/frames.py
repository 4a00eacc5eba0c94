"""What passes between us and a decoding process: plain facts and bytes, never objects."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

_HEAD: Final = struct.Struct(">IQ")
# Nobody describes anything in more; what a table says is sent in several.
_MAX_FACTS_BYTES: Final = 256_000_000


class BrokenFrameError(Exception):
    """The other side is gone, or says what makes no sense."""


@dataclass(frozen=True)
class Frame:
    """One message.

    Attributes:
        facts: anything JSON can hold.
        size: how many bytes come with it.
        pieces: those bytes, in order; made while they are sent.
    """

    facts: Mapping[str, Any]
    size: int = 0
    pieces: Iterable[bytes | memoryview] = ()


def write_frame(stream: BinaryIO, frame: Frame) -> None:
    """Send one message. Raises `OSError` where nobody reads any more."""
    facts = json.dumps(frame.facts).encode("ascii")
    stream.write(_HEAD.pack(len(facts), frame.size) + facts)
    for piece in frame.pieces:
        stream.write(piece)
    stream.flush()


def read_frame(stream: BinaryIO) -> tuple[dict[str, Any], int]:
    """The facts of the next message, and how many bytes are to be read after them.

    Raises:
        BrokenFrameError: the stream ended, or holds no message.
    """
    length, size = _HEAD.unpack(read_exactly(stream, _HEAD.size))
    if length > _MAX_FACTS_BYTES:
        raise BrokenFrameError
    try:
        facts = json.loads(read_exactly(stream, length))
    except ValueError:
        raise BrokenFrameError from None
    if not isinstance(facts, dict):
        raise BrokenFrameError
    return facts, size


def read_exactly(stream: BinaryIO, size: int) -> bytes:
    """So many bytes. Raises `BrokenFrameError` where the stream ends before."""
    data = stream.read(size)
    if data is None or len(data) != size:
        raise BrokenFrameError
    return data
