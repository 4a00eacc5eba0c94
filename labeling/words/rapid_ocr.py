"""Words of a page image by RapidOCR: an engine of another make than Tesseract, so that their mistakes differ.

Its ONNX models come inside the package; nothing is downloaded and no process is started. It is told the
page's quarter turns and finds the lines by itself; nothing that `prepared.py` makes of a page is used but its
pixels as given, so that a fault there can't mislead both engines.
"""

from __future__ import annotations

import importlib.util
import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from db.errors import EchoDeskError
from db.processes import silence_telemetry
from labeling.pages import geometry, legibility
from labeling.words import long_page, rapid_lines, recognising
from labeling.words.poor import seen_line
from labeling.words.read_page import OcrPage, Word

if TYPE_CHECKING:
    from labeling.pages.page import Page
    from labeling.pages.pixels import Box, Colours
    from labeling.words.poor.seen_line import SeenLine

NAME = "rapidocr"
# Raise it whenever the same page would give other words.
RAPID_VERSION = "2"

# Longer side of the picture in which lines are looked for. Larger costs more, and can return an empty page.
_DETECTION_SIDE_PX = 960
# By how much a line is narrowed: what reading it costs is its width.
_NARROWING = 0.8
# Surer of its letters than this on average, or the page can't be read.
_LEAST_CONFIDENCE = 0.8
_INSTALL_HINT = "Install it with: pip install rapidocr onnxruntime; or read without a second reader."


def is_installed() -> bool:
    """Whether RapidOCR and its runtime can be imported; looks, but imports nothing."""
    return all(importlib.util.find_spec(name) is not None for name in ("rapidocr", "onnxruntime"))


@dataclass(frozen=True)
class FoundLines:
    """The lines of a page, before anything is known of it.

    Attributes:
        corners: 4 x 2 pixels each.
        pixels: the page they were found on, channels blue green red; None where it is not kept.
    """

    corners: tuple[Any, ...]
    pixels: Colours | None


def find_lines(page: Page, pixels: Colours | None = None, *, threads: int = 1) -> FoundLines | None:
    """The lines of a page; None for a page that is read in pieces.

    Args:
        pixels: of the page, where they were unpacked before: red, green and blue, or gray.

    Raises:
        EchoDeskError: RapidOCR is not installed, or its models are not in the package.
    """
    if long_page.is_long(page.image.size):
        return None
    colours = _colours(page, pixels)
    return FoundLines(tuple(load_engine(threads).find_lines(colours)), colours)


def _colours(page: Page, pixels: Colours | None = None) -> Colours:
    """Its pixels, channels blue green red.

    Args:
        pixels: as in `find_lines`.
    """
    import cv2
    import numpy as np

    if pixels is None:
        is_plain = page.image.mode in ("L", "RGB")
        pixels = np.asarray(page.image if is_plain else page.image.convert("RGB"))
    turned = cv2.COLOR_GRAY2BGR if pixels.ndim < 3 else cv2.COLOR_RGB2BGR
    return np.asarray(cv2.cvtColor(pixels, turned))


