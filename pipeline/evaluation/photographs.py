"""What an evaluation looks at in the photographs of a snapshot, each opened once: likeness, sharpness, light.

Intake takes away what a camera writes into its files, so a snapshot knows no device unless it has such a
column. What a bad camera or a dark room does to a picture is measured on the picture, and told by thirds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from db.errors import EchoDeskError
from pipeline.dataset.opened import OpenedSnapshot
from pipeline.evaluation.workers import workers_for
from pipeline.imaging.same_page import Sketch

# Fewer photographs than this are not parted into thirds.
NEEDS_PHOTOGRAPHS: Final = 60
# The long side at which sharpness is compared, pixels; no more of a large JPEG is decoded.
_LOOK_PX: Final = 1000
# Photographs that one process is handed at a time.
_AT_ONCE: Final = 16
SHARPNESS: Final = ("least sharp third", "middle third", "sharpest third")
LIGHT: Final = ("darkest third", "middle third", "brightest third")


@dataclass(frozen=True)
class PhotoLook:
    """A photograph beside others, each measure the more the better.

    Attributes:
        sketch: by which the same page is found again.
        sharpness: how strongly neighbouring pixels differ, as a share of how pixels differ at all.
        light: how bright the paper is, 0-255.
    """

    sketch: Sketch
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
    return looks_at(files, workers=workers)


def looks_at(files: Sequence[Path], *, workers: int = 2) -> dict[Path, PhotoLook]:
    """Those of the photographs that can be opened, in their order."""
    with workers_for(len(files), workers) as pool:
        looks = dict(zip(files, pool.map(look_at, files, chunksize=_AT_ONCE), strict=True))
    return {file: look for file, look in looks.items() if look is not None}


def look_at(file: Path) -> PhotoLook | None:
    """A photograph by itself; None where it can't be opened."""
    import cv2

    from pipeline.imaging.photo_file import read_photo
    from pipeline.imaging.same_page import sketch_of

    try:
        image = read_photo(file, at_least_px=_LOOK_PX)
    except EchoDeskError:
        return None
    held = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))
    share = _LOOK_PX / max(held.shape)
    if share < 1:
        # Between whole pixels and half of them both tell the same apart, and areas take five times as long.
        how = cv2.INTER_LINEAR if share > 0.5 else cv2.INTER_AREA
        held = np.asarray(cv2.resize(held, None, fx=share, fy=share, interpolation=how))
    edges = cv2.meanStdDev(cv2.Laplacian(held, cv2.CV_16S))[1]
    contrast = cv2.meanStdDev(held)[1]
    darker = np.cumsum(cv2.calcHist([held], [0], None, [256], [0, 256]))
    paper = float(np.searchsorted(darker, 0.75 * held.size))
    return PhotoLook(sketch_of(image), float(edges[0, 0]) / max(float(contrast[0, 0]), 1.0), paper)


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
