"""The small Qwen2-VL, its tokenizer, and its dialogues as token ids: real classes, short answers."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from printing import MAX_PIXELS, VIEW_PX
from wording import crops

from labeling.readers.answer_schema import CLOSED_KEYS, answer_schema
from labeling.readers.prompts import PROMPTS

sys.path.append(str(Path(__file__).resolve().parents[2] / "labeling"))
from tiny_qwen import build_tiny_qwen  # noqa: E402

GRID = (1, VIEW_PX[1] // 14, VIEW_PX[0] // 14)
IMAGE_TOKENS = GRID[1] * GRID[2] // 4
IGNORED = -100


def build(
    folder: Path, *, seed: int, text_hidden: int, text_layers: int, vision_hidden: int, vision_layers: int
) -> None:
    """Write an untrained checkpoint whose tokenizer says the prompts and the keys of the form in one token
    each.
    """
    keys = list(answer_schema()["properties"])
    closed = sorted({f'"{value}"' for values in CLOSED_KEYS.values() for value in values})
    whole = ['{"' + keys[0] + '":', *(f',"{key}":' for key in keys[1:]), *closed]
    prompts = [PROMPTS[name] for name in PROMPTS]
    whole += list(dict.fromkeys(text for prompt in prompts for text in (prompt.system, prompt.user)))
    rng = np.random.default_rng([seed, 7])
    texts = []
    for crop, _ in zip(crops(rng, level=1), range(3000), strict=False):
        texts += [f'"{quote}"' for quote in crop.quotes.values()]
        texts.append(crop.answer)
    build_tiny_qwen(
        folder,
        seed=seed,
        text_hidden=text_hidden,
        text_layers=text_layers,
        vision_hidden=vision_hidden,
        vision_layers=vision_layers,
        vision_heads=4,
        vocabulary=900,
        extra_texts=texts,
        max_pixels=MAX_PIXELS,
        whole_tokens=whole,
        single_digits=True,
    )


def patches(views: NDArray[np.uint8]) -> torch.Tensor:
    """What the processor makes of gray pictures: normalised, cut into patches in the order of their merged
    tokens.

    Args:
        views: pictures x height x width.
    """
    mean = torch.tensor([0.48145466, 0.4578275, 0.40821073])
    spread = torch.tensor([0.26862954, 0.26130258, 0.27577711])
    count, rows, columns = len(views), GRID[1], GRID[2]
    gray = torch.tensor(views).float() / 255
    gray = gray.view(count, rows // 2, 2, 14, columns // 2, 2, 14).permute(0, 1, 4, 2, 5, 3, 6)
    flat = gray.reshape(count * rows * columns, 1, 14 * 14)
    coloured = (flat - mean[None, :, None]) / spread[None, :, None]
    return coloured[:, :, None].expand(-1, -1, 2, -1).reshape(count * rows * columns, 3 * 2 * 14 * 14)


@dataclass
class Dialogues:
    """A batch of dialogues, padded on the right.

    Attributes:
        ids, mask, labels: dialogue x token; labels are IGNORED everywhere but in the answer.
        positions: 3 x dialogue x token.
    """

    ids: torch.Tensor
    mask: torch.Tensor
    labels: torch.Tensor
    positions: torch.Tensor


class Dialogue:
    """Turns answers into batches; the part before the answer is the same for all pictures of the view's
    size.
    """

    def __init__(self, model: Any, processor: Any, prompt_id: str = "read-1") -> None:
        tokenizer = processor.tokenizer
        prompt = PROMPTS[prompt_id]
        messages = [
            {"role": "system", "content": prompt.system},
            {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": prompt.user}]},
        ]
        text = processor.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        text = text.replace("<|image_pad|>", "<|image_pad|>" * IMAGE_TOKENS)
        self.tokenizer = tokenizer
        self.prefix: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
        self.image_id: int = tokenizer.convert_tokens_to_ids("<|image_pad|>")
        ids = torch.tensor([self.prefix])
        kinds = (ids == self.image_id).int()
        positions, _ = model.model.get_rope_index(ids, kinds, image_grid_thw=torch.tensor([GRID]))
        self._positions = positions[:, 0]

    def batch(self, answers: Sequence[str]) -> Dialogues:
        """Dialogues with these answers."""
        end = self.tokenizer.convert_tokens_to_ids("<|im_end|>")
        rows = [[*self.tokenizer(answer, add_special_tokens=False)["input_ids"], end] for answer in answers]
        longest, start = max(map(len, rows)), len(self.prefix)
        ids = torch.full((len(rows), start + longest), self.tokenizer.pad_token_id)
        ids[:, :start] = torch.tensor(self.prefix)
        labels = torch.full_like(ids, IGNORED)
        for row, tokens in enumerate(rows):
            ids[row, start : start + len(tokens)] = torch.tensor(tokens)
            labels[row, start : start + len(tokens)] = torch.tensor(tokens)
        mask = torch.ones_like(ids)
        mask[:, start:] = (labels[:, start:] != IGNORED).long()
        following = self._positions[:, -1:] + 1 + torch.arange(longest)[None]
        positions = torch.cat([self._positions, following], dim=1)[:, None].expand(3, len(rows), -1)
        return Dialogues(ids, mask, labels, positions)


def picture_features(model: Any, views: NDArray[np.uint8]) -> torch.Tensor:
    """pictures x image tokens x width of the text part."""
    grid = torch.tensor([GRID] * len(views))
    out = model.model.visual(patches(views), grid_thw=grid)
    features = out.pooler_output if hasattr(out, "pooler_output") else out
    return features.view(len(views), IMAGE_TOKENS, -1)


def answer_logits(
    model: Any, dialogues: Dialogues, features: torch.Tensor, image_id: int
) -> tuple[Any, torch.Tensor]:
    """Scores of the answer's tokens given the features of the pictures, and the tokens they should be."""
    embedded = model.get_input_embeddings()(dialogues.ids)
    place = (dialogues.ids == image_id)[..., None].expand_as(embedded)
    embedded = embedded.masked_scatter(place, features.to(embedded.dtype))
    hidden = model.model.language_model(
        inputs_embeds=embedded,
        attention_mask=dialogues.mask,
        position_ids=dialogues.positions,
        use_cache=False,
    ).last_hidden_state
    targets = dialogues.labels[:, 1:]
    wanted = targets != IGNORED
    return model.lm_head(hidden[:, :-1][wanted]), targets[wanted]
