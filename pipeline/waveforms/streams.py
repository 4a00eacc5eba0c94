"""Chance by name: what is drawn for one purpose never follows what was drawn for another.

A study in which nothing is planted must have nothing to find. So labels, beats, papers and photographs each
draw from a stream of their own, told apart by a number that stands here alone.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Stream(IntEnum):
    """What is drawn. A study made with a number stays the same study as long as the number does."""

    COHORT = 1
    SEVERITIES = 2
    LABEL_ERRORS = 3
    LOOKS = 4
    BASE_ORDER = 5
    BEATS = 6
    GENERATED_BEATS = 7
    CAMERAS = 8
    SCANS = 9


def drawing(seed: int, what: Stream, *place: int) -> np.random.Generator:
    """The generator of one purpose, or of one person's part of it; give a purpose always or never a place."""
    return np.random.default_rng([seed, what, *place])
