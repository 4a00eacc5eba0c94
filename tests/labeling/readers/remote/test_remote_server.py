"""The remote reader against real model servers: processes on loopback that run a tiny random checkpoint."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from loopback import free_port
from PIL import Image

from db.errors import EchoDeskError
from labeling.pages.page import Page
from labeling.readers.base import Reading
from labeling.readers.parse import parse_answer
from labeling.readers.remote.reader import RemoteReader
from labeling.readers.remote.request import fitted_size
from labeling.readers.remote.servers import Patience

HERE = Path(__file__).parents[2]
FIELDS = {"ef_percent", "rwma", "pah", "rvsp_mmhg"}


@contextmanager
def running(command: Sequence[str], folder: Path) -> Iterator[None]:
    """A server process without a network beyond loopback; ended after use."""
    quiet = {
        "HF_HUB_OFFLINE": "1",
        "HF_HOME": str(folder / "hub"),
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(HERE.parents[3]),
    }
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=os.environ | quiet)
        try:
            yield
        finally:
            process.kill()
            process.wait()


def reader_at(port: int, model: str, **more: int) -> RemoteReader:
    """A reader that waits for the server to start, with small pages."""
    return RemoteReader(
        [f"http://127.0.0.1:{port}/v1"],
        model,
        min_pixels=784,
        max_pixels=784 * 12,
        patience=Patience(timeout_s=300, give_up_s=600, start_s=600),
        rng=random.Random(2),
        **more,  # type: ignore[arg-type]
    )


def pages(seed: int, count: int = 1) -> list[Page]:
    """A report of noise."""
    noise = random.Random(seed)
    return [
        Page(
            number + 1, Image.frombytes("RGB", (60, 50), noise.randbytes(60 * 50 * 3)), lossy=bool(number % 2)
        )
        for number in range(count)
    ]


@pytest.mark.slow
def test_a_real_server_that_keeps_to_the_schema_gives_readings_with_confidence(
    tiny_checkpoint: Path, tmp_path: Path
) -> None:
    pytest.importorskip("xgrammar", reason="the optional set vlm is not installed")
    port = free_port()
    with running([sys.executable, str(HERE / "tiny_server.py"), str(tiny_checkpoint), str(port)], tmp_path):
        reader = reader_at(port, "", max_answer_tokens=1000, concurrency=2)
        assert reader.weights_revision == str(tiny_checkpoint)
        assert str(tiny_checkpoint.parent) not in reader.version
        outcomes = reader.read_reports([pages(1), pages(2, count=2)])
    for outcome in outcomes:
        assert isinstance(outcome, Reading), outcome
        generation = outcome.generation
        assert generation is not None and generation.is_complete
        assert (generation.decoding["grammar"], generation.decoding["logprobs"]) == ("json_schema", True)
        assert generation.prompt_tokens > 300 and generation.answer_tokens > 40
        assert generation.model == tiny_checkpoint.name and generation.revision == str(tiny_checkpoint)
        parse_answer(generation.raw_text)
        # A random model is unsure: had the probabilities been lost on the way, all would be 1 or missing.
        assert set(outcome.confidence) == FIELDS
        assert all(0 < value <= 1 for value in outcome.confidence.values())
        assert min(outcome.confidence.values()) < 0.9


@pytest.mark.slow
def test_transformers_serve_is_talked_to_and_its_free_text_fails_by_name(
    tiny_checkpoint: Path, tmp_path: Path
) -> None:
    pytest.importorskip("openai", reason="the extra `transformers[serving]` is not installed")
    port = free_port()
    model = str(tiny_checkpoint)
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", model, "--port", str(port)]
    with running([*command, "--device", "cpu", "--host", "127.0.0.1"], tmp_path):
        reader = reader_at(port, model, max_answer_tokens=40)
        assert reader.weights_revision == "unknown"
        outcomes = reader.read_reports([pages(1), pages(2, count=2)])
        with pytest.raises(EchoDeskError, match="refused"):
            reader_at(port, "another/model").read_pages(pages(3))
    for outcome in outcomes:
        # It has no grammar, and what a random model prints (often nothing but special tokens) keeps to no
        # form.
        assert isinstance(outcome, EchoDeskError)
        assert "(not_json" in outcome.message or "(reply_empty)" in outcome.message


def test_a_page_is_sent_at_the_size_the_models_own_processor_would_choose() -> None:
    pytest.importorskip("transformers", reason="the optional set vlm is not installed")
    from transformers.models.qwen2_vl.image_processing_qwen2_vl import smart_resize

    chance = random.Random(4)
    for _ in range(2000):
        width, height = chance.randint(30, 4000), chance.randint(30, 4000)
        least = chance.randint(1, 300) * 784
        bounds = {"min_pixels": least, "max_pixels": least + chance.randint(4, 1200) * 784}
        tall, wide = smart_resize(height, width, factor=28, **bounds)
        assert fitted_size(width, height, **bounds) == (wide, tall)
