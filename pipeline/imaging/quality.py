"""Whether a picture can be used, and if not, why: said so that the person can take a better one.

Every limit was measured on drawn pages with planted faults and on real photographs; the numbers stand
beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.imaging.page_marks import LOOK_PX, PageMarks, Row, measure_page
from pipeline.imaging.rectify import Look, PageFinding, Rectified, rectify
from pipeline.imaging.sheet import STEPS

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]

# Real photographs of whole pages were 640 pixels wide or more.
_MIN_PAGE_PX = 450
# Nothing can be measured on less.
_MIN_STRIP_PX = 150
# Good pages measured 0.5-1.2 at most, blurred ones from 1.8.
_MAX_BLUR_PX = 1.5
# ECG paper measured 0.28 or more, report pages with two long lines in them at most 0.16.
_MIN_REGULARITY = 0.2
_FULL_ROW = 0.4
# Of a page with three rows or more; every real one that was looked at showed at least two of them whole.
_MIN_TRACES = 2
_MIN_ROWS = 3
_SIDEWAYS = 0.1
_PULSE_PX = (10, 30)
# Pages as they are printed measured above -0.15 (925: 225 real ones, 200 of the demo, 500 drawn from PTB-XL),
# three of four mirrored ones below -0.2.
_BACKWARDS = -0.2
# Of pages that run backwards, those that hang down so far are upside down and not mirrored.
_HANGS_DOWN = -0.1
_GLARE_SHARE = 0.015
# Of two sheets the smaller takes this much of the picture, both fill their boxes, and they lie apart.
_SECOND_SHARE = 0.12
_FULL_SHEET = 0.6
_GAP_PX = 12
_LOOKED_AT = 4
# Sheets measured 90 or more and 2 or more; the bars around a picture on a screen 18 and 0.
_DIM = 50
_ONE_COLOUR = 1.0


class Fault(StrEnum):
    """Why a picture can't be used."""

    NOT_AN_ECG = "not_an_ecg"
    TOO_SMALL = "too_small"
    BLURRED = "blurred"
    GLARE = "glare"
    CUT_OFF = "cut_off"
    TWO_ECGS = "two_ecgs"
    UPSIDE_DOWN = "upside_down"
    ON_ITS_SIDE = "on_its_side"
    MIRRORED = "mirrored"


SENTENCES = {
    Fault.NOT_AN_ECG: "This does not look like an ECG print-out: no grid with rows of trace was found.",
    Fault.TOO_SMALL: "It is too small to be read. Go closer, or send the original file.",
    Fault.BLURRED: "The picture is blurred. Hold the phone still and tap on the trace to focus.",
    Fault.GLARE: "A lamp or window is reflected ({where}). Tilt the page or the phone and try again.",
    Fault.CUT_OFF: "Part of the ECG is missing ({where}). Show the whole page.",
    Fault.TWO_ECGS: "There is more than one ECG in the picture. Photograph one at a time.",
    Fault.UPSIDE_DOWN: "The ECG is upside down. Turn the picture.",
    Fault.ON_ITS_SIDE: "The ECG lies on its side. Turn the picture.",
    Fault.MIRRORED: (
        "The ECG runs from right to left: the picture is mirrored, or upside down. Take it with the camera "
        "on the back of the phone, so that the print can be read."
    ),
}


@dataclass(frozen=True)
class Complaint:
    """One fault.

    Attributes:
        where: `left half`, `right half`, `top half`, `bottom half`, `middle` or `rows missing`; empty where
            the fault concerns the whole picture.
        measured, limit: the number that decided, and what it was held against.
    """

    fault: Fault
    where: str
    measured: float
    limit: float

    @property
    def sentence(self) -> str:
        """What to tell the person who took the picture."""
        return SENTENCES[self.fault].format(where=self.where)


