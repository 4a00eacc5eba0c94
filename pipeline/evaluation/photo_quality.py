"""How good the photographs of a snapshot are beside each other, for subgroups: sharpness and light by thirds.

Intake takes away what a camera writes into its files, so a snapshot knows no device unless it has such a
column. What a bad camera or a dark room does to a picture is measured on the picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np

from pipeline.dataset.opened import OpenedSnapshot

# Fewer photographs than this are not parted into thirds.
NEEDS_PHOTOGRAPHS: Final = 60
# The long side at which pictures are compared.
_LOOK_PX: Final = 1000
SHARPNESS: Final = ("least sharp third", "middle third", "sharpest third")
LIGHT: Final = ("darkest third", "middle third", "brightest third")


def photo_groups(snapshot: OpenedSnapshot, *, workers: int = 2) -> dict[str, dict[str, str]]:
    """Name of a column -> row id -> its third, by each record's first photograph; empty of few."""
    first: dict[str, Path] = {}
    for pair in snapshot.pairs:
        if pair.picture is not None:
            first.setdefault(pair.row_id, pair.picture)
    with ThreadPoolExecutor(workers) as pool:
        looks = dict(zip(first, pool.map(sharpness_and_light, first.values()), strict=True))
    known = {row_id: look for row_id, look in looks.items() if look is not None}
    if len(known) < NEEDS_PHOTOGRAPHS:
        return {}
    return {
        "sharpness": _thirds({row_id: look[0] for row_id, look in known.items()}, SHARPNESS),
        "light": _thirds({row_id: look[1] for row_id, look in known.items()}, LIGHT),
    }


def sharpness_and_light(file: Path) -> tuple[float, float] | None:
    """Of a photograph, each the more the better; None where it can't be opened.

    Returns:
        How strongly neighbouring pixels differ, as a share of how pixels differ at all; and how bright the
        paper is, 0-255.
    """
    import cv2

    try:
        held = cv2.imdecode(np.frombuffer(file.read_bytes() or b"-", np.uint8), cv2.IMREAD_GRAYSCALE)
    except OSError:
        return None
    if held is None:
        return None
    share = _LOOK_PX / max(held.shape)
    if share < 1:
        held = cv2.resize(held, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    grey = np.asarray(held, dtype=np.float32)
    edges = np.asarray(cv2.Laplacian(grey, cv2.CV_32F), dtype=np.float32)
    return float(edges.std() / max(float(grey.std()), 1.0)), float(np.percentile(grey, 75))


def _thirds(values: Mapping[str, float], names: tuple[str, str, str]) -> dict[str, str]:
    """Row id -> the third its value lies in; equal values lie in one."""
    low, high = np.quantile(list(values.values()), [1 / 3, 2 / 3])
    return {row_id: names[int(one > low) + int(one > high)] for row_id, one in values.items()}
