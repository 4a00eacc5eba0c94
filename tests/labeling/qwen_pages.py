"""Drawn pages and the questions about them, for the tests of the language model on a tiny checkpoint."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from PIL import Image, ImageDraw

from labeling.pages.page import Page
from labeling.readers.prompts import PROMPTS
from labeling.readers.qwen.inputs import Question

TOKEN_PX = 28 * 28
OPTIONS: dict[str, Any] = {
    "device": "cpu",
    "min_pixels": 4 * TOKEN_PX,
    "max_pixels": 24 * TOKEN_PX,
    "batch_size": 4,
}


def drawn_page(seed: int, text: str = "", *, number: int = 1, size: tuple[int, int] | None = None) -> Page:
    """A page with marks of its own and a line of text."""
    choose = random.Random(seed)
    width, height = size or (choose.randrange(60, 400), choose.randrange(60, 300))
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    for _ in range(12):
        spot = [choose.randrange(width), choose.randrange(height)]
        draw.rectangle(
            [*spot, spot[0] + 20, spot[1] + 6], fill=choose.choice(["black", "gray", "red", "blue"])
        )
    draw.text((5, 5), text or f"LVEF {choose.randrange(20, 70)} %", fill="black")
    return Page(number, image)


def some_reports() -> list[list[Page]]:
    """Reports of very different sizes, one of them of two pages."""
    return [
        [drawn_page(1)],
        [drawn_page(2, size=(60, 60))],
        [drawn_page(3), drawn_page(4, number=2)],
        [drawn_page(5)],
    ]


def questions_of(reports: Sequence[Sequence[Page]]) -> list[Question]:
    return [Question(tuple(page.image for page in pages), PROMPTS["read-1"]) for pages in reports]
