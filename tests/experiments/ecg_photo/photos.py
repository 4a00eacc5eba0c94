"""What real phone photographs cost: the classifiers of `stage2.py` on photographs and on clean prints.

The photographs are of records that no model learnt from, but for record 12: its photograph is judged by the
network that held it out, and the linear models never see that patient. Clean prints exist where the printed
signal does. AUROC of NORM against the rest and the mean over classes; 2,000 redraws of records, paired.

    PYTHONPATH=. python tests/experiments/ecg_photo/photos.py PHOTOS_DIR PTBXL_DIR --keep DIR [--arm classes]

`DIR` is what `stage2.py` kept.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from ecg_pages import SEED, Study, kept_study, told, trunk_of
from numpy.typing import NDArray
from stage1 import patient_folds, settings_of
from stage2 import late_features, logits_of, probe

from db.measures.bootstrap import redrawn_groups
from db.measures.discrimination import auroc
from pipeline.config.files import override
from pipeline.config.settings import ExperimentSettings
from pipeline.imaging.paper import draw_ecg_page
from pipeline.imaging.photo_file import read_photo
from pipeline.imaging.preprocess import to_square
from pipeline.imaging.rectify import Look, find_page
from pipeline.modeling.checkpoints import load_checkpoint
from pipeline.training.computing import first_weights
from pipeline.training.inputs.trunk_cache import TrunkCache
from pipeline.waveforms.ptbxl_table import SUPERCLASSES
from pipeline.waveforms.wfdb_record import read_wfdb

RESAMPLES: Final = 2000
_IN_PTBXL: Final = 12
Floats = NDArray[np.float64]
_KINDS: Final = ("photo", "rectified", "clean print")


def pictures(folder: Path, settings: ExperimentSettings) -> tuple[NDArray[np.uint8], list[dict[str, str]]]:
    """Squares, n x 3 kinds x side x side (zeros where there is no signal to print), and the table's rows."""
    rows = list(csv.DictReader((folder / "labels.csv").open(encoding="utf-8")))
    straight = override(settings, {"picture.rectify": True}).picture
    side, found, squares = settings.picture.image_size_px, 0, []
    for row in rows:
        image = read_photo(folder / row["image"])
        found += find_page(Look(image)).is_found
        of_row = [to_square(image, settings.picture), to_square(image, straight)]
        if row["signal"]:
            record = read_wfdb(folder / f"{row['signal']}.hea")
            page = draw_ecg_page(record.signal_mv, record.sampling_rate_hz).image
            of_row.append(to_square(page, settings.picture))
        squares.append(np.stack([*of_row, np.zeros((side, side), np.uint8)][:3]))
    told(f"{len(rows)} photographs, the page found in {found}")
    return np.stack(squares), rows


def linear_answers(
    study: Study, taught: TrunkCache, asked: TrunkCache, settings: ExperimentSettings, *, pages: int
) -> Floats:
    """Stage 1: log odds of each kind of picture, n x kinds x classes, from so many pages of each record."""
    network = first_weights(settings).class_network(settings, SUPERCLASSES, seed=SEED)
    patient = study.patients[[row.ecg_id for row in study.rows].index(_IN_PTBXL)]
    others = study.patients != patient
    said = [late_features(network, taught, len(others), slot)[others] for slot in range(pages)]
    model = probe(np.concatenate(said), np.concatenate([study.labels[others]] * pages))
    return np.stack([model(late_features(network, asked, _count(asked), kind)) for kind in range(3)], axis=1)


def network_answers(
    study: Study, asked: TrunkCache, rows: list[dict[str, str]], keep: Path, arm: str
) -> Floats:
    """Stage 2: mean log odds of the fold networks; of record 12 that of the one which held it out."""
    own = [row.ecg_id for row in study.rows].index(_IN_PTBXL)
    splits, said = patient_folds(study.patients, study.labels), []
    for fold in range(len(splits)):
        network, _ = load_checkpoint(keep / f"{arm}-{fold}.safetensors")
        places = np.arange(len(rows))
        said.append(np.stack([logits_of(network, asked, places, kind) for kind in range(3)], axis=1))
    answers = np.mean(said, axis=0)
    held_out = next(fold for fold, (_, judged) in enumerate(splits) if own in judged)
    place = [int(row["ecg_id"]) for row in rows].index(_IN_PTBXL)
    answers[place] = said[held_out][place]
    return np.asarray(answers)


def _count(inputs: TrunkCache) -> int:
    return len(inputs._kept)


def measures(scores: Floats, labels: NDArray[np.bool_]) -> tuple[float, float]:
    """AUROC of NORM, and its mean over the classes that can be judged."""
    found = [auroc(scores[:, one], labels[:, one]) for one in range(labels.shape[1])]
    known = [value for value in found if not np.isnan(value)]
    return found[0], float(np.mean(known)) if known else float("nan")


def report(name: str, answers: Floats, labels: NDArray[np.bool_], printed: NDArray[np.bool_]) -> None:
    """The kinds on all photographs and on those with a clean print, and what is lost against the print."""
    for what, chosen, kinds in (("all", printed | True, _KINDS[:2]), ("with a print", printed, _KINDS)):
        of, truth = answers[chosen], labels[chosen]
        draws = list(
            redrawn_groups(np.arange(len(of)), generator=np.random.default_rng(0), resamples=RESAMPLES)
        )
        values = {kind: measures(of[:, place], truth) for place, kind in enumerate(kinds)}
        drawn = {
            kind: np.array([measures(of[at, place], truth[at]) for at in draws])
            for place, kind in enumerate(kinds)
        }
        for kind in kinds:
            told(f"{name:20} {what} n={len(of)} {kind:11} {_said(values[kind], drawn[kind])}")
            if kind != _KINDS[2] and _KINDS[2] in kinds:
                less = np.subtract(values[kind], values[_KINDS[2]])
                told(f"{'':20} less clean print        {_said(tuple(less), drawn[kind] - drawn[_KINDS[2]])}")


def _said(values: tuple[float, ...], drawn: Floats) -> str:
    texts = []
    for name, value, column in zip(("NORM", "mean"), values, drawn.T, strict=True):
        low, high = np.nanquantile(column, [0.025, 0.975])
        texts.append(f"{name} {value:+.3f} [{low:+.3f}, {high:+.3f}]")
    return "  ".join(texts)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("photos", type=Path)
    parser.add_argument("ptbxl", type=Path)
    parser.add_argument("--keep", type=Path, required=True)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--arms", nargs="*", default=["classes", "signal"])
    asked = parser.parse_args()
    settings = settings_of(asked.size, "package")
    study, taught = kept_study(asked, settings)
    squares, rows = pictures(asked.photos, settings)
    inputs = TrunkCache(trunk_of(squares, settings), views=1)
    labels = np.array([[row[name] == "1" for name in SUPERCLASSES] for row in rows])
    printed = np.array([bool(row["signal"]) for row in rows])
    slots = study.squares.shape[1]
    answers: Mapping[str, Floats] = {
        "stage 1": linear_answers(study, taught, inputs, settings, pages=1),
        "stage 1, all pages": linear_answers(study, taught, inputs, settings, pages=slots),
        **{f"stage 2, {arm}": network_answers(study, inputs, rows, asked.keep, arm) for arm in asked.arms},
    }
    for name, of in answers.items():
        report(name, of, labels, printed)


if __name__ == "__main__":
    main()
