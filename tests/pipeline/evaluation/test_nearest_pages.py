"""Among many pages those that look alike are found, and of them those that are one page."""

from __future__ import annotations

import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.evaluation import workers
from pipeline.evaluation.leaks import nearest, same_pages
from pipeline.evaluation.photographs import look_at
from pipeline.imaging.capture import Condition, encode_jpeg, photograph
from pipeline.imaging.paper import draw_ecg_page
from pipeline.imaging.same_page import Sketch

RATE_HZ = 250


def sketch(seed: int, noise: float = 0.0, *, is_upright: bool = False) -> Sketch:
    """Strokes by chance over what all pages share; with noise the same page again."""
    layout = np.random.default_rng(0).random((96, 128))
    own = np.random.default_rng([1, seed]).random((96, 128))
    again = np.random.default_rng([2, seed, int(100 * noise)]).random((96, 128))
    small = (layout + own + noise * again).astype(np.float32)
    plane = cv2.resize(small, (288, 384) if is_upright else (384, 288), interpolation=cv2.INTER_LINEAR)
    steps = np.clip(plane * 7, 0, 15).astype(np.uint8)
    return Sketch(zlib.compress(steps.tobytes()), is_upright)


BLANK = Sketch(zlib.compress(bytes(288 * 384)), False)


def test_each_page_is_paired_with_those_of_other_groups_that_look_most_like_it() -> None:
    pages = [sketch(1), sketch(2), sketch(1, 0.1), sketch(3), BLANK, BLANK]
    found = nearest.nearest_pairs(pages, range(6), most=1)
    assert (0, 2) in found and (0, 1) not in found and (0, 3) not in found
    assert not {4, 5} & {place for pair in nearest.nearest_pairs(pages, range(6), most=3) for place in pair}
    # Those of its own group hide no other.
    assert nearest.nearest_pairs([sketch(1), sketch(1, 0.05), sketch(1, 0.1)], [1, 1, 2], most=1) == [
        (0, 2), (1, 2),
    ]  # fmt: skip
    # One picture twice in a group is one.
    assert nearest.nearest_pairs([sketch(1), sketch(1), sketch(1, 0.1)], [1, 1, 2], most=2) == [(0, 2)]
    assert nearest.nearest_pairs([sketch(1), sketch(1, 0.1)], [1, 1], most=1) == []
    assert nearest.nearest_pairs([sketch(1), sketch(1, is_upright=True)], [1, 2], most=1) == []
    assert nearest.nearest_pairs([], [], most=1) == []


def test_how_pages_are_parted_for_the_search_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [sketch(number % 30, 0.1 * (number // 30)) for number in range(60)]
    groups = [number % 7 for number in range(60)]
    whole = nearest.nearest_pairs(pages, groups, most=2)
    assert {(number, number + 30) for number in range(30) if number % 7 != (number + 30) % 7} <= set(whole)
    monkeypatch.setattr(nearest, "_ROWS", 7)
    assert nearest.nearest_pairs(pages, groups, most=2) == whole


@pytest.mark.parametrize("few", [300, 0])
def test_a_page_photographed_again_is_found_among_others_by_threads_and_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(workers, "_FEW", few)
    for number in range(6):
        rng = np.random.default_rng(number)
        phase = np.mod(np.arange(10 * RATE_HZ) / RATE_HZ + rng.uniform(), rng.uniform(0.7, 1.0))
        waves = ((0.2, 0.03, 0.12), (0.36, 0.012, 1.0), (0.4, 0.014, -0.35), (0.6, 0.06, 0.3))
        shapes = np.array([top * np.exp(-(((phase - at) / wide) ** 2)) for at, wide, top in waves])
        signal = rng.normal(1.0, 0.35, size=(12, len(waves))) @ shapes
        drawn = draw_ecg_page(signal.astype(np.float32), RATE_HZ, header=("ECG",), px_per_mm=4.0).image
        (tmp_path / f"{number}.jpg").write_bytes(encode_jpeg(drawn, 85))
        if number == 3:
            again = photograph(drawn, np.random.default_rng(9), Condition.PHONE)
            (tmp_path / "again.jpg").write_bytes(again.jpeg())
    files = sorted(tmp_path.iterdir())
    looks = {file: look_at(file) for file in files}
    sketches = {file: look.sketch for file, look in looks.items() if look is not None}
    folds = {file: place % 5 for place, file in enumerate(files)}
    assert len(sketches) == 7
    assert same_pages.same_pages(sketches, folds) == ((tmp_path / "3.jpg", tmp_path / "again.jpg"),)
