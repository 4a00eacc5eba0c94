"""Words of a page image: one Tesseract pass over the straightened, evenly lit page."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from db.apart.decoder import answers
from db.apart.kind import Kind
from db.apart.limits import ApartLimits
from db.errors import EchoDeskError
from labeling.pages import legibility
from labeling.words import long_page
from labeling.words.prepared import EvenPage, PageLight, PreparedPage, even_page, prepare
from labeling.words.read_page import OcrPage, Word

if TYPE_CHECKING:
    import PIL.Image

    from labeling.pages.page import Page

# One block of text, line by line: what to read first was settled before (reading_order.py), and the modes
# that look for columns themselves lose list numbers that stand alone in the margin.
_PAGE_MODE = "6"
_LANGUAGE = "eng"
_DPI = "150"
_TIMEOUT_S = 180
_WORD_LEVEL = "5"
_INSTALL_HINT = (
    "Install it (Debian/Ubuntu: apt-get install tesseract-ocr tesseract-ocr-eng; "
    "macOS: brew install tesseract)."
)


class _LibraryFailedError(EchoDeskError):
    """What failed in the process that keeps the library; `code` as in `Kind.words`."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message, hint)
        self.code = code


_TOO_SLOW: Final = (f"Tesseract took longer than {_TIMEOUT_S} s for a page.", "Try a smaller picture.")
_FAILED: Final = ("Tesseract's library failed.", _INSTALL_HINT)
_LIBRARY: Final = Kind(
    "labeling.words.tesseract_library",
    _LibraryFailedError,
    {"too_slow": _TOO_SLOW, "too_much_memory": _FAILED, "stopped": _FAILED, "damaged": _FAILED},
)
# A page of 60 million pixels is no strip of more than 25 million; Tesseract takes some 20 bytes for each.
_LIMITS: Final = ApartLimits(step_s=_TIMEOUT_S, memory_bytes=1_500_000_000, steps=1)


def read_words(
    page: Page,
    *,
    tesseract: str = "tesseract",
    meanwhile: Callable[[], object] | None = None,
    is_kept: bool = True,
    light: PageLight | None = None,
) -> OcrPage:
    """Read one page with one recognition pass; a page that turns out to lie upside down takes a second one.

    Args:
        page: the page; its image is not changed.
        tesseract: the Tesseract program, a name on PATH or a full path.
        meanwhile: done once while Tesseract reads, where the print is crisp enough to be believed; left out
            otherwise.
        is_kept: whether Tesseract's library may be kept ready in a process of its own; else the program is
            started for the page.
        light: of this page, where others look at it, too.

    Raises:
        EchoDeskError: Tesseract is missing, fails, or takes longer than three minutes.
    """
    if long_page.is_long(page.image.size):
        return long_page.read_in_pieces(
            page, lambda piece, _: read_words(piece, tesseract=tesseract, is_kept=is_kept)
        )
    started = time.perf_counter()
    even = even_page(light or PageLight(page.image))
    attempts: list[_Attempt] = []
    for rotation_deg in (90, 270, 0) if even.looks_sideways else (0, 180):
        recognised = _Recognition(tesseract, None if attempts else meanwhile, is_kept)
        attempts.append(_attempt(even, rotation_deg, recognised))
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
class _Recognition:
    tesseract: str
    meanwhile: Callable[[], object] | None
    is_kept: bool


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


def _attempt(even: EvenPage, rotation_deg: int, how: _Recognition) -> _Attempt:
    """Read the page turned by `rotation_deg`; one without print, or hopelessly blurred, is not even tried."""
    prepared = prepare(even, rotation_deg=rotation_deg)
    words: tuple[Word, ...] = ()
    tesseract_s = 0.0
    if legibility.is_worth_reading(prepared.sharpness, prepared.line_height_px):
        started = time.perf_counter()
        is_crisp = legibility.is_crisp(prepared.sharpness, prepared.line_height_px)
        rows = recognise(
            prepared.strip.image,
            tesseract=how.tesseract,
            meanwhile=how.meanwhile if is_crisp else None,
            is_kept=how.is_kept,
        )
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


