"""Exact shares of a cohort: largest remainders, dealing cards, and drawing with chance passed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def apportion(weights: Mapping[T, float], total: int) -> dict[T, int]:
    """Split `total` by weight with the largest-remainder method; ties go to the key listed first.

    >>> apportion({"normal": 357, "mild": 81, "moderate": 54, "severe": 8}, 60)
    {'normal': 43, 'mild': 10, 'moderate': 6, 'severe': 1}
    """
    weight = sum(weights.values())
    exact = {key: total * share / weight for key, share in weights.items()}
    counts = {key: int(value) for key, value in exact.items()}
    missing = total - sum(counts.values())
    by_remainder = sorted(exact, key=lambda key: counts[key] - exact[key])
    for key in by_remainder[:missing]:
        counts[key] += 1
    return counts


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
