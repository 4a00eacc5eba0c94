"""How much each line of a map weighs in each cell of a coarser grid (adaptive average pooling)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def shares(cells: int, lines: int) -> NDArray[np.float32]:
    """Weights of shape [cells, lines], each row with sum 1; neighbours share a line that both touch."""
    found = np.zeros((cells, lines), dtype=np.float32)
    for cell in range(cells):
        first, last = cell * lines // cells, -((cell + 1) * lines // -cells)
        found[cell, first:last] = 1 / (last - first)
    return found
