"""Pages for masking tests: words laid out as an engine would give them, and engines that say what they are
told.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from pipeline.dataset.masking.painting import open_upright
from pipeline.dataset.masking.words import PageWords, Row, Word

LETTER_PX, LINE_PX, HEIGHT_PX = 11, 40, 24
LEFT_PX, TOP_PX = 40, 40

REPORT = """
Sampleton Heart Hospital
NAME : MRS. VELMIRA TORNATHY    UHID : SYN-482913
AGE / SEX : 57 Y / F    DATE : 21-Mar-2026
REF. BY : Dr. Kadith Basneru    MOBILE : 00000 72890
ECHOCARDIOGRAPHY REPORT
Indication: palpitations
Aortic root 2.7 cm normal
Left ventricle normal in size, no regional wall motion abnormality
Good LV systolic function, LVEF 60 %
Mitral valve normal, trivial MR, no pulmonary hypertension
IMPRESSION : normal LV function
Dr. Bevev Gantudia
Consultant Cardiologist
"""

ECG = """
Name: Velmira Tornathy    Date: Apr 2, 2026    Sampleton Heart Centre
ID: SYN-482913    HR 68 bpm    Ref: Dr. Kadith Basneru
I aVR V1 V4
II aVL V2 V5
III aVF V3 V6
25 mm/s 10 mm/mV 0.5-40 Hz
"""


def words_of(text: str, confidence: float = 0.95) -> tuple[Word, ...]:
    """Every line of a text printed below the last; four spaces are a wide gap."""
    words = []
    for number, line in enumerate(text.strip("\n").split("\n")):
        top = TOP_PX + number * LINE_PX
        place = 0
        for part in line.split(" "):
            if part:
                left = LEFT_PX + place * LETTER_PX
                words.append(
                    Word(part, (left, top, left + len(part) * LETTER_PX, top + HEIGHT_PX), confidence)
                )
            place += len(part) + 1
    return tuple(words)


def row_of(line: str) -> Row:
    """One printed line."""
    return Row(words_of(line))


def page_of(words: Sequence[Word], size: tuple[int, int] = (1200, 700)) -> PageWords:
    """What an engine that reads these words says of a page."""
    return PageWords(tuple(words), *size)


def picture_of(words: Sequence[Word], size: tuple[int, int] = (1200, 700), **saving: object) -> bytes:
    """White paper with a grey bar for every word, as PNG."""
    pixels = np.full((size[1], size[0], 3), 250, np.uint8)
    for word in words:
        left, top, right, bottom = (round(side) for side in word.box)
        pixels[top:bottom, left:right] = 120
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", **saving)
    return buffer.getvalue()


@dataclass
class SeeingEngines:
    """Engines that read the words of a page wherever the picture still shows their bars.

    Attributes:
        by_first, by_second: what either would read on the unpainted page.
        reason: why the first finds the page unreadable.
        always: words the second reads whatever is painted.
    """

    by_first: tuple[Word, ...]
    by_second: tuple[Word, ...]
    reason: str = ""
    always: tuple[Word, ...] = ()
    readings: list[str] = field(default_factory=list)

    def first(self, data: bytes, role: str) -> PageWords:
        """The words whose bars are not black."""
        self.readings.append("first")
        image = open_upright(data)
        return PageWords(visible(self.by_first, data), *image.size, self.reason)

    def second(self, data: bytes, like: PageWords) -> PageWords:
        """The words whose bars are not black, and those that are always read."""
        self.readings.append("second")
        return PageWords((*visible(self.by_second, data), *self.always), like.width_px, like.height_px)

    def lines(self, data: bytes, words: Sequence[Word]) -> tuple[Word, ...]:
        """Nothing more than the first reading gave."""
        return ()


def visible(words: Sequence[Word], data: bytes) -> tuple[Word, ...]:
    """The words that are not painted over."""
    pixels = np.asarray(open_upright(data).convert("L"))
    return tuple(word for word in words if window(pixels, word.box).mean() > 60)


def window(pixels: np.ndarray, box: Sequence[float]) -> np.ndarray:
    """The pixels of a box."""
    left, top, right, bottom = (round(side) for side in box)
    return pixels[top:bottom, left:right]
