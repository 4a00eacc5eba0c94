"""Stage 2: the backbone learns ECG diagnoses from PTB-XL, each record printed on paper and photographed.

Source: seed paper, "Three-stage transfer learning". Official folds: 1 to 8 teach, 9 decides when to stop,
10 judges. Records without any diagnostic statement are left out: "nothing said" is not "normal".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from db.errors import EchoDeskError
from db.files.manifest import canonical_json, hash_file, sha256_of
from db.measures.bootstrap import redrawn
from db.measures.discrimination import auroc
from db.measures.estimate import Estimate
from db.tabular import Column, Kind
from pipeline.config.files import dump
from pipeline.config.settings import ExperimentSettings, PictureSettings
from pipeline.imaging.capture import Condition
from pipeline.imaging.ecg_photo import EcgPhoto, photograph_ecg
from pipeline.imaging.paper import draw_ecg_page
from pipeline.imaging.preprocess import to_square
from pipeline.imaging.trace import trace_to_square
from pipeline.modeling.checkpoints import save_checkpoint
from pipeline.training import run_folder
from pipeline.training.batches import Inputs, Places
from pipeline.training.computing import (
    FirstWeights,
    accelerator_for,
    environment,
    first_weights,
    keep_freed_memory,
    seed_of,
)
from pipeline.training.inputs.material import backmix_of, kept_squares, network_inputs
from pipeline.training.inputs.pictures import Squares
from pipeline.training.loop import Fit, Learner, fit, outputs_of
from pipeline.training.provenance import RECORDINGS, recordings_text
from pipeline.training.reporting import Reporter
from pipeline.training.run_folder import (
    WORK,
    file_sha256,
    run_id,
    run_in_progress,
    seal,
    write_json,
    write_table,
)
from pipeline.training.tasks import ClassTask
from pipeline.waveforms.ptbxl import Ptbxl, open_ptbxl
from pipeline.waveforms.ptbxl_table import SUPERCLASSES, TABLE, PtbxlRow

if TYPE_CHECKING:
    from accelerate import Accelerator

CHECKPOINT: Final = "stage2.safetensors"
_STOPS, _JUDGES = 9, 10
_PX_PER_MM: Final = 4.0
# Of the pages, photographed by a phone; the others are clean scans.
_PHONE_SHARE: Final = 0.5


@dataclass(frozen=True, eq=False)
class _Records:
    """Labelled records of PTB-XL and what they teach.

    Attributes:
        labels: shape [n, 5], 0 or 1.
    """

    rows: list[PtbxlRow]
    labels: NDArray[np.float32]
    training: Places
    validation: Places
    test: Places


def pretrain(ptbxl: Path, settings: ExperimentSettings, *, out: Path, reporter: Reporter) -> Path:
    """PTB-XL becomes a checkpoint that `echodesk train --init` begins with.

    Args:
        ptbxl: a folder in the official layout, 500 or 100 Hz.
        out: where runs are kept; this one becomes `out / its id`.

    Returns:
        The run's folder; the checkpoint is `CHECKPOINT` in it.

    Raises:
        EchoDeskError: the folder is not whole, its official folds lack something, or the run is there.
    """
    opened = _opened(ptbxl)
    records = _records(opened)
    keep_freed_memory()
    accelerator = accelerator_for(settings)
    if accelerator.num_processes > 1:
        raise EchoDeskError("stage 2 runs in one process", "Start it without accelerate launch.")
    data = {"ptbxl_table": hash_file(ptbxl / TABLE).sha256, "records": str(len(records.rows))}
    content = sha256_of(canonical_json({**data, "hz": opened.sampling_rate_hz, "stage": 2}))
    weights = settings.backbone.weights_file
    name = run_id(content, settings, {"first_weights": file_sha256(Path(weights) if weights else None)})
    first = first_weights(settings)  # weights that can't be had are told before anything is printed
    with run_in_progress(out / name) as folder:
        readers = [page_reader(opened, row, settings.picture) for row in records.rows]
        squares, bad = kept_squares(readers, settings, folder, accelerator, reporter)
        for place, why in bad.items():
            raise EchoDeskError(f"{records.rows[place].file} of PTB-XL can't be printed: {why}")
        rows = np.arange(len(records.rows))
        backmix = backmix_of(
            [_trace_reader(opened, row, settings.picture) for row in records.rows],
            squares,
            rows,
            folds=np.array([row.fold for row in records.rows]),
            groups=[str(row.patient_id) for row in records.rows],
            settings=settings,
            folder=folder,
            accelerator=accelerator,
            reporter=reporter,
        )
        inputs = network_inputs(
            squares, rows, settings, first, folder, accelerator, reporter, backmix=backmix, views=1
        )
        _train(records, inputs, settings, first, folder, accelerator, reporter, data)
        values = {"run": name, "stage": 2, "content_sha256": content, "profile": settings.profile}
        seal(folder, {**values, "backbone": settings.backbone.name, "snapshot": "PTB-XL"})
    return out / name


def _opened(folder: Path) -> Ptbxl:
    """At 500 Hz where that is there, else at 100."""
    return open_ptbxl(folder, sampling_rate_hz=500 if (folder / "records500").is_dir() else 100)


def _records(opened: Ptbxl) -> _Records:
    rows = [row for row in opened.rows if row.superclasses]
    labels = np.array([[name in row.superclasses for name in SUPERCLASSES] for row in rows], dtype=np.float32)
    folds = np.array([row.fold for row in rows])
    training, validation, test = (
        np.flatnonzero(chosen) for chosen in (folds < _STOPS, folds == _STOPS, folds == _JUDGES)
    )
    for places, what in ((training, "folds 1 to 8"), (validation, "fold 9"), (test, "fold 10")):
        missing = [name for one, name in enumerate(SUPERCLASSES) if not labels[places, one].any()]
        if missing:
            raise EchoDeskError(
                f"{opened.folder}: {what} has no record of {', '.join(missing)}",
                "Stage 2 needs every superclass in each part; take more of PTB-XL.",
            )
    return _Records(rows, labels, training, validation, test)


def page_reader(opened: Ptbxl, row: PtbxlRow, picture: PictureSettings) -> Callable[[], Squares]:
    """What prints, photographs and preprocesses one record; the same every time."""
    return lambda: to_square(_photographed(opened, row).image, picture)


def _trace_reader(opened: Ptbxl, row: PtbxlRow, picture: PictureSettings) -> Callable[[], Squares]:
    """What says where the trace is in the same photograph."""

    def read() -> Squares:
        shot = _photographed(opened, row)
        return trace_to_square(shot.image, shot.trace, picture)

    return read


def _photographed(opened: Ptbxl, row: PtbxlRow) -> EcgPhoto:
    recording = opened.read(row)
    rng = np.random.default_rng(row.ecg_id)
    page = draw_ecg_page(recording.signal_mv, recording.sampling_rate_hz, px_per_mm=_PX_PER_MM)
    condition = Condition.PHONE if rng.random() < _PHONE_SHARE else Condition.CLEAN
    return photograph_ecg(page, rng, condition)


def _train(
    records: _Records,
    inputs: Inputs,
    settings: ExperimentSettings,
    first: FirstWeights,
    folder: Path,
    accelerator: Accelerator,
    reporter: Reporter,
    data: dict[str, str],
) -> None:
    seed = seed_of(settings.training.seeds[0], 2)
    network = first.class_network(settings, SUPERCLASSES, seed=seed)
    what = Fit(
        task=ClassTask(records.labels, accelerator.device),
        inputs=inputs,
        training=records.training,
        validation=records.validation,
        stage=settings.pretraining,
        optimiser=settings.optimiser,
        patience=None,
        seed=seed,
        state_file=folder / WORK / "stage2.state",
    )
    with reporter.progress("Training", "epochs") as advance:
        history = fit(
            network,
            what,
            accelerator,
            on_epoch=lambda row: advance(
                int(row["epoch"]),
                settings.pretraining.epochs,
                f"loss {row['training_total']:.4f}, AUROC held back {row['validation_macro_auroc']:.3f}",
            ),
        )
    learner = Learner(network, takes_activations=inputs.are_activations)
    scores = outputs_of(learner, inputs, records.test, accelerator.device).double().cpu().numpy()
    found = _judged(records, scores, seed=settings.training.seeds[0])
    save_checkpoint(
        folder / CHECKPOINT,
        network,
        settings,
        initial_weights=first.origin,
        metrics={name: one.value for name, one in found.items()} | _kept(history),
        data=data,
    )
    columns = [Column(name, Kind.NUMBER) for name in history[0]]
    write_table(folder / run_folder.METRICS, history, columns)
    write_json(folder / run_folder.REFERENCE_JSON, {name: one.as_json() for name, one in found.items()})
    taught = [records.rows[place].ecg_id for place in (*records.training, *records.validation)]
    write_json(folder / run_folder.DATA, {**data, RECORDINGS: recordings_text(taught)})
    write_json(folder / run_folder.ENVIRONMENT, environment(accelerator))
    dump(settings, folder / run_folder.SETTINGS)
    said = "kept epoch {epoch:.0f}, of the least loss on fold 9: AUROC there {validation_macro_auroc:.3f}"
    reporter.say(said.format(**_kept(history)))
    for name, one in found.items():
        reporter.say(f"{name}: {one.value:.3f} [{one.low:.3f}, {one.high:.3f}], n = {one.n}")


def _kept(history: list[dict[str, float]]) -> dict[str, float]:
    """The epoch whose weights are kept, and how good it was on fold 9; the last one may look better there."""
    best = min(history, key=lambda row: row["validation_total"])
    return {name: best[name] for name in ("epoch", "validation_total", "validation_macro_auroc")}


def _judged(records: _Records, scores: NDArray[np.float64], *, seed: int) -> dict[str, Estimate]:
    """AUROC of each superclass and their mean on the official test fold, with intervals over patients."""
    labels = records.labels[records.test] > 0
    patients = np.array([str(records.rows[place].patient_id) for place in records.test.tolist()])

    def macro(at: Places) -> float:
        return float(np.mean([auroc(scores[at, one], labels[at, one]) for one in range(len(SUPERCLASSES))]))

    def of_class(one: int) -> Callable[[Places], float]:
        return lambda at: auroc(scores[at, one], labels[at, one])

    measures: dict[str, Callable[[Places], float]] = {"test_auroc_macro": macro}
    measures |= {f"test_auroc_{name}": of_class(one) for one, name in enumerate(SUPERCLASSES)}
    return {name: redrawn(measure, patients, seed=seed) for name, measure in measures.items()}
