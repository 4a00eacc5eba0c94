"""Whether digits on a page can be trusted: measured on the picture, then on what was recognised."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeling.pages import counting

if TYPE_CHECKING:
    from labeling.pages.pixels import Gray

_STRIPE_PX = 96
_INK_LEVEL = 200
_ENOUGH_INK = 200

# Set on 226 pages that read well and 113 that can't be read, all captures simulated: crispness was 4.6 at
# most on the latter and seldom below 5.5 on the former, word confidence 0.66 at most and 0.73 at least.
_SOFT, _CRISP = 4.5, 6.0
_SURE_WHEN_SOFT, _SURE_WHEN_CRISP = 0.85, 0.6
# Softer than this, not even recognition is tried.
_HOPELESS = 2.4
_SMALL_LINE_PX = 16.0
# Fewer are what an engine sees in specks.
_FEW_WORDS = 20

# Words that any English page of this kind is full of. A share of them, not a spelling check.
_EVERYDAY_WORDS = frozenset(
    """
    a about after all also and any are as at be been both but by can could date did do due for from had has
    have he her his in into is it its more no none non not of on or other page patient per she so than that
    the their there these this to under was we were when which who will with within without year years age
    sex male female name ref date hospital report clinic department id doctor dr mr mrs ms normal abnormal
    mild mildly moderate moderately severe severely trace trivial good fair poor reduced preserved impaired
    dilated enlarged thickened increased decreased elevated size function systolic diastolic left right
    ventricle ventricular atrium atrial aortic aorta mitral tricuspid pulmonary valve valves septum septal
    wall motion regional global hypokinesia hypokinesis akinesia abnormality abnormalities ejection fraction
    lv rv la ra ef lvef rwma pah mr tr ar as ms echo echocardiogram study findings impression conclusion
    history disease heart cardiac coronary artery chest pain pressure regurgitation stenosis effusion clot
    pericardial interventricular interatrial intact seen noted evidence estimated grade dysfunction mmhg cm
    ml mm blood test result day days time was showed given
    """.split()
)


@dataclass(frozen=True)
class Sharpness:
    """How crisp the print is.

    Attributes:
        contrast: how much darker the letters are than the paper, 0-1; higher is better.
        edge_width_px: distance over which paper turns to ink; lower is sharper.
        noise: spread of the paper's brightness as a share of the contrast; lower is better.
    """

    contrast: float
    edge_width_px: float
    noise: float


def measure_sharpness(flat: Gray) -> Sharpness:
    """Measure the print of a flattened page (paper about 245); pixels in, pixels out."""
    import cv2
    import numpy as np

    # A quarter of the page in broad stripes is sample enough, unless they miss what little text there is.
    smooth, darkest = _smooth_and_darkest(_stripes(flat))
    if int(np.count_nonzero(darkest < _INK_LEVEL)) < _ENOUGH_INK:
        smooth, darkest = _smooth_and_darkest(flat)
    is_ink = darkest < _INK_LEVEL
    if int(np.count_nonzero(is_ink)) < _ENOUGH_INK:
        return Sharpness(0.0, 99.0, 1.0)
    depth = 245 - counting.percentile(counting.counts_of(darkest)[:_INK_LEVEL], 25)
    across, down = cv2.Sobel(smooth, cv2.CV_16S, 1, 0, ksize=3), cv2.Sobel(smooth, cv2.CV_16S, 0, 1, ksize=3)
    steepness = np.maximum(np.abs(across[is_ink]), np.abs(down[is_ink]))
    steepest = counting.percentile(np.bincount(steepness), 90) / 8
    is_paper = 1 - cv2.dilate(is_ink.astype(np.uint8), np.ones((7, 7), np.uint8))
    noise = float(cv2.meanStdDev(smooth, mask=is_paper)[1][0, 0])
    return Sharpness(depth / 245, depth / max(steepest, 1e-3), noise / max(depth, 1.0))


def _stripes(flat: Gray) -> Gray:
    import numpy as np

    tops = range(0, flat.shape[0], 4 * _STRIPE_PX)
    return np.vstack([flat[top : top + _STRIPE_PX] for top in tops])


def _smooth_and_darkest(flat: Gray) -> tuple[Gray, Gray]:
    """The page with its grain smoothed, and the darkest value around each pixel."""
    import cv2
    import numpy as np

    smooth = cv2.GaussianBlur(flat, (0, 0), 0.7)
    return np.asarray(smooth), np.asarray(cv2.erode(smooth, np.ones((3, 3), np.uint8)))


MIRRORED = (
    "The page seems to be mirrored, as a scan of its back is. Scan it again, or mirror the picture back and "
    "take that in."
)


def known_word_share(texts: Sequence[str]) -> float:
    """Share of the words of two letters or more that any report is full of, 0-1; near 0 for misread pages."""
    words = [word for text in texts for word in re.findall(r"[a-z]{2,}", text.lower())]
    return sum(word in _EVERYDAY_WORDS for word in words) / len(words) if words else 0.0


def measures(
    sharpness: Sharpness, *, line_height_px: float, words: Sequence[tuple[str, float]]
) -> dict[str, float]:
    """The measures of a page, all higher is better.

    Args:
        sharpness: measured on the picture.
        line_height_px: descender to ascender on the page as given; 0 when no text was seen.
        words: (text, confidence 0-1) of what was recognised.

    Returns:
        `line_height_px`; `contrast` 0-1; `crispness`, edge widths that fit into a line's height; `calm`, 1
        minus noise over contrast; `word_confidence`, average over letters 0-1; `known_words` 0-1;
        `word_count`.
    """
    letters = sum(len(text) for text, _ in words)
    confidence = sum(len(text) * value for text, value in words) / letters if letters else 0.0
    return {
        "line_height_px": round(line_height_px, 1),
        "contrast": round(sharpness.contrast, 3),
        "crispness": round(line_height_px / sharpness.edge_width_px, 2),
        "calm": round(max(0.0, 1 - sharpness.noise), 3),
        "word_confidence": round(confidence, 3),
        "known_words": round(known_word_share([text for text, _ in words]), 3),
        "word_count": float(len(words)),
    }


def reason_unreadable(measured: Mapping[str, float]) -> str:
    """A plain sentence when digits on the page can't be trusted, else empty.

    The softer the print, the surer Tesseract must be of its words: on blurred small type it reads "60 %" as
    "40 %" without hesitation, and only the words around the number give it away.

    Args:
        measured: from `measures`.
    """
    crispness, sure = measured["crispness"], measured["word_confidence"]
    if _shows_no_text(measured) or (measured["word_count"] == 0 and crispness >= _HOPELESS):
        return "No text was found on the page."
    if crispness >= _HOPELESS and sure >= _wanted_confidence(crispness):
        return ""
    height_px = measured["line_height_px"]
    if crispness < _HOPELESS and measured["word_count"] == 0:
        return "No text large and sharp enough to read was found on the page."
    if crispness < _CRISP and height_px < _SMALL_LINE_PX:
        return (
            "The letters are too small and blurred to read digits safely "
            f"(lines are about {height_px:.0f} px high, {_SMALL_LINE_PX:.0f} px or more read well)."
        )
    if crispness < _CRISP:
        return "The page is too blurred or too faint to read digits safely."
    return "Too few words on the page could be recognised to trust its digits."


def is_worth_reading(sharpness: Sharpness, line_height_px: float) -> bool:
    """Whether recognition can give anything: there are lines of print, none of them hopelessly blurred."""
    measured = measures(sharpness, line_height_px=line_height_px, words=())
    return not _shows_no_text(measured) and measured["crispness"] >= _HOPELESS


def is_crisp(sharpness: Sharpness, line_height_px: float) -> bool:
    """Whether the print is so crisp that recognition will hardly be refused."""
    return measures(sharpness, line_height_px=line_height_px, words=())["crispness"] >= _CRISP


def reads_crisp(measured: Mapping[str, float]) -> bool:
    """Whether crisp print with words on it was seen, however few of them an engine could recognise."""
    return measured.get("crispness", 0.0) >= _CRISP and measured.get("word_count", 0.0) >= _FEW_WORDS


def _shows_no_text(measured: Mapping[str, float]) -> bool:
    """No lines of print: nothing dark enough, or nothing in rows and all of it faint."""
    return measured["contrast"] == 0 or (measured["line_height_px"] == 0 and measured["contrast"] < 0.4)


def _wanted_confidence(crispness: float) -> float:
    """Least average word confidence at which digits of print this crisp are trusted."""
    share = min(1.0, max(0.0, (crispness - _SOFT) / (_CRISP - _SOFT)))
    return _SURE_WHEN_SOFT + share * (_SURE_WHEN_CRISP - _SURE_WHEN_SOFT)
