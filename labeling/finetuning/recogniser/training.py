"""The passes over invented lines: what a network loses on them, and which of its states is kept."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from labeling.words.recognising import batch_of, decoded

if TYPE_CHECKING:
    import numpy as np
    import torch

    from labeling.finetuning.recogniser.capture import Sample

# Pieces are drawn so many at a time and put together by width.
_POOL = 256
# Pieces that are read in one pass.
_TOGETHER = 8


@dataclass(frozen=True)
class RecogniserSettings:
    """How a recogniser is taught.

    Attributes:
        steps: of the weights.
        batch_px: widths of the pieces in one step, together; memory and time go with it.
        rate: peak learning rate; it rises over `warmup` steps and falls along half a cosine.
        averaged: share of the running average of the weights that each step keeps; the average is what is
            judged and written.
        checks: how often the state is judged on the choosing fonts, the beginning not counted.
        choosing, judging: pieces of each fonts kept apart.
        longest_px: of a piece that is taught.
    """

    steps: int = 640
    batch_px: int = 6400
    rate: float = 2e-4
    averaged: float = 0.98
    warmup: int = 20
    weight_decay: float = 0.01
    clip_norm: float = 2.0
    checks: int = 8
    choosing: int = 240
    judging: int = 400
    longest_px: int = 800
    seed: int = 20260401


@dataclass(frozen=True)
class Errors:
    """How wrong a recogniser reads.

    Attributes:
        characters: edits a character, 0 is perfect.
        numbers: numbers (two digits and more) that are not read, of `of_numbers`.
    """

    pieces: int
    characters: float
    numbers: int
    of_numbers: int


@dataclass
class Taught:
    """What came of it: losses by step, errors by check (step -> errors), and the step that was kept."""

    best_step: int = 0
    losses: list[float] = field(default_factory=list)
    checks: dict[int, Errors] = field(default_factory=dict)
    pieces: int = 0


OnStep = Callable[[int, int], None]
OnCheck = Callable[[int, Errors], None]


def teach(
    network: torch.nn.Module,
    characters: Sequence[str],
    samples: Iterator[Sample],
    choosing: Sequence[Sample],
    settings: RecogniserSettings,
    *,
    rng: np.random.Generator,
    on_step: OnStep,
    on_check: OnCheck,
) -> Taught:
    """Teach a network in place; it is left in the state with the fewest character errors on `choosing`.

    The state it begins with is among the candidates.
    """
    import torch

    parameters = [one for one in network.parameters() if one.requires_grad]
    average = [one.detach().clone() for one in parameters]
    optimiser = torch.optim.AdamW(parameters, lr=settings.rate, weight_decay=settings.weight_decay)
    result, best = Taught(), copy.deepcopy(network.state_dict())
    result.checks[0] = errors_of(network, characters, choosing)
    on_check(0, result.checks[0])
    due = {round(settings.steps * (number + 1) / settings.checks) for number in range(settings.checks)}
    for step, batch in enumerate(islice(_batches(samples, settings, rng), settings.steps), start=1):
        for group in optimiser.param_groups:
            group["lr"] = settings.rate * _share_of_rate(step, settings)
        loss = _loss(network, characters, batch)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(parameters, settings.clip_norm)
        optimiser.step()
        _take_in(average, parameters, min(settings.averaged, step / (step + 10)))
        result.losses.append(float(loss.detach()))
        result.pieces += len(batch)
        on_step(step, settings.steps)
        if step in due:
            with _swapped(parameters, average):
                result.checks[step] = errors_of(network, characters, choosing)
                if result.checks[step].characters < result.checks[result.best_step].characters:
                    result.best_step, best = step, copy.deepcopy(network.state_dict())
            on_check(step, result.checks[step])
    network.load_state_dict(best)
    return result


def _take_in(average: Sequence[torch.Tensor], now: Sequence[torch.Tensor], kept: float) -> None:
    for mean, value in zip(average, now, strict=True):
        mean.lerp_(value.detach(), 1 - kept)


@contextmanager
def _swapped(parameters: Sequence[torch.Tensor], others: Sequence[torch.Tensor]) -> Iterator[None]:
    """With the numbers of others in the parameters."""
    own = [one.detach().clone() for one in parameters]
    try:
        _put(parameters, others)
        yield
    finally:
        _put(parameters, own)


def _put(parameters: Sequence[torch.Tensor], others: Sequence[torch.Tensor]) -> None:
    for one, other in zip(parameters, others, strict=True):
        one.data.copy_(other)


def seconds_a_step(
    network: torch.nn.Module,
    characters: Sequence[str],
    samples: Iterator[Sample],
    settings: RecogniserSettings,
    rng: np.random.Generator,
) -> float:
    """How long one step takes here, the drawing of its lines included; nothing is changed."""
    batches = _batches(samples, settings, rng)
    first = next(batches)
    _loss(network, characters, first).backward()  # type: ignore[no-untyped-call]
    started = time.perf_counter()
    _loss(network, characters, next(batches)).backward()  # type: ignore[no-untyped-call]
    network.zero_grad()
    return time.perf_counter() - started


def errors_of(network: Any, characters: Sequence[str], samples: Sequence[Sample]) -> Errors:
    """How wrong a network, or anything that gives chances of a batch, reads pieces."""
    return errors_in([sample.text for sample in samples], read_with(network, characters, samples))


def read_with(network: Any, characters: Sequence[str], samples: Sequence[Sample]) -> list[str]:
    """What a network reads in each piece, those of nearly one width together."""
    import torch

    order = sorted(range(len(samples)), key=lambda index: samples[index].pixels.shape[2])
    said = [""] * len(samples)
    for start in range(0, len(order), _TOGETHER):
        batch = order[start : start + _TOGETHER]
        pixels = torch.from_numpy(batch_of([samples[index].pixels for index in batch]))
        with torch.inference_mode():
            chances = network(pixels.contiguous(memory_format=torch.channels_last)).numpy()
        for index, one in zip(batch, chances, strict=True):
            said[index] = text_of(one, characters)
    return said


def text_of(chances: Any, characters: Sequence[str]) -> str:
    """The text that chances (columns x characters) say."""
    letters = decoded(chances.argmax(axis=1), characters)
    return " ".join("".join(letter for letter, _ in letters).split())


def errors_in(texts: Sequence[str], said: Sequence[str]) -> Errors:
    """How far what was read is from what is printed."""
    import re

    from rapidfuzz.distance import Levenshtein

    edits = sum(Levenshtein.distance(text, one) for text, one in zip(texts, said, strict=True))
    numbers = missed = 0
    for text, one in zip(texts, said, strict=True):
        read = re.findall(r"\d+", one)
        for number in re.findall(r"\d{2,}", text):
            numbers += 1
            missed += number not in read
    return Errors(len(texts), edits / max(1, sum(map(len, texts))), missed, numbers)


def _batches(
    samples: Iterator[Sample], settings: RecogniserSettings, rng: np.random.Generator
) -> Iterator[list[Sample]]:
    """Pieces of nearly one width together, in random order."""
    while True:
        pool = sorted(islice(samples, _POOL), key=lambda sample: sample.pixels.shape[2])
        batches: list[list[Sample]] = [[]]
        for sample in pool:
            if (len(batches[-1]) + 1) * sample.pixels.shape[2] > settings.batch_px and batches[-1]:
                batches.append([])
            batches[-1].append(sample)
        for index in rng.permutation(len(batches)):
            yield batches[index]


def _loss(network: torch.nn.Module, characters: Sequence[str], batch: Sequence[Sample]) -> torch.Tensor:
    import torch

    index_of = {character: index for index, character in enumerate(characters)}
    pixels = torch.from_numpy(batch_of([sample.pixels for sample in batch]))
    log_chances = network(pixels.contiguous(memory_format=torch.channels_last))
    targets = [index_of[letter] for sample in batch for letter in sample.text]
    columns = log_chances.shape[1]
    widest = max(sample.pixels.shape[2] for sample in batch)
    lengths = [max(1, math.ceil(columns * sample.pixels.shape[2] / widest)) for sample in batch]
    loss = torch.nn.functional.ctc_loss(
        log_chances.transpose(0, 1),
        torch.tensor(targets),
        torch.tensor(lengths),
        torch.tensor([len(sample.text) for sample in batch]),
        blank=0,
        zero_infinity=True,
    )
    return loss


def _share_of_rate(step: int, settings: RecogniserSettings) -> float:
    if step <= settings.warmup:
        return step / settings.warmup
    done = (step - settings.warmup) / max(1, settings.steps - settings.warmup)
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done))
