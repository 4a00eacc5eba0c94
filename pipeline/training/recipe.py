"""The training of the model from top to bottom: three stages, five folds, reference rows, a run folder.

1. What the backbone has learnt from photographs of everything (`computing.first_weights`).
2. `pretraining.pretrain`: ECG diagnoses on PTB-XL, printed on paper.
3. `train`: EF and wall motion on a snapshot, one model a fold; what each says about the fold it never saw.

Source: seed paper, "Three-stage transfer learning", "Optimisation", "Evaluation".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from db.files.manifest import hash_folder, sha256_of
from pipeline.config.settings import ExperimentSettings
from pipeline.dataset.opened import OpenedSnapshot, Pair, refuse_bad_pictures
from pipeline.dataset.study.pages import read_signals
from pipeline.imaging.trace import TRACE_SUFFIX
from pipeline.training.batches import Places
from pipeline.training.computing import (
    FirstWeights,
    accelerator_for,
    first_weights,
    keep_freed_memory,
    open_tracker,
    refuse_unknown_tracker,
)
from pipeline.training.examples import read_examples
from pipeline.training.fold_models import Course, Model, Row, answers, train_models
from pipeline.training.inputs.material import backmix_of, kept_squares, network_inputs
from pipeline.training.inputs.photo_quality import look_over
from pipeline.training.inputs.pictures import Squares, square_reader, trace_reader
from pipeline.training.record import Phases, Told, write_run
from pipeline.training.reporting import Reporter, Silent
from pipeline.training.run_folder import file_sha256, partial_folder, run_id, run_in_progress

if TYPE_CHECKING:
    from accelerate import Accelerator


def train(
    snapshot: OpenedSnapshot,
    settings: ExperimentSettings,
    *,
    runs: Path,
    reporter: Reporter,
    signals: Path | None = None,
    tracker: str | None = None,
    looked_over: int = 0,
) -> Path:
    """Stage 3: a snapshot becomes a run. Killed and started again, it goes on where it was.

    Args:
        runs: where runs are kept; this one becomes `runs / its id`.
        signals: folder of waveforms for the signal's reference rows; see `study.pages.read_signals`.
        tracker: `tensorboard` or `mlflow`, or None.
        looked_over: of the photographs, how many are judged; that changes nothing but what is reported.

    Raises:
        EchoDeskError: the snapshot, the settings or this machine can't do it, or the run is there already.
    """
    keep_freed_memory()
    accelerator = accelerator_for(settings)
    pairs = snapshot.with_pictures()
    read_examples(snapshot, pairs, settings)  # what can't be learnt from is refused before any work is done
    waveforms = None if signals is None else read_signals(signals, pairs)
    refuse_unknown_tracker(tracker)
    first = first_weights(settings)
    place = run_place(snapshot, settings, runs, signals)
    reporter = reporter if accelerator.is_main_process else Silent()
    phases = Phases()
    with _shared_folder(place, accelerator) as folder:
        course, left_out = _course(
            snapshot, pairs, settings, first, signals, folder, accelerator, reporter, phases
        )
        quality = None
        if accelerator.is_main_process:
            with phases.phase("looking over"):
                quality = look_over([pair.picture for pair in pairs if pair.picture], looked_over, reporter)
        with phases.phase("models"):
            models = _models(course, reporter, tracker, place)
        if accelerator.is_main_process:
            rows, validation = answers(course, models)
            told = Told(place.name, snapshot, left_out, quality, accelerator, waveforms)
            write_run(course, models, rows, validation, told, phases)
        accelerator.wait_for_everyone()
    accelerator.wait_for_everyone()  # until the first process has given the folder its name
    return place


def _course(
    snapshot: OpenedSnapshot,
    pairs: tuple[Pair, ...],
    settings: ExperimentSettings,
    first: FirstWeights,
    signals: Path | None,
    folder: Path,
    accelerator: Accelerator,
    reporter: Reporter,
    phases: Phases,
) -> tuple[Course, dict[str, str]]:
    """What all models of the run learn from; and photograph -> why it was left out."""
    with phases.phase("pictures"):
        readers = [square_reader(pair.picture, settings.picture) for pair in pairs]
        squares, bad = kept_squares(readers, settings, folder, accelerator, reporter)
        usable = _usable(bad, pairs, reporter)
    examples = read_examples(snapshot, tuple(pairs[place] for place in usable.tolist()), settings)
    with phases.phase("other papers"):
        backmix = backmix_of(
            _trace_readers(pairs, settings, signals),
            squares,
            usable,
            folds=examples.folds,
            groups=[pair.group_id for pair in examples.pairs],
            settings=settings,
            folder=folder,
            accelerator=accelerator,
            reporter=reporter,
        )
    with phases.phase("frozen trunk"):
        inputs = network_inputs(
            squares, usable, settings, first, folder, accelerator, reporter, backmix=backmix
        )
    data = {"snapshot": snapshot.name, "content_sha256": snapshot.content_sha256}
    left_out = {pairs[place].image_id: why for place, why in bad.items()}
    return Course(examples, inputs, settings, first, folder, data), left_out


def _trace_readers(
    pairs: tuple[Pair, ...], settings: ExperimentSettings, signals: Path | None
) -> list[Callable[[], Squares]]:
    """What says where each photograph's trace is; a mask beside a signal is of a record's only photograph."""
    photographs = Counter(pair.row_id for pair in pairs)

    def mask_of(pair: Pair) -> Path | None:
        if signals is None or photographs[pair.row_id] > 1:
            return None
        return signals / f"{pair.row_id}{TRACE_SUFFIX}"

    return [trace_reader(pair.picture, mask_of(pair), settings.picture) for pair in pairs]


def run_place(
    snapshot: OpenedSnapshot, settings: ExperimentSettings, runs: Path, signals: Path | None = None
) -> Path:
    """Where a run is kept: the same data, settings and first weights have the same place."""
    weights = settings.backbone.weights_file
    more = {
        "first_weights": file_sha256(Path(weights) if weights else None),
        "signals": None
        if signals is None
        else sha256_of(repr(sorted(hash_folder(signals).items())).encode()),
    }
    return runs / run_id(snapshot.content_sha256, settings, more)


@contextmanager
def _shared_folder(folder: Path, accelerator: Accelerator) -> Iterator[Path]:
    """The folder that is worked in; the first process makes and finishes it, the others look into it."""
    if accelerator.is_main_process:
        with run_in_progress(folder) as partial:
            accelerator.wait_for_everyone()
            yield partial
    else:
        accelerator.wait_for_everyone()
        yield partial_folder(folder)


def _usable(bad: dict[int, str], pairs: tuple[Pair, ...], reporter: Reporter) -> Places:
    """Places of the photographs that can be learnt from; the others are named, and too many are refused."""
    unusable = [(pairs[place], why) for place, why in sorted(bad.items())]
    refuse_bad_pictures(unusable, len(pairs))
    for pair, why in unusable:
        reporter.say(f"left out: {pair.image_id}: {why}")
    return np.array([place for place in range(len(pairs)) if place not in bad], dtype=np.int64)


def _models(course: Course, reporter: Reporter, tracker: str | None, run: Path) -> list[Model]:
    """A model for each fold and seed, with a line of progress an epoch."""
    training = course.settings.training
    total = training.epochs * len(course.splits()) * len(training.seeds)
    tracking = open_tracker(tracker, run, course.settings)
    finished: list[Model] = []
    done = 0
    with reporter.progress("Training", "epochs") as advance:

        def on_epoch(fold: int, seed: int, row: Row) -> None:
            nonlocal done
            done += 1
            losses = f"loss {row['training_total']:.4f}, held back {row['validation_total']:.4f}"
            advance(done, total, f"fold {fold}, {losses}")
            if tracking is not None:
                values = {f"fold{fold}/seed{seed}/{key}": value for key, value in row.items()}
                tracking.log(values, step=int(row["epoch"]))

        for model in train_models(course, on_epoch):
            finished.append(model)
            done = training.epochs * len(finished)  # a model that stopped early has no more epochs to come
    if tracking is not None:
        tracking.end_training()
    return finished
