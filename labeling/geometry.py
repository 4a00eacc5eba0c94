"""Put a page upright: quarter turns, skew and mild keystone, as one transform that can be undone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Gray = NDArray[np.uint8]
    Matrix = NDArray[np.float64]
else:
    Gray = Matrix = Any

Box = tuple[float, float, float, float]

_MAX_SKEW_DEG = 12.0


def _row_sharpness(ink: Any, angle_deg: float) -> float:
    """How strongly ink gathers in rows after turning by `angle_deg`; higher is better aligned."""
    import cv2
    import numpy as np

    height, width = ink.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle_deg, 1.0)
    turned = cv2.warpAffine(ink, turn, (width, height), flags=cv2.INTER_LINEAR)
    rows = turned.sum(axis=1, dtype=np.float64)
    return float(np.square(np.diff(rows)).sum())


def ink_map(flat: Gray, long_side: int = 900) -> Any:
    """Small darkness map of a flattened page (float32, 0 paper, 1 ink)."""
    import cv2
    import numpy as np

    scale = min(1.0, long_side / max(flat.shape))
    small = cv2.resize(flat, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    darkness = np.clip((215.0 - small.astype(np.float32)) / 150.0, 0, 1)
    return darkness


def estimate_skew(ink: Any) -> float:
    """Angle in degrees by which to turn the page so that its lines lie level; positive is counter-clockwise."""
    import numpy as np

    coarse = np.arange(-_MAX_SKEW_DEG, _MAX_SKEW_DEG + 0.5, 1.0)
    best = float(max(coarse, key=lambda angle: _row_sharpness(ink, float(angle))))
    for step in (0.4, 0.1):
        around = best + step * np.arange(-3, 4)
        best = float(max(around, key=lambda angle: _row_sharpness(ink, float(angle))))
    return best


def skew_matrix(width: int, height: int, angle_deg: float) -> tuple[Matrix, tuple[int, int]]:
    """3x3 transform that turns a page about its middle and grows the canvas so that no corner is lost."""
    import cv2
    import numpy as np

    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle_deg, 1.0)
    cos, sin = abs(turn[0, 0]), abs(turn[0, 1])
    new_width, new_height = int(width * cos + height * sin + 0.5), int(height * cos + width * sin + 0.5)
    turn[0, 2] += (new_width - width) / 2
    turn[1, 2] += (new_height - height) / 2
    return np.vstack([turn, [0.0, 0.0, 1.0]]).astype(np.float64), (new_width, new_height)


def scale_matrix(factor: float) -> Matrix:
    """3x3 transform that enlarges by `factor`."""
    import numpy as np

    return np.diag([factor, factor, 1.0]).astype(np.float64)


def map_box(box: Box, back: Matrix, size: tuple[int, int]) -> Box:
    """A box of the processed image as the upright box around it on the page as given, clipped to `size`."""
    import numpy as np

    left, top, right, bottom = box
    corners = np.array([[left, right, right, left], [top, top, bottom, bottom], [1.0, 1.0, 1.0, 1.0]])
    mapped = back @ corners
    xs, ys = mapped[0] / mapped[2], mapped[1] / mapped[2]
    width, height = size
    return (
        float(np.clip(xs.min(), 0, width)),
        float(np.clip(ys.min(), 0, height)),
        float(np.clip(xs.max(), 0, width)),
        float(np.clip(ys.max(), 0, height)),
    )
