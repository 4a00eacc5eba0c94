"""What an evaluation looks at in the photographs of a snapshot, each opened once: likeness, sharpness, light.

Intake takes away what a camera writes into its files, so a snapshot knows no device unless it has such a
column. What a bad camera or a dark room does to a picture is measured on the picture, and told by thirds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from pipeline.dataset.opened import OpenedSnapshot

# Fewer photographs than this are not parted into thirds.
NEEDS_PHOTOGRAPHS: Final = 60
# The long side at which sharpness is compared; and what is enough of a picture to be looked at, pixels.
_LOOK_PX: Final = 1000
_ENOUGH_PX: Final = (1024, 768)
SHARPNESS: Final = ("least sharp third", "middle third", "sharpest third")
LIGHT: Final = ("darkest third", "middle third", "brightest third")


@dataclass(frozen=True)
class PhotoLook:
    """A photograph beside others, each measure the more the better.

    Attributes:
        fingerprint: `db.fingerprints.page_hash`.
        sharpness: how strongly neighbouring pixels differ, as a share of how pixels differ at all.
        light: how bright the paper is, 0-255.
    """

    fingerprint: str
    sharpness: float
    light: float


def looks_of(
    snapshot: OpenedSnapshot, *, paths: Collection[Path] | None = None, workers: int = 2
) -> dict[Path, PhotoLook]:
    """The photographs of a snapshot that can be opened, in the order of its table.

    Args:
        paths: look at these alone. Default: all.
    """
    files = list(dict.fromkeys(pair.picture for pair in snapshot.pairs if pair.picture is not None))
    if paths is not None:
        files = [file for file in files if file in paths]
    with ThreadPoolExecutor(workers) as pool:
        looks = dict(zip(files, pool.map(look_at, files), strict=True))
    return {file: look for file, look in looks.items() if look is not None}


def look_at(file: Path) -> PhotoLook | None:
    """A photograph by itself; None where it can't be opened."""
    import cv2
    from PIL import Image

    from db.fingerprints import page_hash

    try:
        with Image.open(file) as image:
            # Of a large JPEG no more is decoded than is looked at.
            image.draft("L", _ENOUGH_PX)
            grey = image.convert("L")
            fingerprint = page_hash(grey)
    except (OSError, ValueError, Image.DecompressionBombError):
        return None
    held = np.asarray(grey)
    share = _LOOK_PX / max(held.shape)
    if share < 1:
        held = np.asarray(cv2.resize(held, None, fx=share, fy=share, interpolation=cv2.INTER_AREA))
    edges = cv2.meanStdDev(cv2.Laplacian(held, cv2.CV_16S))[1]
    contrast = cv2.meanStdDev(held)[1]
    darker = np.cumsum(np.bincount(held.ravel(), minlength=256))
    paper = float(np.searchsorted(darker, 0.75 * held.size))
    return PhotoLook(fingerprint, float(edges[0, 0]) / max(float(contrast[0, 0]), 1.0), paper)


def photo_groups(snapshot: OpenedSnapshot, looks: Mapping[Path, PhotoLook]) -> dict[str, dict[str, str]]:
    """Name of a column -> row id -> its third, by each record's first photograph; empty of few."""
    first: dict[str, Path] = {}
    for pair in snapshot.pairs:
        if pair.picture is not None:
            first.setdefault(pair.row_id, pair.picture)
    known = {row_id: looks[file] for row_id, file in first.items() if file in looks}
    if len(known) < NEEDS_PHOTOGRAPHS:
        return {}
    return {
        "sharpness": _thirds({row_id: look.sharpness for row_id, look in known.items()}, SHARPNESS),
        "light": _thirds({row_id: look.light for row_id, look in known.items()}, LIGHT),
    }


def _thirds(values: Mapping[str, float], names: tuple[str, str, str]) -> dict[str, str]:
    """Row id -> the third its value lies in; equal values lie in one."""
    low, high = np.quantile(list(values.values()), [1 / 3, 2 / 3])
    return {row_id: names[int(one > low) + int(one > high)] for row_id, one in values.items()}
