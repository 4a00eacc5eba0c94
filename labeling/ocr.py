"""Words of a page image: one Tesseract pass over the straightened, evenly lit page."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from db.errors import EchoDeskError
from labeling import geometry, illumination

if TYPE_CHECKING:
    from labeling.pages import Page

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Word:
    """One recognised word, verbatim.

    Attributes:
        box: (left, top, right, bottom) in pixels of the page image as it was given.
        confidence: Tesseract's word confidence, 0-1.
        line, block: running numbers in reading order, unique on the page.
    """

    text: str
    box: Box
    confidence: float
    line: int
    block: int


@dataclass(frozen=True)
class OcrPage:
    """Everything read from one page, words in reading order."""

    number: int
    words: tuple[Word, ...]
    legibility: Mapping[str, float] = field(default_factory=dict)
    unreadable_reason: str = ""
    skew_deg: float = 0.0
    rotation_deg: int = 0
    width_px: int = 0
    height_px: int = 0
    elapsed_s: float = 0.0
    own_elapsed_s: float = 0.0


def read_words(page: Page, *, tesseract: str = "tesseract") -> OcrPage:
    import cv2
    import numpy as np
    started = time.perf_counter()
    gray = np.asarray(page.image.convert("L"))
    height, width = gray.shape
    flat = illumination.flatten(gray)
    ink = geometry.ink_map(flat)
    skew = geometry.estimate_skew(ink)
    to_processed, size = geometry.skew_matrix(width, height, skew)
    scale = 1.0 if max(width, height) > 1500 else 1.6
    to_processed = geometry.scale_matrix(scale) @ to_processed
    size = (int(size[0] * scale), int(size[1] * scale))
    ready = cv2.warpPerspective(flat, to_processed, size, flags=cv2.INTER_CUBIC, borderValue=245)
    back = np.linalg.inv(to_processed)
    own = time.perf_counter() - started
    pass_started = time.perf_counter()
    rows = run_tesseract(ready, tesseract=tesseract)
    elapsed = time.perf_counter() - pass_started
    words = []
    for r in rows:
        l, t, w, h = int(r["left"]), int(r["top"]), int(r["width"]), int(r["height"])
        words.append(Word(r["text"], geometry.map_box((l, t, l + w, t + h), back, (width, height)), float(r["conf"]) / 100,
          int(r["block_num"]) * 10000 + int(r["par_num"]) * 100 + int(r["line_num"]), int(r["block_num"]) * 100 + int(r["par_num"])))
    return OcrPage(page.number, tuple(words), {}, "", skew, 0, width, height, elapsed, own)


def run_tesseract(gray: Any, *, tesseract: str) -> list[dict[str, str]]:
    header = b"P5\n%d %d\n255\n" % (gray.shape[1], gray.shape[0])
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    done = subprocess.run([tesseract, "stdin", "stdout", "--psm", os.environ.get("PSM", "4"), "--dpi", "150", "tsv"], input=header + gray.tobytes(), capture_output=True, env=environment, timeout=120)
    rows = csv.DictReader(io.StringIO(done.stdout.decode("utf-8", "replace")), delimiter="\t", quoting=csv.QUOTE_NONE)
    return [r for r in rows if r["level"] == "5" and r["text"].strip()]