class _Spent(threading.local):
    seconds = 0.0


_spent = _Spent()


def seconds_spent() -> float:
    """How long this thread has waited for Tesseract so far."""
    return _spent.seconds


def recognise(
    gray: Any, *, tesseract: str, meanwhile: Callable[[], object] | None = None, is_kept: bool = True
) -> list[dict[str, str]]:
    """Run Tesseract on a gray image; one mapping a word with its columns of the TSV output.

    The picture and the words go through pipes: no patient's page is ever written to a temporary file, which a
    killed process would leave behind. One thread: pages run in parallel, and its threads hinder each other.

    Args:
        meanwhile: done here while Tesseract reads.
        is_kept: as in `read_words`.

    Raises:
        EchoDeskError: Tesseract is missing, fails, or takes longer than three minutes.
    """
    started = time.perf_counter()
    library = _library_of(tesseract) if is_kept else None

    def read() -> bytes:
        said = _by_library(gray, library) if library else None
        return said if said is not None else _by_program(gray, tesseract)

    if meanwhile is None:
        table = read()
    else:
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="tesseract") as beside:
            reading = beside.submit(read)
            meanwhile()
            table = reading.result()
    _spent.seconds += time.perf_counter() - started
    said = csv.reader(io.StringIO(table.decode("utf-8", "replace")), delimiter="\t", quoting=csv.QUOTE_NONE)
    rows = (dict(zip(_COLUMNS, row, strict=False)) for row in said if len(row) == len(_COLUMNS))
    return [row for row in rows if row["level"] == _WORD_LEVEL and row["text"].strip()]


_COLUMNS: Final = (
    "level", "page_num", "block_num", "par_num", "line_num", "word_num", "left", "top", "width", "height",
    "conf", "text",
)  # fmt: skip


@lru_cache(maxsize=4)
def _library_of(tesseract: str) -> str | None:
    """The library a Tesseract program is linked with; None where that can't be told (macOS, a script)."""
    program, tells = shutil.which(tesseract), shutil.which("ldd")
    if sys.platform != "linux" or program is None or tells is None:
        return None
    try:
        said = subprocess.run(  # noqa: S603 - the system's own, about the user's own program
            [tells, program], capture_output=True, timeout=10, check=False
        ).stdout.decode("utf-8", "replace")
    except (OSError, subprocess.TimeoutExpired):
        return None
    names = [line.split()[2] for line in said.splitlines() if line.strip().startswith("libtesseract.so")]
    return names[0] if names and Path(names[0]).is_file() else None


def _by_library(gray: Any, library: str) -> bytes | None:
    """The table of words by the library; None where it failed, so that the program may say why."""
    asked = {
        "library": library, "language": _LANGUAGE, "page_mode": int(_PAGE_MODE), "dpi": _DPI,
        "width": int(gray.shape[1]), "height": int(gray.shape[0]),
    }  # fmt: skip
    try:
        return b"".join(
            one.read(one.size) for one in answers(_LIBRARY, "tsv", asked, _LIMITS, gray.tobytes())
        )
    except EchoDeskError as error:
        if getattr(error, "code", "") == "too_slow":
            raise
        return None


def _by_program(gray: Any, tesseract: str) -> bytes:
    header = b"P5\n%d %d\n255\n" % (gray.shape[1], gray.shape[0])
    command = [tesseract, "stdin", "stdout", "-l", _LANGUAGE, "--psm", _PAGE_MODE, "--dpi", _DPI, "tsv"]
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
        raise EchoDeskError(*_TOO_SLOW) from error
    if done.returncode != 0:
        # Its messages name no patient: they are about its own data files and options.
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise EchoDeskError(f"Tesseract failed: {said[-1] if said else done.returncode}", _INSTALL_HINT)
    table: bytes = done.stdout
    return table


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
