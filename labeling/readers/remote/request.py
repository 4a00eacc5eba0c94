"""Report pages and a prompt -> the body of a chat request: pictures as data addresses, nothing but pixels in
them.
"""

from __future__ import annotations

import base64
import copy
import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from PIL import Image

from labeling.readers.prompts import Message

# The side of a square the vision model takes as one token (14 px patches, merged 2 x 2).
SIDE_STEP_PX: Final = 28
# Like the image store's: nothing visible is lost on a page that was a JPEG already.
_JPEG_QUALITY: Final = 95
# How many alternatives to ask for at each token; enough to see the other allowed answers of a closed field.
TOP_LOGPROBS: Final = 8


@dataclass(frozen=True)
class AskFor:
    """What besides the answer a server is asked for; one that refuses is asked with less.

    Attributes:
        schema: the answer held to the JSON schema by the server.
        logprobs: the probability of every token.
        bounded: that schema with the length of quotes in it. A grammar that counts to 160 letters takes
            servers a minute to prepare and slows every token of a quote, so it is left out until an answer
            proves too long.
    """

    schema: bool = True
    logprobs: bool = True
    bounded: bool = False


def fitted_size(width_px: int, height_px: int, *, min_pixels: int, max_pixels: int) -> tuple[int, int]:
    """The size a page is sent at: both sides multiples of 28, the area within the bounds, the shape kept.

    It is the size the model's own processor would choose, so that the page is resized once and here.
    """
    step = SIDE_STEP_PX
    width, height = (max(step, round(side / step) * step) for side in (width_px, height_px))
    if width * height > max_pixels:
        shrink = math.sqrt(width_px * height_px / max_pixels)
        width, height = (max(step, math.floor(side / shrink / step) * step) for side in (width_px, height_px))
    elif width * height < min_pixels:
        grow = math.sqrt(min_pixels / (width_px * height_px))
        width, height = (math.ceil(side * grow / step) * step for side in (width_px, height_px))
    return width, height


def remote_picture(image: Image.Image, *, is_lossy: bool, min_pixels: int, max_pixels: int) -> dict[str, Any]:
    """One page as a part of a message: pixels only, as JPEG where it was compressed with loss before, else
    PNG.
    """
    size = fitted_size(*image.size, min_pixels=min_pixels, max_pixels=max_pixels)
    pixels = image.convert("RGB" if image.mode != "L" else "L")
    if pixels.size != size:
        pixels = pixels.resize(size, Image.Resampling.BICUBIC)
    bare = Image.new(pixels.mode, pixels.size)
    bare.paste(pixels)
    buffer = io.BytesIO()
    if is_lossy:
        bare.save(buffer, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
    else:
        bare.save(buffer, "PNG", compress_level=1)  # thrown away after the request: speed before size
    kind = "jpeg" if is_lossy else "png"
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    return {"type": "image_url", "image_url": {"url": f"data:image/{kind};base64,{data}"}}


@dataclass(frozen=True)
class Question:
    """What a model is asked: the conversation, the form of the answer, and how to tell that an answer lacks
    it.

    Attributes:
        fault_of: answer -> what is wrong with it by code, empty when nothing is.
    """

    messages: Sequence[Message]
    schema: Mapping[str, Any]
    fault_of: Callable[[str], str]


def sent_schema(schema: Mapping[str, Any], *, bounded: bool) -> dict[str, Any]:
    """A schema as a server gets it; without bounds a quote is any string, and our parser is left to measure
    it.
    """
    sent: dict[str, Any] = copy.deepcopy(dict(schema))
    if not bounded:
        for value in sent["properties"].values():
            for choice in value.get("anyOf", ()):
                choice.pop("maxLength", None)
    return sent


def request_body(
    question: Question, *, model: str, max_answer_tokens: int, ask_for: AskFor
) -> dict[str, Any]:
    """What is posted to `/v1/chat/completions`."""
    body: dict[str, Any] = {
        "model": model,
        "messages": list(question.messages),
        "temperature": 0,
        "max_tokens": max_answer_tokens,
    }
    if ask_for.schema:
        schema = sent_schema(question.schema, bounded=ask_for.bounded)
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "echo_report", "schema": schema, "strict": True},
        }
    if ask_for.logprobs:
        body["logprobs"] = True
        body["top_logprobs"] = TOP_LOGPROBS
    return body


_LOGPROBS, _SCHEMA = "logprobs", "response_format"
# The words a refusal names them with.
_NAMES: Final = {
    _LOGPROBS: ("logprobs",),
    _SCHEMA: ("response_format", "json_schema", "grammar", "structured"),
}


def without(ask_for: AskFor, lacks: frozenset[str]) -> AskFor:
    """The same wishes less those a server refused."""
    return AskFor(
        schema=ask_for.schema and _SCHEMA not in lacks,
        logprobs=ask_for.logprobs and _LOGPROBS not in lacks,
        bounded=ask_for.bounded,
    )


def what_was_refused(status: int, refusal: str, asked_for: AskFor) -> str:
    """Which wish to leave out after a 400 or 422; empty when there is none left to blame.

    The one the refusal names, else the probabilities first: the form is worth more.

    Args:
        refusal: what the server said, in lower case.
    """
    if status not in (400, 422):
        return ""
    wanted = [name for name, asked in ((_LOGPROBS, asked_for.logprobs), (_SCHEMA, asked_for.schema)) if asked]
    named = [name for name in wanted if any(word in refusal for word in _NAMES[name])]
    return (named or wanted or [""])[0]
