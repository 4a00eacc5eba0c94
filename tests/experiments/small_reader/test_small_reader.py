"""The recipe of docs/experiments.md in miniature: every stage teaches, and the reader opens what it
leaves.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from cohort import write_cohort  # noqa: E402
from printing import MAX_PIXELS, PAGE_PX, print_crop, view  # noqa: E402
from wording import crops  # noqa: E402

from labeling.readers.parse import parse_answer  # noqa: E402

HERE = Path(__file__).parent
SMALL = ["--text-hidden", "64", "--text-layers", "2", "--vision-hidden", "64", "--vision-layers", "1",
"--batch", "8",
         "--merger-batches", "2", "--merger-steps", "20"]  # fmt: skip


def run_stage(folder: Path, stage: str, steps: int) -> list[dict[str, float]]:
    """The log of one stage."""
    done = subprocess.run(
        [sys.executable, str(HERE / "train.py"), "--out", str(folder), "--stage", stage, "--steps",
        str(steps),
         "--every", "10", *SMALL],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def test_a_crop_holds_every_quote_and_its_answer_reads_back_as_its_findings() -> None:
    for layout in (None, "table"):
        for crop, _ in zip(crops(np.random.default_rng(4), level=1, layout=layout), range(60), strict=False):
            printed = [line.replace("\t", " ") for line in crop.lines]
            assert all(any(quote in line for line in printed) for quote in crop.quotes.values())
            assert parse_answer(crop.answer).findings == crop.findings


def test_letters_stand_where_they_are_said_to_stand() -> None:
    rng = np.random.default_rng(5)
    crop = next(crops(rng, level=0))
    printed = print_crop(crop, rng, level=0)
    seen = view(printed.page)
    assert printed.page.size == PAGE_PX
    for x, y, _ in printed.letters:
        around = seen[max(0, int(y) - 6) : int(y) + 6, max(0, int(x) - 4) : int(x) + 5]
        assert around.min() < 160, "no ink near a letter"


def test_other_seeds_give_other_people() -> None:
    first, second = (
        {
            crop.person.name
            for crop, _ in zip(crops(np.random.default_rng(seed), level=1), range(40), strict=False)
        }
        for seed in (1, 2)
    )
    assert len(first) == len(second) == 40
    assert len(first & second) < 4


@pytest.mark.slow
@pytest.mark.long
def test_every_stage_teaches_and_the_reader_opens_what_it_leaves(tmp_path: Path) -> None:
    from model import Dialogue, patches
    from transformers import AutoProcessor, Qwen2VLForConditionalGeneration

    from labeling.pages.page import Page
    from labeling.readers.prompts import PROMPTS
    from labeling.readers.qwen.inputs import Question, model_inputs
    from labeling.readers.qwen.reader import Qwen2VLReader

    for stage, steps in (("letters", 40), ("words", 40), ("together", 20)):
        log = run_stage(tmp_path, stage, steps)
        name = "letters_loss" if stage == "letters" else "loss"
        if stage != "together":
            assert log[-1][name] < 0.8 * log[0][name]
    reader = Qwen2VLReader(str(tmp_path / "reader"), max_pixels=MAX_PIXELS, min_pixels=28 * 28, device="cpu")
    rng = np.random.default_rng(6)
    page = Page(1, print_crop(next(crops(rng, level=1)), rng, level=1).page.convert("RGB"))
    reading = reader.read_pages([page])
    assert reading.generation is not None
    assert reading.generation.is_complete
    given = model_inputs(
        [Question((page.image,), PROMPTS["read-1"])], reader.asker.loaded, reader.asker.bounds
    )
    model = Qwen2VLForConditionalGeneration.from_pretrained(tmp_path / "reader")
    taught = Dialogue(model, AutoProcessor.from_pretrained(tmp_path / "reader"))
    assert given["input_ids"][0].tolist() == taught.prefix
    difference = (given["pixel_values"] - patches(view(page.image.convert("L"))[None])).abs().max().item()
    assert difference < 0.05, "training and reading see different pictures"


def test_a_cohort_can_be_scored_by_the_benchmark(tmp_path: Path) -> None:
    from labeling.benchmark.gold import gold_reports

    write_cohort(tmp_path, patients=3, seed=8, layout="table")
    assert len(gold_reports(tmp_path, "pages")) == 3