def read_words(
    page: Page,
    *,
    first: OcrPage | None = None,
    found: FoundLines | None = None,
    threads: int = 1,
    with_all_beside: bool = False,
) -> OcrPage:
    """Read one page.

    Args:
        page: its image is not changed.
        first: what another engine read of it. Its quarter turns are believed, and lines that can't matter are
            taken over from it; see `rapid_lines.settled_lines`. Without it every line is read.
        found: from `find_lines`; lines are looked for again where the page was turned.
        threads: of the ONNX runtime.
        with_all_beside: as in `rapid_lines.settled_lines`; how it was until November 2026, for the bench.

    Raises:
        EchoDeskError: RapidOCR is not installed, or its models are not in the package.
    """
    if long_page.is_long(page.image.size):
        return long_page.read_in_pieces(
            page, lambda piece, seen: read_words(piece, first=seen, threads=threads), first
        )
    import numpy as np

    started = time.perf_counter()
    engine = load_engine(threads)
    rotation_deg = first.rotation_deg if first else 0
    size = page.image.size
    turn, turned_size = geometry.quarter_turn_matrix(*size, rotation_deg)
    colours = _colours(page) if found is None or found.pixels is None else found.pixels
    turned = np.ascontiguousarray(np.rot90(colours, rotation_deg // 90))
    before_s = engine.spent_s
    corners = engine.find_lines(turned) if found is None or rotation_deg else found.corners
    lines = rapid_lines.arrange(corners, turned_size)
    back = np.linalg.inv(turn)
    read = _LinesRead(engine, turned, lines, lambda box: geometry.map_box(box, back, size))
    words = read.all_words(first, with_all_beside=with_all_beside)
    measures = _measures(words, read.fresh_words())
    engine_s = engine.spent_s - before_s
    return OcrPage(
        number=page.number,
        words=words,
        legibility=measures,
        unreadable_reason=_reason_unreadable(measures),
        rotation_deg=rotation_deg,
        width_px=size[0],
        height_px=size[1],
        elapsed_s=engine_s,
        own_elapsed_s=time.perf_counter() - started - engine_s,
    )


class _LinesRead:
    """The lines of a page: taken over from the first engine, or read by this one.

    Args:
        page: channels blue green red.
        to_given: a box of `page` -> that of the page as given.
    """

    def __init__(
        self,
        engine: RapidEngine,
        page: Colours,
        lines: Sequence[rapid_lines.Quad],
        to_given: Callable[[Box], Box],
    ) -> None:
        self._engine, self._page, self._lines, self._to_given = engine, page, lines, to_given
        self._boxes = [to_given(line.box()) for line in lines]
        self._fresh: dict[int, list[Word]] = {}

    def all_words(self, first: OcrPage | None, *, with_all_beside: bool) -> tuple[Word, ...]:
        """The words of all lines in order; those that matter are read here."""
        known = self._taken_over(first, with_all_beside=with_all_beside)
        self._read(known)
        printed = {index: (self._lines[index].line, words) for index, words in self._fresh.items()}
        revealed = rapid_lines.revealed_lines(first, self._boxes, printed)
        if revealed and not with_all_beside:
            known = self._taken_over(first, revealed)
            self._read(known)
        return tuple(
            replace(word, line=line.line, block=line.block)
            for index, (line, taken) in enumerate(zip(self._lines, known, strict=True))
            for word in self._fresh.get(index, taken)
        )

    def fresh_words(self) -> list[Word]:
        """What was read here, in order."""
        return [word for index in sorted(self._fresh) for word in self._fresh[index]]

    def _read(self, known: Sequence[Sequence[Word]]) -> None:
        """Read the lines that no words are known of, and that were not read before."""
        wanted = [index for index, words in enumerate(known) if not words and index not in self._fresh]
        self._fresh.update((index, []) for index in wanted)
        for nth, word in self._engine.read_lines(self._page, [self._lines[index] for index in wanted]):
            self._fresh[wanted[nth]].append(replace(word, box=self._to_given(word.box)))

    def _taken_over(
        self, first: OcrPage | None, revealed: Collection[int] = (), *, with_all_beside: bool = False
    ) -> list[tuple[Word, ...]]:
        if first is None:
            return [()] * len(self._boxes)
        settled = rapid_lines.settled_lines(first, revealed, with_all_beside=with_all_beside)
        return [rapid_lines.words_within(first, settled, box) for box in self._boxes]


# RapidOCR keeps state between its steps, so threads that read side by side each have an engine (30 MB).
_engines = threading.local()


def load_engine(threads: int = 1) -> RapidEngine:
    """The engine of this thread, built on first use.

    Raises:
        EchoDeskError: RapidOCR is not installed, or its models are not in the package.
    """
    built: dict[int, RapidEngine] = _engines.__dict__.setdefault("by_threads", {})
    if threads not in built:
        built[threads] = _build_engine(threads)
    return built[threads]


def _build_engine(threads: int) -> RapidEngine:
    if not is_installed():
        raise EchoDeskError("RapidOCR is not installed", _INSTALL_HINT)
    silence_telemetry()
    import rapidocr

    # It writes its own coloured lines to stderr; a page that gives no text is no news there.
    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
    models = Path(rapidocr.__file__).parent / "models"
    found = {kind: sorted(models.glob(f"*_{kind}_*.onnx")) for kind in ("det", "rec")}
    if not all(found.values()):
        # With no path given it would fetch them from the network.
        raise EchoDeskError(
            "RapidOCR's models are not in its package", "Reinstall it: pip install --force rapidocr"
        )
    engine = rapidocr.RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,
            "Det.model_path": str(found["det"][0]),
            "Det.limit_type": "max",
            "Det.limit_side_len": _DETECTION_SIDE_PX,
            "Rec.model_path": str(found["rec"][0]),
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "EngineConfig.onnxruntime.enable_cpu_mem_arena": True,
        }
    )
    return RapidEngine(engine)


