"""ECG paper for Tesseract, which a grid misleads: the picture without it, and single lines cut out and
enlarged.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pipeline.dataset.masking.words import Box, Word, around, rows_of

if TYPE_CHECKING:
    import PIL.Image
    from numpy.typing import NDArray

    Gray = NDArray[Any]

# Height of a line in the strip, and the white between lines.
_LINE_PX, _GAP_PX = 56, 28
# A line of letters of this height, rim included.
_RIM = 0.35
# A gap this many letters high ends a line: the cells of a header are read one by one.
_CELL_GAP = 2.5
# Share of the way from ink to paper that still counts as ink.
_INK_REACH = 0.6
# Brightness against the surroundings: as dark as ink gets, and from where on it is paper or grid.
_BLACK, _PAPER = 0.25, 0.72
_COARSE = 8


def read_lines(data: bytes, words: Sequence[Word], *, tesseract: str) -> tuple[Word, ...]:
    """What Tesseract reads where another engine found print.

    Args:
        words: the other engine's; only their places are used.

    Raises:
        EchoDeskError: Tesseract is missing or fails.
    """
    from labeling.words.tesseract import recognise

    gray = ink_of(data)
    cells = [cell for row in rows_of(words) for cell in cells_of(row.words)]
    cuts = [cut_line(gray, cell) for cell in cells]
    kept = [(cell, cut) for cell, cut in zip(cells, cuts, strict=True) if cut is not None]
    if not kept:
        return ()
    strip = stacked([cut for _, cut in kept])
    found = []
    for read in recognise(strip, tesseract=tesseract):
        number = int((int(read["top"]) + int(read["height"]) / 2) // (_LINE_PX + _GAP_PX))
        cell, cut = kept[min(number, len(kept) - 1)]
        confidence = max(0.0, float(read["conf"]) / 100)
        place = (int(read["left"]), int(read["left"]) + int(read["width"]))
        found.append(
            Word(read["text"], _placed(around(word.box for word in cell), place, cut.shape[1]), confidence)
        )
    return tuple(found)


def _placed(line: Box, place: tuple[int, int], width: int) -> Box:
    scale = (line[2] - line[0]) / width
    return (line[0] + place[0] * scale, line[1], line[0] + place[1] * scale, line[3])


def ink_of(data: bytes) -> Gray:
    """The brightest colour of every pixel: a red grid vanishes, black ink stays."""
    import numpy as np

    from pipeline.dataset.masking.painting import open_upright

    brightest: Gray = np.asarray(open_upright(data).convert("RGB")).max(axis=2)
    return brightest


def without_grid(data: bytes) -> PIL.Image.Image:
    """What is much darker than the paper around it, in grey on white."""
    import cv2
    import numpy as np
    import PIL.Image

    ink = ink_of(data)
    small = cv2.resize(ink, None, fx=1 / _COARSE, fy=1 / _COARSE, interpolation=cv2.INTER_AREA)
    around_it = cv2.resize(cv2.GaussianBlur(small, (0, 0), 6), (ink.shape[1], ink.shape[0]))
    share = ink.astype(np.float32) / np.maximum(around_it, 1)
    levels = np.clip((share - _BLACK) / (_PAPER - _BLACK), 0, 1) * 255
    return PIL.Image.fromarray(levels.astype(np.uint8))


def cells_of(words: Sequence[Word]) -> list[list[Word]]:
    """A row's words, parted at wide gaps."""
    cells: list[list[Word]] = []
    for word in words:
        if cells and word.box[0] - cells[-1][-1].box[2] < _CELL_GAP * word.height:
            cells[-1].append(word)
        else:
            cells.append([word])
    return cells


def cut_line(gray: Gray, words: Sequence[Word]) -> Gray | None:
    """A line cut along its own slope, height `_LINE_PX`; null where it is too small."""
    import cv2
    import numpy as np

    left, right = words[0], words[-1]
    height = sorted(word.height for word in words)[len(words) // 2] * (1 + _RIM)
    start, end = (left.box[0] - height / 2, left.middle), (right.box[2] + height / 2, right.middle)
    length = math.dist(start, end)
    if height < 6 or length < height:
        return None
    scale = _LINE_PX / height
    along = ((end[0] - start[0]) / length, (end[1] - start[1]) / length)
    down = (-along[1] * height / 2, along[0] * height / 2)
    source = np.array(
        [(start[0] - down[0], start[1] - down[1]), (end[0] - down[0], end[1] - down[1]),
         (start[0] + down[0], start[1] + down[1])], dtype=np.float32,
    )  # fmt: skip
    size = (max(_LINE_PX, round(length * scale)), _LINE_PX)
    target = np.array([(0, 0), (size[0], 0), (0, size[1])], dtype=np.float32)
    cut = cv2.warpAffine(
        gray,
        cv2.getAffineTransform(source, target),
        size,
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    # A grid lies between ink and paper: everything well above the ink becomes white.
    ink, paper = (float(level) for level in np.percentile(cut, (1, 60)))
    reach = max(8.0, _INK_REACH * (paper - ink))
    line: Gray = np.clip((cut.astype(np.float32) - ink) * (255 / reach), 0, 255).astype(np.uint8)
    return line


def stacked(lines: Sequence[Gray]) -> Gray:
    """Lines below each other on white."""
    import numpy as np

    strip = np.full((len(lines) * (_LINE_PX + _GAP_PX), max(line.shape[1] for line in lines)), 255, np.uint8)
    for number, line in enumerate(lines):
        top = number * (_LINE_PX + _GAP_PX) + _GAP_PX // 2
        strip[top : top + _LINE_PX, : line.shape[1]] = line
    return strip