@dataclass(frozen=True)
class Quality:
    """What was found; a picture without complaints can be used."""

    complaints: tuple[Complaint, ...]
    page: Rectified

    @property
    def is_usable(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.complaints


def judge(image: Pixels) -> Quality:
    """Judge a photograph (RGB, uint8, height x width x 3); the gravest complaint comes first."""
    if min(image.shape[:2]) < _MIN_STRIP_PX:
        nowhere = PageFinding(np.zeros((4, 2)), 0.0, 0.0, (), False)
        strip = Complaint(Fault.TOO_SMALL, "", min(image.shape[:2]), _MIN_STRIP_PX)
        return Quality((strip,), Rectified(image, np.eye(3), nowhere))
    look = Look(image)
    page = rectify(image, look)
    height, width = page.image.shape[:2]
    if max(height, width) < _MIN_PAGE_PX or min(height, width) < _MIN_STRIP_PX:
        small = Complaint(Fault.TOO_SMALL, "", max(height, width), _MIN_PAGE_PX)
        return Quality((small,), page)
    marks = measure_page(page.image)
    complaints = [
        *_not_an_ecg(marks), *_two_ecgs(look), *_blurred(marks), *_glaring(image, page), *_turned(marks),
    ]  # fmt: skip
    # A page on its side has no rows to count.
    if not any(complaint.fault is Fault.ON_ITS_SIDE for complaint in complaints):
        complaints += _cut_off(marks, page)
    # What is no ECG, or several, has no other faults worth telling. Two sheets without any trace are no ECGs.
    alike = (Fault.TWO_ECGS, Fault.NOT_AN_ECG) if _most_traces(marks) else (Fault.NOT_AN_ECG, Fault.TWO_ECGS)
    for fault in alike:
        alone = [complaint for complaint in complaints if complaint.fault is fault]
        if alone:
            return Quality(tuple(alone), page)
    return Quality(tuple(complaints), page)


def _not_an_ecg(marks: PageMarks) -> Iterator[Complaint]:
    traces = _most_traces(marks)
    # Blur takes the grid before it takes the traces, and then part of the traces.
    if marks.blur_px > _MAX_BLUR_PX and _full(marks.rows) >= 1 and traces >= 1:
        return
    if np.isnan(marks.blur_px) or traces < _MIN_TRACES:
        yield Complaint(Fault.NOT_AN_ECG, "", traces, _MIN_TRACES)
    elif marks.grid_regularity < _MIN_REGULARITY:
        yield Complaint(Fault.NOT_AN_ECG, "", marks.grid_regularity, _MIN_REGULARITY)


def _most_traces(marks: PageMarks) -> int:
    """How many traces run across the page, or down one that lies on its side."""
    return max(sum(row.filled >= _FULL_ROW and row.is_trace for row in rows)
               for rows in (marks.rows, marks.columns))  # fmt: skip


def _full(rows: tuple[Row, ...]) -> int:
    """How many rows run across the page."""
    return sum(row.filled >= _FULL_ROW for row in rows)


def _blurred(marks: PageMarks) -> Iterator[Complaint]:
    if marks.blur_px > _MAX_BLUR_PX:
        yield Complaint(Fault.BLURRED, "", marks.blur_px, _MAX_BLUR_PX)


def _turned(marks: PageMarks) -> Iterator[Complaint]:
    upright, sideways = (_best_rows(rows) for rows in (marks.rows, marks.columns))
    if sideways > upright + _SIDEWAYS:
        yield Complaint(Fault.ON_ITS_SIDE, "", sideways - upright, _SIDEWAYS)
        return
    least, most = _PULSE_PX
    is_pulse = least <= marks.pulse_at_end <= most and marks.pulse_at_start < least // 2
    is_backwards = marks.direction < _BACKWARDS
    # Both ways round time runs backwards; where it surely runs forwards, the page is the right way up.
    hangs = is_pulse and marks.deflection < (_HANGS_DOWN if is_backwards else 0.1)
    if hangs and not marks.direction > -_BACKWARDS:
        yield Complaint(Fault.UPSIDE_DOWN, "", marks.pulse_at_end, least)
    elif is_backwards:
        yield Complaint(Fault.MIRRORED, "", marks.direction, _BACKWARDS)


def _best_rows(rows: tuple[Row, ...]) -> float:
    """How much of the width the three fullest rows fill, on average."""
    filled = sorted((row.filled for row in rows), reverse=True)[:_MIN_ROWS]
    return sum(filled) / _MIN_ROWS


def _cut_off(marks: PageMarks, page: Rectified) -> Iterator[Complaint]:
    rows = _full(marks.rows)
    height, width = page.image.shape[:2]
    cut = page.finding.cut_sides
    sides = [side for side in ("left", "right") if side in cut]
    # A landscape page that lost a side is no longer landscape. All four cut: the ECG alone was cropped out.
    if len(sides) == 1 and width < 1.15 * height:
        yield Complaint(Fault.CUT_OFF, f"{sides[0]} half", width / height, 1.15)
    elif rows < _MIN_ROWS:
        yield Complaint(Fault.CUT_OFF, "rows missing", rows, _MIN_ROWS)
    elif len(cut) == 1 and cut[0] in ("top", "bottom") and width > 2.3 * height:
        yield Complaint(Fault.CUT_OFF, f"{cut[0]} half", width / height, 2.3)


def _glaring(image: Pixels, page: Rectified) -> Iterator[Complaint]:
    """White where the grid is gone, on paper that is not white elsewhere."""
    height, width = page.image.shape[:2]
    share = LOOK_PX / max(height, width)
    size = (max(16, round(width * share)), max(16, round(height * share)))
    to_small = np.diag([share, share, 1.0]) @ page.photo_to_image
    seen = np.asarray(cv2.warpPerspective(image, to_small, size, flags=cv2.INTER_AREA), dtype=np.uint8)
    dimmest = np.asarray(cv2.min(cv2.min(seen[..., 0], seen[..., 1]), seen[..., 2]), dtype=np.uint8)
    if _median(dimmest) > 235:
        return  # A scan: its paper is white everywhere.
    white = _inside(
        cv2.morphologyEx((dimmest >= 250).astype(np.uint8), cv2.MORPH_OPEN, np.ones((15, 15), np.uint8))
    )
    covered = float(white.mean())
    if covered > _GLARE_SHARE:
        rows, columns = np.nonzero(white)
        yield Complaint(
            Fault.GLARE, _where(columns.mean() / size[0], rows.mean() / size[1]), covered, _GLARE_SHARE
        )


def _median(plane: Pixels) -> float:
    """Of one channel, by its histogram: a twentieth of NumPy's time, the same number."""
    below = np.cumsum(cv2.calcHist([plane], [0], None, [256], [0, 256]))
    middle = [
        np.searchsorted(below, place, side="right") for place in ((plane.size - 1) // 2, plane.size // 2)
    ]
    return float(np.mean(middle))


def _inside(white: NDArray[np.generic]) -> Mask:
    """White areas that do not touch the edge: a margin or a header does, a reflection hardly ever.

    Nearly touching it is touching it: an exported picture often has a darker rim, a pixel or two wide.
    """
    areas = white.astype(np.uint8)
    labels = cv2.connectedComponents(cv2.dilate(areas, np.ones((5, 5), np.uint8)))[1]
    rim = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    return np.asarray((areas > 0) & ~np.isin(labels, np.append(rim, 0)), dtype=np.bool_)


def _where(x: float, y: float) -> str:
    if max(abs(x - 0.5), abs(y - 0.5)) < 0.12:
        return "middle"
    if abs(x - 0.5) >= abs(y - 0.5):
        return "left half" if x < 0.5 else "right half"
    return "top half" if y < 0.5 else "bottom half"


def _two_ecgs(look: Look) -> Iterator[Complaint]:
    """Two large sheets beside or above each other, with something between them that is wider than a fold."""
    border = cv2.dilate((look.colour_steps >= STEPS[0]).astype(np.uint8), np.ones((3, 3), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(1 - border, connectivity=4)
    largest = 1 + np.argsort(-stats[1:, cv2.CC_STAT_AREA])[:_LOOKED_AT]
    large = [label for label in largest if stats[label][cv2.CC_STAT_AREA] >= _SECOND_SHARE * border.size]
    if len(large) < 2:
        return  # What the pixels of the regions look like takes longer than all the rest.
    sheets = [stats[label] for label in large if _is_paper(look.image[labels == label])]
    if len(sheets) < 2:
        return
    first, second = sheets[:2]
    if min(_fullness(first), _fullness(second)) < _FULL_SHEET:
        return
    gap = max(_gap(first, second, axis) for axis in (0, 1))
    if gap >= _GAP_PX:
        yield Complaint(Fault.TWO_ECGS, "", gap, _GAP_PX)


def _is_paper(pixels: Pixels) -> bool:
    """Whether a region's pixels (count x 3) can be a sheet: not black and not one colour, as bars are."""
    return float(np.median(pixels)) >= _DIM and float(pixels.std(axis=0).max()) >= _ONE_COLOUR


def _fullness(stats: NDArray[np.int32]) -> float:
    """How much of its upright box a region fills."""
    return float(stats[cv2.CC_STAT_AREA] / (stats[cv2.CC_STAT_WIDTH] * stats[cv2.CC_STAT_HEIGHT]))


def _gap(first: NDArray[np.int32], second: NDArray[np.int32], axis: int) -> int:
    """Pixels between two boxes along an axis (0 across, 1 down); below zero where they overlap."""
    before, after = sorted((int(box[axis]), int(box[axis] + box[axis + 2])) for box in (first, second))
    return after[0] - before[1]