class RapidEngine:
    """RapidOCR's detector and recogniser, each asked by itself.

    Args:
        engine: a `rapidocr.RapidOCR`.

    Attributes:
        spent_s: seconds in the engine so far, its own recogniser alone.
    """

    def __init__(self, engine: Any) -> None:
        import numpy as np

        blank = np.full((64, 320, 3), 255, np.uint8)
        self._engine = engine
        self._engine(blank)  # loads the detector
        self._engine.recognize_txt([blank])  # and the recogniser
        self._usual = recognising.Usual(self._engine.text_rec)
        self._tables: list[Any] | None = None
        self._engine.text_det.get_preprocess = self._quick_preprocess
        self.spent_s = 0.0

    def find_lines(self, page: Colours, side_px: int = _DETECTION_SIDE_PX) -> list[Any]:
        """Corners (4 x 2 pixels) of the printed lines of a page, channels blue green red.

        Args:
            side_px: longest side of the picture they are looked for in.
        """
        self._engine.text_det.limit_side_len = side_px
        started = time.perf_counter()
        found = self._engine.text_det(page)
        self.spent_s += time.perf_counter() - started
        return [] if found.boxes is None else list(found.boxes)

    @contextmanager
    def reckoning_anew(self) -> Iterator[None]:
        """Meanwhile RapidOCR reckons its detector's numbers itself, as until November 2026; for the bench."""
        detector = self._engine.text_det
        del detector.get_preprocess
        try:
            yield
        finally:
            detector.get_preprocess = self._quick_preprocess

    def _quick_preprocess(self) -> Callable[[Colours], Any]:
        """RapidOCR's own way to make a picture ready for its detector, its numbers looked up."""
        usual = type(self._engine.text_det).get_preprocess(self._engine.text_det)
        if self._tables is None:
            self._tables = _tables_of(usual)
        tables = self._tables

        def prepared(page: Colours) -> Any:
            import cv2
            import numpy as np

            resized = usual.resize(page)
            if resized is None:
                return None
            planes = [cv2.LUT(plane, table) for plane, table in zip(cv2.split(resized), tables, strict=True)]
            return np.stack(planes)[None]

        return prepared

    def read_lines(
        self,
        page: Colours,
        quads: Sequence[rapid_lines.Quad],
        *,
        narrowing: float = _NARROWING,
        recogniser: recognising.Recogniser | None = None,
    ) -> list[tuple[int, Word]]:
        """The words of the lines in order, each with the index of its line; boxes in pixels of `page`.

        Args:
            narrowing: width of a letter as the recogniser sees it; wider ones cost more.
            recogniser: who reads them; without one RapidOCR's own.
        """
        pieces = [
            (index, piece)
            for index, quad in enumerate(quads)
            for piece in recognising.pieces_of(page, quad, narrowing)
        ]
        before = self._usual.spent_s
        read = recognising.read_pieces([piece for _, piece in pieces], recogniser or self._usual)
        self.spent_s += self._usual.spent_s - before
        return [(index, word) for (index, _), words in zip(pieces, read, strict=True) for word in words]

    def see_lines(
        self,
        page: Colours,
        quads: Sequence[rapid_lines.Quad],
        *,
        narrowing: float,
        recogniser: recognising.Recogniser | None = None,
    ) -> list[SeenLine]:
        """What is seen in each line, each by itself: beside others it would be seen a little otherwise."""
        reader = recogniser or self._usual
        lines = []
        for quad in quads:
            pieces = recognising.pieces_of(page, quad, narrowing)
            chances = [reader.chances(piece.pixels[None])[0] for piece in pieces]
            lines.append(seen_line.seen(chances, reader.characters))
        return lines


def _tables_of(preprocess: Any) -> list[Any]:
    """What RapidOCR makes of each of 256 brightnesses of each channel. It reckons a whole page in 64 bits, a
    tenth of a second; there are no more than these numbers.
    """
    import numpy as np

    every = np.repeat(np.arange(256, dtype=np.uint8)[:, None, None], 3, axis=2)
    made = preprocess.normalize(every).astype(np.float32)
    return [np.ascontiguousarray(made[:, 0, channel]) for channel in range(3)]


def _measures(words: Sequence[Word], read: Sequence[Word]) -> dict[str, float]:
    """How sure the engine was of what it read itself, and whether the whole is English of this kind."""
    letters = sum(len(word.text) for word in read)
    confidence = sum(len(word.text) * word.confidence for word in read) / letters if letters else 0.0
    return {
        "word_confidence": round(confidence if read else 1.0, 3),
        "known_words": round(legibility.known_word_share([word.text for word in words]), 3),
        "word_count": float(len(words)),
        "read_share": round(len(read) / len(words), 3) if words else 0.0,
    }


def _reason_unreadable(measured: dict[str, float]) -> str:
    if not measured["word_count"]:
        return "No text was found on the page."
    if measured["word_confidence"] < _LEAST_CONFIDENCE:
        return "Too few words on the page could be recognised to trust its digits."
    return ""
