"""Invented sheets of ECG paper, as small as will do for the shortcut probe."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from pipeline.dataset.probe.shortcuts import Picture


def paper(
    generator: np.random.Generator, *, tint: float = 0.0, header: bool = True, quality: int = 80
) -> bytes:
    """A sheet with a wavy line; its paper redder by `tint` grey levels."""
    page = np.full((90, 120, 3), 215.0) + generator.normal(0, 6, 3) + generator.normal(0, 3, (90, 120, 3))
    page[..., 0] += tint
    rows = 45 + 20 * np.sin(np.arange(120) / generator.uniform(3, 9))
    page[rows.astype(int), np.arange(120)] = 30
    if header:
        page[2:5, 10 : int(generator.integers(40, 90))] = 40
    file = io.BytesIO()
    Image.fromarray(np.clip(page, 0, 255).astype(np.uint8)).save(file, "JPEG", quality=quality)
    return file.getvalue()


def sheets(seed: int, tint: float, count: int = 60) -> list[Picture]:
    """Sheets of two classes in turn, the second redder by `tint`; each of a patient of its own."""
    generator = np.random.default_rng(seed)
    return [Picture(paper(generator, tint=tint * (n % 2)), "ab"[n % 2], f"patient {n}") for n in range(count)]
