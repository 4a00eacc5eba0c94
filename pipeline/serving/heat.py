"""Where in a picture the networks' answers come from, without torch.

The features are the mean over the cells of a map, so a cell's part in an answer is how the answer changes
when the features move towards that cell: each cell of the last map by its own gradient, by differences.
Where the whole map is averaged this is Grad-CAM of that map; Grad-CAM of the last block, which
`pipeline.modeling.attention` draws, averages its gradients before the layers that follow, and so differs by
some percent. Source: Selvaraju 2017, arXiv 1610.02391; Draelos 2020, arXiv 2011.08891.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from db.errors import WrongUse
from db.measures.predicting.pooling import shares
from pipeline.serving.runtime import Asked, Runtime, Singles

Head = Literal["ef", "rwma"]
# Of a cell's activation; small enough for a slope, large enough for single precision.
_STEP: Final = 0.005


def heat_map(
    runtime: Runtime, asked: Asked, head: Head, cells: tuple[int, int] = (1, 1)
) -> NDArray[np.float64] | None:
    """What speaks for illness in the first picture, rows x columns of cells, none below 0, mean of networks.

    None where the networks have no map.

    Args:
        cells: of the grid whose means the features are; one for the mean of the whole map.
    """
    if asked.maps is None:
        return None
    maps = asked.maps
    rows, columns = maps.shape[2:]
    down, across = (shares(n, of) * of for n, of in zip(cells, (rows, columns), strict=True))
    # What each cell of the map gives to each cell of the grid: [map cells, networks, features].
    parts = np.einsum("kcrs,ir,js->rskcij", maps, down, across, optimize=True)
    by_cell = np.ascontiguousarray(parts.reshape(rows * columns, len(maps), -1), dtype=np.float32)
    features = asked.features[:1]
    slope = _score(runtime, features + _STEP * by_cell, head) - _score(
        runtime, features - _STEP * by_cell, head
    )
    heat = np.maximum(slope, 0).mean(axis=1) / (2 * _STEP)
    return np.asarray(heat.reshape(rows, columns))


def _score(runtime: Runtime, features: Singles, head: Head) -> NDArray[np.float64]:
    """Minus EF, or the log-odds of an abnormality: high is ill."""
    ef, odds = runtime.heads(features)
    return -ef if head == "ef" else odds


def refuse_same_names(photos: Iterable[Path]) -> None:
    """Raises WrongUse where the heat map of one photo would replace that of another: each has its name."""
    names: dict[str, Path] = {}
    for photo in photos:
        first = names.setdefault(photo.stem, photo)
        if first.resolve() != photo.resolve():
            raise WrongUse(
                f"{first} and {photo} have one name, so the heat map of one would replace the other's",
                "Screen them one after the other, each with a --heatmap DIR of its own.",
            )
