"""Page images and a prompt -> the chat messages of one report; a report of several pages is one conversation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from labeling.readers.prompts import Prompt

if TYPE_CHECKING:
    from PIL.Image import Image

Message = dict[str, Any]


def conversation(pictures: Sequence[dict[str, Any]], prompt: Prompt) -> list[Message]:
    """The system message, then one message with every picture in order and the question after them.

    The question comes last, because a model answers what it read last; nothing of a report is put into words
    here.

    Args:
        pictures: parts as the receiver wants them: `local_picture`, or an address for a server.
    """
    return [
        {"role": "system", "content": prompt.system},
        {"role": "user", "content": [*pictures, {"type": "text", "text": prompt.user}]},
    ]


def local_picture(image: Image, *, min_pixels: int, max_pixels: int) -> dict[str, Any]:
    """A decoded page as qwen-vl-utils takes it: resized once, to an area within these bounds, the shape kept."""
    return {"type": "image", "image": image, "min_pixels": min_pixels, "max_pixels": max_pixels}
