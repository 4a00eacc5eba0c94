"""Questions about page images -> the tensors a Qwen-VL model takes, several at once, padded on the left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from db.errors import EchoDeskError
from labeling.readers.prompts import Prompt, conversation, local_picture

if TYPE_CHECKING:
    from PIL.Image import Image

    from labeling.readers.qwen.model import LoadedModel

# 28 x 28 px become one token (32 x 32 for Qwen3-VL), and a model's time for a page grows with its tokens. A
# sheet of A4 at 150 dots per inch has 2774 such squares. Body print on it has letters of 22-26 px, digits
# about 16 px tall, table print digits about 11 px. At 2048 tokens they are 14 and 10 px tall: 3, 6 and 8 keep
# apart. At 1280 tokens, a third less work, table digits shrink to 7 px, below what reads reliably.
MAX_PIXELS: Final = 2048 * 28 * 28
# A crop of one line is enlarged to this: what a large letter shows costs little.
MIN_PIXELS: Final = 256 * 28 * 28


@dataclass(frozen=True)
class PixelBounds:
    """Least and most area of a picture as the model sees it, in pixels; the shape is kept.

    Cost: one token for every 28 x 28 px. A4 at 1280 * 28 * 28 is 1280 tokens; twice the area is twice the
    time and memory for reading a page, and more than twice in the picture part, where every patch attends to
    every other.
    """

    min_pixels: int = MIN_PIXELS
    max_pixels: int = MAX_PIXELS

    def __post_init__(self) -> None:
        if not 0 < self.min_pixels <= self.max_pixels:
            raise EchoDeskError(
                f"the pixel bounds {self.min_pixels} and {self.max_pixels} are not in order",
                "Give a --max-pixels that is at least --min-pixels.",
            )


@dataclass(frozen=True)
class Question:
    """What is asked about a report or a piece of one: its pictures in order, and the prompt."""

    images: tuple[Image, ...]
    prompt: Prompt


def picture_tokens(question: Question, loaded: LoadedModel, bounds: PixelBounds) -> int:
    """How many tokens the pictures of a question will be.

    Raises:
        EchoDeskError: a picture is a strip so narrow that the model takes none such.
    """
    from qwen_vl_utils import smart_resize

    side = loaded.token_side_px
    total = 0
    for number, image in enumerate(question.images, start=1):
        try:
            height, width = smart_resize(
                image.height,
                image.width,
                factor=side,
                min_pixels=bounds.min_pixels,
                max_pixels=bounds.max_pixels,
            )
        except (ValueError, ZeroDivisionError):
            raise EchoDeskError(
                f"page {number} is {image.width} x {image.height} px, a strip no model can read",
                "Cut the page out of the picture again.",
            ) from None
        total += (height // side) * (width // side)
    return total


def model_inputs(questions: Sequence[Question], loaded: LoadedModel, bounds: PixelBounds) -> dict[str, Any]:
    """The tensors of a batch on the model's device: token numbers, masks, pixels and grid sizes.

    Every picture is resized once, here, to whole squares; the processor only scales and cuts it.
    """
    from qwen_vl_utils import process_vision_info

    pixels = {"min_pixels": bounds.min_pixels, "max_pixels": bounds.max_pixels}
    conversations = [
        conversation([local_picture(image, **pixels) for image in question.images], question.prompt)
        for question in questions
    ]
    texts = [
        loaded.processor.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        for messages in conversations
    ]
    pictures, _ = process_vision_info(conversations, image_patch_size=loaded.patch_px)
    inputs = loaded.processor(
        text=texts,
        images=pictures,
        padding=True,
        padding_side="left",
        return_tensors="pt",
        images_kwargs={"do_resize": False},
    )
    return dict(inputs.to(loaded.device))


def with_answer_begun(inputs: dict[str, Any], tokens: Sequence[int]) -> dict[str, Any]:
    """The inputs with the first tokens of the answer put down already, the same for every question of the
    batch.
    """
    import torch

    if not tokens:
        return inputs
    ids = inputs["input_ids"]
    begun = torch.tensor([list(tokens)], dtype=ids.dtype, device=ids.device).expand(len(ids), -1)
    longer = dict(inputs)
    longer["input_ids"] = torch.cat([ids, begun], dim=1)
    longer["attention_mask"] = torch.cat([inputs["attention_mask"], torch.ones_like(begun)], dim=1)
    kinds = inputs.get("mm_token_type_ids")
    if kinds is not None:
        longer["mm_token_type_ids"] = torch.cat([kinds, torch.zeros_like(begun).to(kinds.dtype)], dim=1)
    return longer
