"""What a network is fed: pictures made into squares once, or what a frozen trunk says about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from db.processes import usual_workers
from pipeline.config.settings import ExperimentSettings
from pipeline.imaging.augment import VIEWS
from pipeline.imaging.backgrounds import paper_without_trace
from pipeline.training.batches import Inputs, Places
from pipeline.training.computing import FirstWeights, seed_of
from pipeline.training.inputs.pictures import (
    BackMix,
    PictureInputs,
    Squares,
    augmentation,
    keep_squares,
)
from pipeline.training.inputs.trunk_cache import keep_trunk
from pipeline.training.reporting import Reporter
from pipeline.training.run_folder import WORK

if TYPE_CHECKING:
    from accelerate import Accelerator


def kept_squares(
    readers: Sequence[Callable[[], Squares]],
    settings: ExperimentSettings,
    folder: Path,
    accelerator: Accelerator,
    reporter: Reporter,
    *,
    name: str = "squares",
    title: str = "Preparing pictures",
) -> tuple[Squares, dict[int, str]]:
    """Every picture's square, made by the first process and seen by all; and place -> why one can't be used.

    Args:
        folder: of the unfinished run; they are kept there under the name.
    """
    with accelerator.main_process_first(), reporter.progress(title, "pictures") as advance:
        return keep_squares(
            readers,
            settings.picture.image_size_px,
            folder / WORK / f"{name}.npy",
            workers=usual_workers(),
            on_progress=advance,
        )


def backmix_of(
    readers: Sequence[Callable[[], Squares]],
    squares: Squares,
    rows: Places,
    *,
    folds: Places,
    groups: Sequence[str],
    settings: ExperimentSettings,
    folder: Path,
    accelerator: Accelerator,
    reporter: Reporter,
) -> BackMix | None:
    """Other papers behind the traces, and a line about how many traces are known; None where it is off.

    Args:
        readers: say where each square's trace is; called only where it is on.
        rows: where each record's square is; folds, groups: of each record.
    """
    share = settings.augmentation.backmix_share
    if not share:
        return None
    title = "Looking for traces"
    traces, _ = kept_squares(readers, settings, folder, accelerator, reporter, name="traces", title=title)
    bare = [_paper_reader(squares, traces, row) for row in range(len(squares))]
    title = "Cutting traces out"
    papers, _ = kept_squares(bare, settings, folder, accelerator, reporter, name="papers", title=title)
    backmix = BackMix(traces, papers, rows, folds=folds, groups=groups, share=share)
    known = int(backmix.has_trace.sum())
    reporter.say(
        f"other papers behind traces: {known} of {len(rows)} photographs; in the others none was found"
    )
    return backmix


def _paper_reader(squares: Squares, traces: Squares, row: int) -> Callable[[], Squares]:
    return lambda: paper_without_trace(np.asarray(squares[row]), np.asarray(traces[row]))


def network_inputs(
    squares: Squares,
    rows: Places,
    settings: ExperimentSettings,
    first: FirstWeights,
    folder: Path,
    accelerator: Accelerator,
    reporter: Reporter,
    *,
    backmix: BackMix | None = None,
    views: int = VIEWS,
) -> Inputs:
    """Pictures, changed anew each epoch; or the frozen trunk's activations of a few changes of each.

    Args:
        rows: where each record's square is.
        views: of each picture, for test-time augmentation.
    """
    changes = augmentation(settings.augmentation, backmix)
    pictures = PictureInputs(squares, settings.picture, changes=changes, rows=rows, views=views)
    if not settings.training.caches_trunk:
        return pictures
    seed = settings.training.seeds[0]
    network = first.network(settings, seed=seed).to(accelerator.device)
    with accelerator.main_process_first(), reporter.progress("Frozen layers", "pictures") as advance:
        return keep_trunk(
            network,
            pictures,
            len(rows),
            folder / WORK / "trunk.npy",
            variants=settings.augmentation.cached_variants if changes else 0,
            seed=seed_of(seed),
            on_progress=advance,
        )
