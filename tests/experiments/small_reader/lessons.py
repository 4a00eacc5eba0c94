"""Batches of crops to teach from: made as they are needed, the easy ones first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from printing import print_crop, print_typewriter, shifted, view
from wording import crops, scribble


@dataclass
class Lesson:
    """One batch.

    Attributes:
        answers: what a perfect reader would print; empty for pages without an answer.
        letters: of each picture, see `Printed`.
        views: pictures x height x width, where pictures are needed.
    """

    answers: list[str]
    letters: list[np.ndarray]
    views: np.ndarray | None


# The answer (None for letters in patches, which must stay there), the letters, the view.
Sample = tuple[str | None, np.ndarray, np.ndarray | None]


def lessons(stage: str, seed: int, batch: int, hardness: Callable[[], float]) -> Iterator[Lesson]:
    """Batches without end. Printing is dear, so a printed picture comes back a few times, moved by some
    pixels.

    Args:
        hardness: () -> 0 the easiest lessons, 1 what the reader has to read in the end; asked before each
            batch.
    """
    rng = np.random.default_rng([seed, 1])
    streams = {
        (level, many): crops(rng, level=level, many_digits=many) for level in (0, 1) for many in (False, True)
    }
    pool: list[Sample] = []
    new_share = {"letters": 0.2, "words": 1.0, "together": 0.34}[stage]
    while True:
        chosen: list[Sample] = []
        while len(chosen) < batch:
            if len(pool) < 60 or rng.random() < new_share:
                made = _sample(stage, rng, streams, hardness())
                pool.append(made)
                if len(pool) > 150:
                    pool.pop(int(rng.integers(60)))
                chosen.append(made)
            else:
                chosen.append(_moved(pool[int(rng.integers(len(pool)))], rng))
        views = (
            None if stage == "words" else np.stack([sample[2] for sample in chosen if sample[2] is not None])
        )
        yield Lesson([sample[0] or "" for sample in chosen], [sample[1] for sample in chosen], views)


def _sample(stage: str, rng: np.random.Generator, streams: Any, hardness: float) -> Sample:
    if stage == "letters" and rng.random() < min(1.0, max(0.15, 1.6 - 2 * hardness)):
        # Letters that stand in patches first; lines of words join in when letters anywhere are known.
        printed = print_typewriter(rng, jitter_px=min(7.0, 14 * hardness))
        return None, printed.letters, view(printed.page)
    level = int(rng.random() < hardness)
    many_digits = rng.random() < {"words": 0.6, "together": 0.25, "letters": 0.5}[stage]
    crop = next(streams[level, many_digits])
    if stage == "letters" and rng.random() < 0.6:
        crop = scribble(crop, rng)
    printed = print_crop(crop, rng, level=level, draw=stage != "words")
    return (
        "" if stage == "letters" else crop.answer,
        printed.letters,
        view(printed.page) if stage != "words" else None,
    )


def _moved(sample: Sample, rng: np.random.Generator) -> Sample:
    answer, letters, seen = sample
    if answer is None or seen is None:
        return sample
    # Words must not leave the page: only meaningless pages move far.
    far = 3 if answer else 13  # sideways
    # Too near the rim to move: keep it where it is.
    low, high = letters[:, :2].min(axis=0) - 8, letters[:, :2].max(axis=0) + 8
    x, y = int(rng.integers(-far, far + 1)), int(rng.integers(-1, 2))
    if answer and not (
        low[0] + x > 0 and low[1] + y > 0 and high[0] + x < seen.shape[1] and high[1] + y < seen.shape[0]
    ):
        return sample
    moved, placed = shifted(seen, letters, x, y)
    return answer, placed, moved
