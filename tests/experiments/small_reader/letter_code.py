"""What perfect vision would hand over for a page, and how near a vision part is to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from lessons import Lesson
from model import GRID, IMAGE_TOKENS, patches
from printing import ALPHABET, slots

SLOTS_PER_TOKEN = 8
_ACROSS = 44


class LetterCode:
    """A fixed random vector for each letter in each slot of an image token: what perfect vision would hand
    over.
    """

    def __init__(self, width: int) -> None:
        chance = torch.Generator("cpu").manual_seed(11)
        made = torch.randn(SLOTS_PER_TOKEN, len(ALPHABET), width, generator=chance, device="cpu")
        self.code = made.to(torch.get_default_device()) * 0.05
        self.head = torch.nn.Linear(width, SLOTS_PER_TOKEN * len(ALPHABET))

    def places(self, letters_of: list[np.ndarray]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """(token of the batch, slot within it, letter) of every printed letter."""
        tokens, within, letters = [], [], []
        for number, each in enumerate(letters_of):
            found = torch.tensor(slots(each))
            row, column = found[:, 0] // _ACROSS, found[:, 0] % _ACROSS
            tokens.append(number * IMAGE_TOKENS + (row // 2) * (_ACROSS // 4) + column // 4)
            within.append((row % 2) * 4 + column % 4)
            letters.append(found[:, 1])
        return torch.cat(tokens), torch.cat(within), torch.cat(letters)

    def perfect(self, letters_of: list[np.ndarray]) -> torch.Tensor:
        """Features of perfect vision: pictures x image tokens x width."""
        token, slot, letter = self.places(letters_of)
        features = torch.zeros(len(letters_of) * IMAGE_TOKENS, self.code.shape[-1])
        features.index_add_(0, token, self.code[slot, letter])
        return features.view(len(letters_of), IMAGE_TOKENS, -1)

    def loss(self, features: torch.Tensor, letters_of: list[np.ndarray]) -> tuple[torch.Tensor, float]:
        """How far features are from naming the letters, and the share of letters named right."""
        token, slot, letter = self.places(letters_of)
        flat = features.reshape(-1, features.shape[-1])
        scores = self.head(flat).view(len(flat), SLOTS_PER_TOKEN, len(ALPHABET))
        wanted = torch.zeros(scores.shape[:2], dtype=torch.long)
        wanted[token, slot] = letter
        # A wrong digit is a wrong number; a wrong letter is mostly made up for by its neighbours.
        is_digit = (wanted >= ALPHABET.index("0")) & (wanted <= ALPHABET.index("9"))
        weight = (1.0 + 2.0 * is_digit).flatten()
        each = torch.nn.functional.cross_entropy(scores.flatten(0, 1), wanted.flatten(), reduction="none")
        named = (each * weight).sum() / weight.sum()
        right = (scores.argmax(-1) == wanted)[wanted > 0].float().mean().item()
        return named, right

    def head_of_code(self) -> None:
        """Let the head name letters by their code: right for features that keep to it."""
        scale = 16 / (self.code.shape[-1] * 0.05**2)
        with torch.no_grad():
            self.head.weight.copy_(self.code.flatten(0, 1) * scale)
            self.head.bias.zero_()
            # The blank stands half way between a letter's own score and that of any other.
            self.head.weight[:: len(ALPHABET)] = 0.0
            self.head.bias[:: len(ALPHABET)] = 8.0


def teach_merger(
    model: Any, code: LetterCode, stream: Iterator[Lesson], *, batches: int, steps: int
) -> float:
    """Teach the merger alone to hand over the code the words were taught in; gives the share of variance met.

    The layers below stay as they are, so each page goes through them once. A least-squares turn of the
    merger's last layer is not enough: what it has learnt names the letters by its largest scores and is no
    sum of their codes.
    """
    code.head_of_code()
    merger = model.model.visual.merger
    seen: list[torch.Tensor] = []
    letters: list[list[Any]] = []
    with torch.no_grad():
        for _ in range(batches):
            lesson = next(stream)
            assert lesson.views is not None
            grid = torch.tensor([GRID] * len(lesson.views))
            seen.append(model.model.visual(patches(lesson.views), grid_thw=grid).last_hidden_state)
            letters.append(lesson.letters)
    optimiser = torch.optim.AdamW(merger.parameters(), lr=1e-3, betas=(0.9, 0.98))
    left = 1.0
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = 1e-3 * min(1.0, (step + 1) / 20) * (1 - step / steps)
        place = step % batches
        features = merger(seen[place])
        target = code.perfect(letters[place]).view_as(features)
        distance = (features - target).pow(2).mean() / 0.05**2
        named, _ = code.loss(features, letters[place])
        optimiser.zero_grad(set_to_none=True)
        (named + 0.1 * distance).backward()
        optimiser.step()
        left += 0.05 * (float(distance.detach()) * 0.05**2 / float(target.var()) - left)
    return 1 - left
