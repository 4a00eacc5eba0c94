"""The order of the twelve leads, and how four of them follow from two others."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# The order of a signal's rows; the same as PTB-XL's and as that of the printed page.
LEADS: tuple[str, ...] = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")


def twelve_leads(one: NDArray[Any], two: NDArray[Any], chest: NDArray[Any]) -> NDArray[Any]:
    """All twelve rows of `LEADS` from what an electrocardiograph measures.

    Args:
        one, two: leads I and II, shape (samples,).
        chest: leads V1 to V6, shape (6, samples), in the same unit.

    Source: Einthoven 1913 (III = II - I) and Goldberger 1942 (the augmented leads).
    """
    limbs = np.stack([one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2])
    return np.concatenate([limbs, chest])
