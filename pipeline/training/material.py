"""What a network is fed: pictures made into squares once, or what a frozen trunk says about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.config.settings import ExperimentSettings
from pipeline.imaging.augment import VIEWS
from pipeline.training.batches import Inputs, Places
from pipeline.training.computing import FirstWeights, seed_of
from pipeline.training.pictures import PictureInputs, Squares, augmentation, keep_squares, workers
from pipeline.training.reporting import Reporter
from pipeline.training.run_folder import WORK
from pipeline.training.trunk_cache import keep_trunk

if TYPE_CHECKING:
    from accelerate import Accelerator


def kept_squares(
    readers: Sequence[Callable[[], Squares]],
    settings: ExperimentSettings,
    folder: Path,
    accelerator: Accelerator,
    reporter: Reporter,
) -> tuple[Squares, dict[int, str]]:
    """Every picture's square, made by the first process and seen by all; and place -> why one can't be used.

    Args:
        folder: of the unfinished run.
    """
    with accelerator.main_process_first(), reporter.progress("Preparing pictures", "pictures") as advance:
        return keep_squares(
            readers,
            settings.picture.image_size_px,
            folder / WORK / "squares.npy",
            workers=workers(),
            on_progress=advance,
        )


def network_inputs(
    squares: Squares,
    rows: Places,
    settings: ExperimentSettings,
    first: FirstWeights,
    folder: Path,
    accelerator: Accelerator,
    reporter: Reporter,
    *,
    views: int = VIEWS,
) -> Inputs:
    """Pictures, changed anew each epoch; or the frozen trunk's activations of a few changes of each.

    Args:
        rows: where each record's square is.
        views: of each picture, for test-time augmentation.
    """
    changes = augmentation(settings.augmentation)
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
