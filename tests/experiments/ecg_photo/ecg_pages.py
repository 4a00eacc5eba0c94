"""The labelled records of PTB-XL as pages: a clean 3x4 print of each, and others to learn from.

The other pages begin elsewhere in the ten seconds, are on other paper, and mostly photographed by simulation.
What the frozen blocks say of every page is worked out once and kept in a folder.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.config.settings import ExperimentSettings
from pipeline.imaging.augment import augmented
from pipeline.imaging.capture import Condition, photograph
from pipeline.imaging.paper import GRIDS, draw_ecg_page
from pipeline.imaging.photo_effects import PhotoEffects
from pipeline.imaging.preprocess import to_square
from pipeline.training.computing import first_weights
from pipeline.training.inputs.pictures import PictureInputs
from pipeline.training.inputs.trunk_cache import TrunkCache
from pipeline.waveforms.features import random_kernels, recording_features
from pipeline.waveforms.ptbxl import Ptbxl, open_ptbxl
from pipeline.waveforms.ptbxl_table import SUPERCLASSES, PtbxlRow

SEED: Final = 20260401
Squares = NDArray[np.uint8]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Study:
    """The labelled records and what is known of each.

    Attributes:
        labels: n x 5. patients: n. signals: n x 9,216 signal features of what a page shows.
        squares: n x (1 + pages) x side x side; the clean print first.
    """

    rows: list[PtbxlRow]
    labels: NDArray[np.int64]
    patients: NDArray[np.int64]
    signals: Floats
    squares: Squares


def other_page(opened: Ptbxl, row: PtbxlRow, number: int) -> Squares:
    """Another page of a record: begun elsewhere in its ten seconds, on other paper, mostly photographed."""
    recording = opened.read(row)
    rng = np.random.default_rng([row.ecg_id, number])
    samples = recording.signal_mv.shape[1]
    begin = int(rng.integers(samples // 10, samples - samples // 10))
    signal = np.roll(recording.signal_mv, -begin, axis=1)
    # Where its end meets its beginning there is a step that no heart made: a gap in the trace instead.
    signal[:, samples - begin - 20 : samples - begin + 20] = np.nan
    page = draw_ecg_page(
        signal, recording.sampling_rate_hz, grid=str(rng.choice(list(GRIDS))), px_per_mm=3.0
    ).image
    condition = rng.choice([Condition.CLEAN, Condition.PHONE, Condition.HARSH], p=[0.2, 0.6, 0.2])
    return photograph(page, rng, str(condition), PhotoEffects(folds=int(rng.integers(3)))).image


def read_study(ptbxl: Path, settings: ExperimentSettings, pages: int) -> Study:
    """Every labelled record as squares: its clean print, then other pages with an augmentation each."""
    opened = open_ptbxl(ptbxl, sampling_rate_hz=500)
    rows = [row for row in opened.rows if row.superclasses]
    kernels = random_kernels(np.random.default_rng(SEED))
    squares, signals = [], []
    for row in rows:
        recording = opened.read(row)
        of_record = [to_square(draw_ecg_page(recording.signal_mv, 500.0).image, settings.picture)]
        for number in range(1, pages + 1):
            square = to_square(other_page(opened, row, number), settings.picture)
            rng = np.random.default_rng([row.ecg_id, number, 1])
            of_record.append(augmented(square, rng, settings.augmentation))
        squares.append(np.stack(of_record))
        signals.append(recording_features(recording, kernels, page_only=True))
    labels = np.array([[name in row.superclasses for name in SUPERCLASSES] for row in rows], dtype=int)
    patients = np.unique([row.patient_id for row in rows], return_inverse=True)[1]
    return Study(rows, labels, patients, np.stack(signals).astype(float), np.stack(squares))


def trunk_of(squares: Squares, settings: ExperimentSettings) -> NDArray[np.float16]:
    """What the frozen blocks say of every square, n x slots x channels x height x width."""
    network = first_weights(settings).network(settings, seed=SEED).eval()
    pictures = PictureInputs(squares.reshape(-1, *squares.shape[-2:]), settings.picture, views=1)
    said = []
    for start in range(0, squares.shape[0] * squares.shape[1], 16):
        places = np.arange(start, min(start + 16, squares.shape[0] * squares.shape[1]))
        shown = pictures.plain(places).contiguous(memory_format=torch.channels_last)
        said.append(network.trunk(shown).numpy().astype(np.float16))
    found = np.concatenate(said)
    return found.reshape(*squares.shape[:2], *found.shape[1:])


def kept_study(asked: argparse.Namespace, settings: ExperimentSettings) -> tuple[Study, TrunkCache]:
    """The study and its activations; made once, then taken from the folder."""
    file = asked.keep / "study.npz"
    if not file.exists():
        made = read_study(asked.ptbxl, settings, asked.pages)
        told(f"pages drawn: {time.process_time() / 60:.1f} CPU minutes")
        trunk = trunk_of(made.squares, settings)
        told(f"frozen blocks: {time.process_time() / 60:.1f} CPU minutes")
        asked.keep.mkdir(parents=True, exist_ok=True)
        np.savez(
            file,
            labels=made.labels,
            patients=made.patients,
            signals=made.signals,
            squares=made.squares,
            trunk=trunk,
            ids=[row.ecg_id for row in made.rows],
        )
    found = np.load(file)
    by_id = {row.ecg_id: row for row in open_ptbxl(asked.ptbxl, sampling_rate_hz=500).rows}
    rows = [by_id[int(one)] for one in found["ids"]]
    study = Study(rows, found["labels"], found["patients"], found["signals"], found["squares"])
    return study, TrunkCache(found["trunk"], views=1)


def told(text: str) -> None:
    """Say something at once."""
    print(text, flush=True)  # noqa: T201 - a script
