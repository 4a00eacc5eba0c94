"""A fine-tuning from the workspace's records, with what it tells while it runs."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.commands.options import existing_database
from pipeline.commands.progress import Advance, progress
from pipeline.commands.terminal import complain

if TYPE_CHECKING:
    from db.workspace import Workspace
    from labeling.finetuning.progress import Told
    from labeling.finetuning.settings import FinetuneSettings


def run_finetuning(
    workspace: Workspace,
    out: Path,
    *,
    settings: FinetuneSettings,
    opening: dict[str, Any],
    only_synthetic: bool | None,
) -> dict[str, Any]:
    """Fine-tune with progress on standard error; gives the adapter's card.

    Args:
        opening: arguments of `open_speaker` that say which model and where.
    """

    from db.store.images import ImageStore
    from labeling.finetuning.finetune import Surroundings, finetune_from_reviews, refuse_existing
    from labeling.finetuning.named_lines import read_with_lines
    from labeling.finetuning.speaker import open_speaker
    from labeling.readers.qwen.inputs import PixelBounds

    refuse_existing(out)
    database = existing_database(workspace)
    bounds = PixelBounds(workspace.vlm_min_pixels, workspace.vlm_max_pixels)
    try:
        with ExitStack() as stages:
            return finetune_from_reviews(
                database,
                ImageStore(workspace.images),
                out,
                open_speaker=lambda: open_speaker(**opening, prompt_id=settings.prompt_id, bounds=bounds),
                settings=settings,
                surroundings=Surroundings(now=lambda: datetime.now(UTC)),
                read_again=partial(read_with_lines, tesseract=workspace.tesseract),
                only_synthetic=only_synthetic,
                told=told(Stages(stages)),
            )
    finally:
        database.close()


class Stages:
    """One progress bar at a time, each until the next begins."""

    def __init__(self, stages: ExitStack) -> None:
        self._stages = stages
        self._title = ""
        self._advance: Advance | None = None

    def advance(self, title: str, unit: str, done: int, total: int) -> None:
        """How far the stage of this title is."""
        if self._advance is None or title != self._title:
            self._stages.close()
            self._title, self._advance = title, self._stages.enter_context(progress(title, unit))
        self._advance(done, total)


def told(stages: Stages) -> Told:
    from labeling.finetuning.progress import Told

    def tell_epoch(line: Any) -> None:
        best = ", best so far" if line.is_best else ""
        complain(
            f"Epoch {line.epoch}: {line.hits} of {line.n} fields right on validation{best}; "
            f"loss {line.train_loss:.3f} in training, {line.validation_loss:.3f} on validation "
            f"({line.elapsed_s:.0f} s)"
        )

    return Told(
        on_example=lambda done, total: stages.advance("Finding quotes", "records", done, total),
        on_before=lambda read: complain(
            f"Before: {read.field_rate.hits} of {read.field_rate.n} fields right on validation"
        ),
        on_resume=lambda epoch: complain(f"Going on after epoch {epoch} of a training that was stopped."),
        on_step=lambda step: stages.advance("Training", "steps", step.step, step.steps),
        on_epoch=tell_epoch,
    )
