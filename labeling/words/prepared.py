"""A page image made ready for recognition, and the way back from its pixels to the page as given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from labeling.pages import counting, geometry, legibility
from labeling.pages import marks as page_marks
from labeling.words import reading_order

if TYPE_CHECKING:
    import PIL.Image

    from labeling.pages.pixels import Box, Colours, Gray, Matrix

# Tesseract reads lines of 20-45 px (descender to ascender) equally well; smaller ones want enlarging, and
# larger ones only cost time.
_SMALLEST_LINE_PX = 14.0
_LARGEST_LINE_PX = 48.0
_WANTED_LINE_PX = 32.0
_LARGEST_FACTOR = 3.0
# The hard jagged edges of faxes and dot-matrix print are read worse than slightly soft ones (share of numbers
# found on 17 such pages: 0.921 as they are, 0.968 smoothed by a twenty-fifth of the line height; others lose
# nothing).
_JAGGED_CRISPNESS = 8.2
_SMOOTHING = 0.04
# A picture with a longer side is reduced first: an A4 page has 220 dots an inch then, and reading needs no
# more.
_LARGEST_SIDE_PX = 2600
_PAPER = 245
_Seen = TypeVar("_Seen")


@dataclass(frozen=True)
class PreparedPage:
    """What Tesseract gets, and what was measured on the way.

    Attributes:
        strip: the page's regions in reading order.
        back: 3x3, level and scaled page -> page as given.
        size: (width, height) of the page as given.
        line_height_px: usual line height on the page as given; 0 when no text was seen.
        factor: by how much the page as given was enlarged.
        sharpness: in pixels of the page as given.
    """

    strip: reading_order.Strip
    back: Matrix
    size: tuple[int, int]
    skew_deg: float
    rotation_deg: int
    line_height_px: float
    factor: float
    sharpness: legibility.Sharpness

    def to_given(self, box: Box) -> tuple[int, Box]:
        """Region number of a box of the strip, and the box on the page as given."""
        region, level_box = self.strip.to_page(box)
        return region, geometry.map_box(level_box, self.back, self.size)


class PageLight:
    """A page's pixels as given and in even light, each made when it is first asked for, and once: whoever
    looks at a page looks at the same ones, and none may be changed.

    Args:
        image: the page as given.
    """

    def __init__(self, image: PIL.Image.Image) -> None:
        self._image = image
        self._colours: Colours | None = None
        self._seen: dict[Callable[[PageLight], Any], Any] = {}

    @property
    def colours(self) -> Colours:
        """Red, green and blue, or gray. Those of a very large page are not kept."""
        import numpy as np

        if self._colours is not None:
            return self._colours
        is_plain = self._image.mode in ("L", "RGB")
        colours = np.asarray(self._image if is_plain else self._image.convert("RGB"))
        if max(self._image.size) <= _LARGEST_SIDE_PX:
            self._colours = colours
        return colours

    @cached_property
    def gray(self) -> Gray:
        """As given."""
        return _gray(self.colours)

    @cached_property
    def flat(self) -> Gray:
        """Gray in even light."""
        return flatten(self.gray)

    @cached_property
    def reduced(self) -> tuple[Gray, float]:
        """Gray in even light, no larger than reading needs, and its side over that of the page as given."""
        import cv2
        import numpy as np

        reduction = min(1.0, _LARGEST_SIDE_PX / max(self.gray.shape))
        if reduction == 1:
            return self.flat, 1.0
        small = cv2.resize(self.gray, None, fx=reduction, fy=reduction, interpolation=cv2.INTER_AREA)
        return flatten(np.asarray(small, dtype=np.uint8)), reduction

    def once(self, look: Callable[[PageLight], _Seen]) -> _Seen:
        """What a look at the page alone tells; asked again, it is remembered."""
        if look not in self._seen:
            self._seen[look] = look(self)
        seen: _Seen = self._seen[look]
        return seen


@dataclass(frozen=True)
class EvenPage:
    """A page with even light and no desk, not yet turned or levelled.

    Attributes:
        flat: pixels, reduced where the picture was larger than reading needs.
        reduction: side of `flat` over side of the page as given, at most 1.
        size: (width, height) of the page as given.
    """

    flat: Gray
    reduction: float
    size: tuple[int, int]
    looks_sideways: bool


def even_page(light: PageLight) -> EvenPage:
    """Flatten the light, drop the desk, and tell whether text runs down the page instead of across."""
    import cv2
    import numpy as np

    colours = light.colours
    height, width = colours.shape[:2]
    reduction = min(1.0, _LARGEST_SIDE_PX / max(height, width))
    if reduction < 1:
        size = (round(width * reduction), round(height * reduction))
        colours = np.asarray(cv2.resize(colours, size, interpolation=cv2.INTER_AREA))
    flat = flatten(_gray(colours)) if reduction < 1 else light.flat
    mask = page_marks.paper_mask(colours, flat)
    if mask is not None:
        flat = page_marks.clear_desk(flat, mask)
    return EvenPage(flat, reduction, (width, height), geometry.runs_down(flat))


def prepare(even: EvenPage, *, rotation_deg: int = 0) -> PreparedPage:
    """Turn, level, scale, clean and order a page.

    Args:
        even: from `even_page`.
        rotation_deg: turn to apply first, counter-clockwise, a multiple of 90.
    """
    import cv2
    import numpy as np

    turn, _ = geometry.quarter_turn_matrix(even.flat.shape[1], even.flat.shape[0], rotation_deg)
    flat = np.ascontiguousarray(np.rot90(even.flat, rotation_deg // 90))
    levelling = geometry.level(flat)
    sharpness = legibility.measure_sharpness(flat)
    factor = scale_for(levelling.line_height_px, max(flat.shape))
    matrix = geometry.scale_matrix(factor) @ levelling.matrix
    size = (round(levelling.size[0] * factor), round(levelling.size[1] * factor))
    if factor < 1:
        flat = np.asarray(cv2.GaussianBlur(flat, (0, 0), 0.4 / factor), dtype=np.uint8)
    page = page_marks.clear_rules(_moved(sharpen(flat, factor), matrix, size, is_enlarged=factor > 1))
    line_px = max(levelling.line_height_px, 12.0) * factor
    if levelling.line_height_px > _JAGGED_CRISPNESS * sharpness.edge_width_px:
        page = np.asarray(cv2.GaussianBlur(page, (0, 0), _SMOOTHING * line_px), dtype=np.uint8)
    segments = reading_order.text_segments(page, line_px)
    regions = reading_order.find_regions(segments, size, line_px)
    return PreparedPage(
        strip=reading_order.stack(page, regions),
        back=np.linalg.inv(matrix @ turn @ geometry.scale_matrix(even.reduction)),
        size=even.size,
        skew_deg=levelling.skew_deg,
        rotation_deg=rotation_deg,
        line_height_px=levelling.line_height_px / even.reduction,
        factor=factor * even.reduction,
        sharpness=legibility.Sharpness(
            sharpness.contrast, sharpness.edge_width_px / even.reduction, sharpness.noise
        ),
    )


def _gray(colours: Colours) -> Gray:
    import cv2
    import numpy as np

    return np.asarray(cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY)) if colours.ndim == 3 else colours


def _moved(flat: Gray, matrix: Matrix, size: tuple[int, int], *, is_enlarged: bool) -> Gray:
    """The page where `matrix` puts it; a scan that lies straight and is large enough stays as it is."""
    import cv2
    import numpy as np

    if size == flat.shape[::-1] and np.array_equal(matrix, np.eye(3)):
        return flat
    flags = cv2.INTER_CUBIC if is_enlarged else cv2.INTER_LINEAR
    moved = cv2.warpPerspective(
        flat, matrix, size, flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=_PAPER
    )
    return np.asarray(moved, dtype=np.uint8)


def scale_for(line_height_px: float, longest_side_px: int) -> float:
    """By how much to enlarge a page so that its lines have the height Tesseract reads best."""
    if line_height_px <= 0:
        return 1.0
    if _SMALLEST_LINE_PX <= line_height_px <= _LARGEST_LINE_PX:
        return 1.0
    factor = min(_LARGEST_FACTOR, _WANTED_LINE_PX / line_height_px)
    # Never a strip that takes minutes to read.
    return min(factor, 5000 / longest_side_px)


def sharpen(flat: Gray, factor: float) -> Gray:
    """Small letters lose their grain and gain crisper edges; others stay as they are."""
    import cv2
    import numpy as np

    if factor <= 1:
        return flat
    calm = cv2.GaussianBlur(flat, (0, 0), 0.8)
    return np.asarray(
        cv2.addWeighted(calm, 2.5, cv2.GaussianBlur(calm, (0, 0), 1.6), -1.5, 0), dtype=np.uint8
    )


# The background is estimated on a small copy: paper brightness changes slowly, letters do not.
_BACKGROUND_SCALE = 8
_PAPER_WHITE = 245


def background(gray: Gray) -> Gray:
    """Brightness of the paper behind the letters, same shape as `gray`, 0-255."""
    import cv2
    import numpy as np

    height, width = gray.shape
    small_size = (max(1, width // _BACKGROUND_SCALE), max(1, height // _BACKGROUND_SCALE))
    small = cv2.resize(gray, small_size, interpolation=cv2.INTER_AREA)
    lifted = cv2.dilate(small, np.ones((5, 5), np.uint8))
    smooth = cv2.GaussianBlur(lifted, (0, 0), 3)
    return np.asarray(cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def is_inverted(gray: Gray) -> bool:
    """Whether light letters stand on a dark page: most of the page dark, and its small details light."""
    import cv2
    import numpy as np

    small = cv2.resize(gray, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    if counting.percentile(counting.counts_of(small), 50) > 110:
        return False
    detail = small.astype(np.int16) - cv2.medianBlur(small, 31).astype(np.int16)
    return int(np.count_nonzero(detail > 40)) > 2 * int(np.count_nonzero(detail < -40))


def flatten(gray: Gray) -> Gray:
    """The page as black on white with the paper at one brightness; dark pages with light letters are
    inverted.
    """
    import cv2
    import numpy as np

    if is_inverted(gray):
        gray = np.asarray(cv2.bitwise_not(gray), dtype=np.uint8)
    paper = background(gray)
    return np.asarray(cv2.divide(gray, paper, dst=paper, scale=_PAPER_WHITE), dtype=np.uint8)
