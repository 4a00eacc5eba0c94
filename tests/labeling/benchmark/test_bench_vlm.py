"""The bench of the language-model reader: both sides print as much, and its ratios follow from its times."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from PIL import Image

from labeling.benchmark.speed_qwen import VlmBench, bench_vlm
from labeling.pages.page import Page
from labeling.readers.qwen.inputs import PixelBounds

RESULT = VlmBench(
    reports=20,
    batch_size=8,
    ours_s=10.0,
    recipe_s=60.0,
    prompt_tokens=1500.0,
    recipe_prompt_tokens=3000.0,
    answer_tokens=150.0,
    forward_passes=90.0,
    recipe_forward_passes=150.0,
    held_s=2.1,
    free_s=2.0,
    held_with_skips_s=1.5,
    device="cpu",
    precision="float32",
    model="tiny",
)


def test_ratios_follow_from_the_times() -> None:
    assert (RESULT.reports_per_s, RESULT.ratio) == (2.0, 6.0)
    assert RESULT.grammar_overhead == pytest.approx(0.05)
    assert RESULT.grammar_with_skips == pytest.approx(-0.25)


def test_nothing_to_measure_is_refused_before_a_model_is_opened() -> None:
    with pytest.raises(ValueError, match="at least one page"):
        bench_vlm([], model="not/opened")


@pytest.mark.slow
def test_both_sides_read_the_pages_and_nothing_is_printed(
    tiny_checkpoint: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    image = Image.new("RGB", (200, 120), "white")
    image.save(tmp_path / "page.png")
    done: list[tuple[int, int]] = []

    result = bench_vlm(
        [Page(1, image), tmp_path / "page.png"],
        model=str(tiny_checkpoint),
        device="cpu",
        batch_size=2,
        bounds=PixelBounds(28 * 28 * 4, 28 * 28 * 16),
        on_progress=lambda number, of: done.append((number, of)),
    )

    assert (result.reports, result.batch_size, done) == (2, 2, [(2, 2)])
    assert 1 < result.forward_passes < result.answer_tokens == result.recipe_forward_passes
    assert all(value > 0 for value in dataclasses.astuple(result) if isinstance(value, float))
    assert "answer" not in capfd.readouterr().out
