"""What the tests of fine-tuning share: a tiny model that can learn, and how to open it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from reviewed_workspace import ReviewedWorkspace, fill

from labeling.finetuning.examples import TrainingExample, open_pages_of
from labeling.finetuning.inputs import answer_loss, encode, taught_tokens
from labeling.finetuning.settings import FinetuneSettings
from labeling.finetuning.speaker import QwenSpeaker, open_speaker
from labeling.finetuning.training import rate_factor
from labeling.readers.qwen.inputs import PixelBounds

BOUNDS = PixelBounds(4 * 28 * 28, 16 * 28 * 28)
SETTINGS = FinetuneSettings(epochs=2, rate=3e-2, rank=8, batch_size=3, accumulation=1, validation_share=0.25)


class StoppedError(Exception):
    """Stands for a kill."""


def learning_checkpoint(tiny: Path, folder: Path) -> Path:
    """The tiny model with larger word vectors: with its own, whatever it learns hardly moves its
    probabilities.
    """
    from safetensors.torch import load_file, save_file

    shutil.copytree(tiny, folder)
    weights = load_file(folder / "model.safetensors")
    weights = {name: tensor * (10 if "embed_tokens" in name else 1) for name, tensor in weights.items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


@contextmanager
def eight_records(root: Path) -> Iterator[ReviewedWorkspace]:
    """A workspace with eight reviewed records of four patients, two of them corrected."""
    world = ReviewedWorkspace(root)
    fill(world, 8)
    yield world
    world.close()


def speaker_of(checkpoint: Path) -> QwenSpeaker:
    return open_speaker(str(checkpoint), prompt_id="read-1", bounds=BOUNDS, device="cpu")


def teach_everything(
    tiny: Path, folder: Path, world: ReviewedWorkspace, examples: Sequence[TrainingExample]
) -> None:
    """Write a checkpoint with all weights of the tiny model trained until it answers as the examples do."""
    import torch

    speaker = speaker_of(tiny)
    coded = [encode(speaker, example, open_pages_of(world.store, example)) for example in examples]
    model = speaker.model.requires_grad_(True).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3)
    steps = 120
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate_factor(step, steps, 0.1))
    for step in range(steps):
        batch = [coded[(2 * step + offset) % len(coded)] for offset in range(2)]
        loss = answer_loss(model, batch, speaker, "cpu") / sum(map(taught_tokens, batch))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    shutil.copytree(tiny, folder)
    model.save_pretrained(folder)
