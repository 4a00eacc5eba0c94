"""What the tests of this room share: a tiny Qwen2-VL checkpoint, built once a run."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a random Qwen2-VL with random weights; not to be written to."""
    pytest.importorskip("torch", reason="the optional set vlm is not installed")
    pytest.importorskip("transformers", reason="the optional set vlm is not installed")
    import torch
    from tiny_qwen import build_tiny_qwen

    torch.set_num_threads(1)  # a model this small only waits for its second thread
    return build_tiny_qwen(tmp_path_factory.mktemp("tiny_qwen") / "checkpoint")
