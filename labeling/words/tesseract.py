"""Words of a page image: one Tesseract pass over the straightened, evenly lit page."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from db.errors import EchoDeskError
from labeling.pages import legibility
from labeling.words import long_page
from labeling.words.prepared import EvenPage, PreparedPage, even_page, prepare
from labeling.words.read_page import OcrPage, Word

if TYPE_CHECKING:
    import PIL.Image

    from labeling.pages.page import Page

# One block of text, line by line: what to read first was settled before (reading_order.py), and the modes
# that look for columns themselves lose list numbers that stand alone in the margin.
_PAGE_MODE = "6"
_TIMEOUT_S = 180
_WORD_LEVEL = "5"
_INSTALL_HINT = (
    "Install it (Debian/Ubuntu: apt-get install tesseract-ocr tesseract-ocr-eng; "
    "macOS: brew install tesseract)."
)


def read_words(page: Page, *, tesseract: str = "tesseract") -> OcrPage:
    """Read one page with one recognition pass; a page that turns out to lie upside down takes a second one.

    Args:
        page: the page; its image is not changed.
        tesseract: the Tesseract program, a name on PATH or a full path.

    Raises:
        EchoDeskError: Tesseract is missing, fails, or takes longer than three minutes.
    """
    if long_page.is_long(page.image.size):
        return long_page.read_in_pieces(page, lambda piece, _: read_words(piece, tesseract=tesseract))
    started = time.perf_counter()
    even = even_page(page.image)
    attempts: list[_Attempt] = []
    for rotation_deg in (90, 270, 0) if even.looks_sideways else (0, 180):
        attempts.append(_attempt(even, rotation_deg, tesseract))
        if not attempts[-1].may_be_turned:
            break
    best = attempts[0]
    for other in attempts[1:]:
        if other.sureness > best.sureness + 0.1:
            best = other
    spent_s = sum(attempt.tesseract_s for attempt in attempts)
    width, height = page.image.size
    return OcrPage(
        number=page.number,
        words=best.words,
        legibility=best.measures,
        unreadable_reason=legibility.reason_unreadable(best.measures),
        skew_deg=round(best.prepared.skew_deg, 2),
        rotation_deg=best.prepared.rotation_deg,
        width_px=width,
        height_px=height,
        elapsed_s=spent_s,
        own_elapsed_s=time.perf_counter() - started - spent_s,
    )


@dataclass(frozen=True)
class _Attempt:
    prepared: PreparedPage
    words: tuple[Word, ...]
    measures: dict[str, float]
    tesseract_s: float

    @property
    def sureness(self) -> float:
        """How sure Tesseract is of its words, 0-1."""
        return self.measures["word_confidence"]

    @property
    def may_be_turned(self) -> bool:
        """The print is crisp and still Tesseract is unsure of its words."""
        return self.measures["crispness"] > 4.6 and len(self.words) > 0 and self.sureness < 0.68


def _attempt(even: EvenPage, rotation_deg: int, tesseract: str) -> _Attempt:
    """Read the page turned by `rotation_deg`; one without print, or hopelessly blurred, is not even tried."""
    prepared = prepare(even, rotation_deg=rotation_deg)
    words: tuple[Word, ...] = ()
    tesseract_s = 0.0
    if legibility.is_worth_reading(prepared.sharpness, prepared.line_height_px):
        started = time.perf_counter()
        rows = recognise(prepared.strip.image, tesseract=tesseract)
        tesseract_s = time.perf_counter() - started
        words = _words_of(rows, prepared)
    said = [(word.text, word.confidence) for word in words]
    measures = legibility.measures(prepared.sharpness, line_height_px=prepared.line_height_px, words=said)
    return _Attempt(prepared, words, measures, tesseract_s)


def _words_of(rows: Sequence[Mapping[str, str]], prepared: PreparedPage) -> tuple[Word, ...]:
    """Tesseract's rows as words on the page as given; a wide gap between lines starts a new block."""
    words: list[Word] = []
    line = block = -1
    previous: tuple[int, tuple[str, ...]] | None = None
    bottom = 0.0
    wide_gap = 0.9 * max(prepared.line_height_px, 12.0) * prepared.factor
    for row in rows:
        left, top = float(row["left"]), float(row["top"])
        box = (left, top, left + float(row["width"]), top + float(row["height"]))
        confidence = min(1.0, max(0.0, float(row["conf"]) / 100))
        if _is_speck(row["text"], confidence):
            continue
        region, given_box = prepared.to_given(box)
        place = (region, (row["block_num"], row["par_num"], row["line_num"]))
        if place != previous:
            line += 1
            if previous is None or region != previous[0] or top - bottom > wide_gap:
                block += 1
            bottom = box[3]
        previous, bottom = place, max(bottom, box[3])
        words.append(Word(row["text"], given_box, round(confidence, 4), line, block))
    return tuple(words)


def _is_speck(text: str, confidence: float) -> bool:
    """Dirt and remains of rules that were taken for punctuation."""
    return confidence < 0.5 and not any(character.isalnum() or character in "%<>=" for character in text)


def recognise(gray: Any, *, tesseract: str) -> list[dict[str, str]]:
    """Run Tesseract on a gray image; one mapping a word with its columns of the TSV output.

    The picture and the words go through pipes: no patient's page is ever written to a temporary file, which a
    killed process would leave behind. One thread: pages run in parallel, and its threads hinder each other.
    """
    header = b"P5\n%d %d\n255\n" % (gray.shape[1], gray.shape[0])
    command = [tesseract, "stdin", "stdout", "-l", "eng", "--psm", _PAGE_MODE, "--dpi", "150", "tsv"]
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    try:
        done = subprocess.run(  # noqa: S603 - the program is the user's own setting, the arguments are ours
            command,
            input=header + gray.tobytes(),
            capture_output=True,
            env=environment,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except OSError as error:
        raise EchoDeskError(f"Tesseract can't be started as {tesseract!r}.", _INSTALL_HINT) from error
    except subprocess.TimeoutExpired as error:
        raise EchoDeskError(
            f"Tesseract took longer than {_TIMEOUT_S} s for a page.", "Try a smaller picture."
        ) from error
    if done.returncode != 0:
        # Its messages name no patient: they are about its own data files and options.
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise EchoDeskError(f"Tesseract failed: {said[-1] if said else done.returncode}", _INSTALL_HINT)
    table = io.StringIO(done.stdout.decode("utf-8", "replace"))
    rows = csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE)
    return [dict(row) for row in rows if row["level"] == _WORD_LEVEL and (row["text"] or "").strip()]


def plain_text(image: PIL.Image.Image, *, tesseract: str = "tesseract") -> str:
    """What `pytesseract.image_to_string` gives with nothing done to the page: the yardstick of `bench.py`.

    Raises:
        EchoDeskError: Tesseract is missing.
    """
    import pytesseract

    pytesseract.pytesseract.tesseract_cmd = tesseract
    try:
        return str(pytesseract.image_to_string(image))
    except pytesseract.TesseractNotFoundError as error:
        raise EchoDeskError(f"Tesseract can't be started as {tesseract!r}.", _INSTALL_HINT) from error
