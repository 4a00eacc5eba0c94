"""Dealing the exact shares of a cohort as cards, and drawing with chance passed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def shuffled(counts: Mapping[T, int], rng: np.random.Generator) -> list[T]:
    """Every key as often as counted, in chance order."""
    cards = [key for key, count in counts.items() for _ in range(count)]
    return [cards[int(place)] for place in rng.permutation(len(cards))]


def spread(counts: Mapping[T, int]) -> list[T]:
    """Every key as often as counted, evenly spaced, so that any stretch has about the shares of the whole.

    >>> spread({"clean": 2, "phone": 3})
    ['phone', 'clean', 'phone', 'clean', 'phone']
    """
    total = sum(counts.values())
    due = dict.fromkeys(counts, 0)
    cards = []
    for _ in range(total):
        for key, count in counts.items():
            due[key] += count
        chosen = max(due, key=lambda key: due[key])
        due[chosen] -= total
        cards.append(chosen)
    return cards


def pick(rng: np.random.Generator, options: Sequence[T]) -> T:
    """One of the options, all equally likely."""
    return options[int(rng.integers(len(options)))]


def draw(rng: np.random.Generator, options: Sequence[T], count: int) -> list[T]:
    """`count` different options (fewer where there are fewer), in chance order."""
    order = rng.permutation(len(options))[: max(0, count)]
    return [options[int(place)] for place in order]
