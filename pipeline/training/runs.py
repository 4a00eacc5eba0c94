"""Finished runs among each other: listed, compared, packed into one file and looked over."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from db.errors import EchoDeskError
from db.fields.strata import EF_STRATA, ef_stratum
from db.files.leftovers import ENDING
from db.files.manifest import MANIFEST_NAME, hash_folder, read_manifest
from db.files.whole import named_file
from db.measures.bootstrap import redrawn
from db.measures.discrimination import auroc
from db.measures.estimate import Estimate
from db.measures.paired import correlation
from pipeline.training.run_folder import FORMAT, PREDICTIONS, VALIDATION, WORK, Run, open_run, run_problems
from pipeline.training.scores import Answers, Truth, mae_gain, scores

# Inside a zip every file carries the same day, so that the same run gives the same bytes.
_DAY: Final = (1980, 1, 1, 0, 0, 0)
_DIFFERENCES_SEED: Final = 0
_STEP_POINTS: Final = 5


def run_manifests(folder: Path) -> list[dict[str, Any]]:
    """What the finished runs in a folder say of themselves, by name; damaged ones are left to `verify`."""
    found = []
    for path in sorted(folder.glob(f"[!.]*/{MANIFEST_NAME}")):
        try:
            manifest = read_manifest(path.read_bytes())
        except (OSError, ValueError):
            continue
        if manifest.get("format") == FORMAT:
            found.append(manifest)
    return found


def unfinished_runs(folder: Path) -> list[Path]:
    """The hidden folders of trainings that were stopped or are at work, by name; see `run_in_progress`."""
    return sorted(path.parent for path in folder.glob(f".*{ENDING}/{WORK}"))


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two runs side by side.

    Attributes:
        settings: dotted name -> the two values, where they differ.
        is_same_data: whether they are of the same snapshot; otherwise nothing can be paired.
        ef_gain_points: error of A minus error of B on the same records; above 0 means that B is better.
        auroc_gain: AUROC of B minus that of A, likewise.
    """

    settings: Mapping[str, tuple[Any, Any]]
    is_same_data: bool
    ef_gain_points: Estimate | None = None
    auroc_gain: Estimate | None = None


def compare(a: Run, b: Run) -> Comparison:
    """Differences of two runs; paired by record, with intervals over patients, where the data are the same.

    Raises:
        EchoDeskError: one is not of stage 3.
    """
    one, other = (dict(_leaves(run.settings.model_dump(mode="json"))) for run in (a, b))
    changed = {name: (one[name], other[name]) for name in one if one[name] != other[name]}
    if a.manifest["content_sha256"] != b.manifest["content_sha256"]:
        return Comparison(changed, False)
    truth, of_a = table_of(a)
    rows = {row["row_id"]: place for place, row in enumerate(b.predictions())}
    order = [rows[row["row_id"]] for row in a.predictions()]
    of_b = table_of(b)[1]
    of_b = Answers(of_b.ef_percent[order], of_b.rwma_score[order])
    known = truth.rwma >= 0
    positive = truth.rwma[known] == 1

    def gain(at: np.ndarray[Any, np.dtype[np.int64]]) -> float:
        values = [auroc(of.rwma_score[known][at], positive[at]) for of in (of_b, of_a)]
        return values[0] - values[1]

    return Comparison(
        changed,
        True,
        mae_gain(truth, of_b, of_a, seed=_DIFFERENCES_SEED),
        redrawn(gain, np.asarray(truth.patients)[known], seed=_DIFFERENCES_SEED),
    )


def _leaves(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def table_of(run: Run, name: str = PREDICTIONS) -> tuple[Truth, Answers]:
    """A run's predictions as columns: what is true, and what it says.

    Raises:
        EchoDeskError: it has no predictions: it is of stage 2.
    """
    if run.manifest["stage"] != 3:
        raise EchoDeskError(f"run {run.name} is of stage 2: it predicts no EF", "Name a run of stage 3.")
    rows = run.predictions(name)
    columns = {
        key: np.array([np.nan if row[key] is None else row[key] for row in rows], dtype=np.float64)
        for key in ("ef_percent", "ef_percent_predicted", "rwma_probability", "rwma")
    }
    rwma = np.where(np.isfinite(columns["rwma"]), columns["rwma"], -1).astype(np.int64)
    truth = Truth(columns["ef_percent"], rwma, [row["patient_id"] for row in rows])
    return truth, Answers(columns["ef_percent_predicted"], columns["rwma_probability"])


def spread(run: Run, *, is_held_back: bool) -> dict[str, float]:
    """How a run's EF answers lie over the truth: slope, their deviation, and the error in each band.

    Args:
        is_held_back: on the records that stopped the models (to choose settings by) instead of out of fold.
    """
    truth, said = table_of(run, VALIDATION if is_held_back else PREDICTIONS)
    has = np.isfinite(truth.ef_percent) & np.isfinite(said.ef_percent)
    ef, answer = truth.ef_percent[has], said.ef_percent[has]
    varies = len(ef) > 1 and ef.std() > 0
    found = {
        "ef_mae_points": float(np.abs(ef - answer).mean()) if len(ef) else float("nan"),
        "ef_r": correlation(ef, answer),
        "ef_slope": float(np.cov(ef, answer, bias=True)[0, 1] / ef.var()) if varies else float("nan"),
        "ef_spread": float(answer.std()) if len(ef) else float("nan"),
        "rwma_auroc": scores(truth, said, seed=0)["rwma_auroc"].value,
    }
    bands = np.array([ef_stratum(value) for value in ef])
    for band in EF_STRATA:
        of = bands == band
        found[f"ef_mae_{band}"] = float(np.abs(ef - answer)[of].mean()) if of.any() else float("nan")
    return found


def histogram(run: Run, *, is_held_back: bool) -> list[tuple[int, int, int]]:
    """How many records have an EF in each five points, and how many answers: a collapse to a spike shows.

    Args:
        is_held_back: as in `spread`.

    Returns:
        (lower end in percent, labelled, answered), from the first to the last step that holds anything.
    """
    truth, said = table_of(run, VALIDATION if is_held_back else PREDICTIONS)
    has = np.isfinite(truth.ef_percent) & np.isfinite(said.ef_percent)
    ends = np.arange(0, 101 + _STEP_POINTS, _STEP_POINTS)
    counts = [np.histogram(of[has], ends)[0] for of in (truth.ef_percent, said.ef_percent)]
    used = np.flatnonzero(counts[0] + counts[1])
    if not len(used):
        return []
    return [
        (int(ends[step]), int(counts[0][step]), int(counts[1][step])) for step in range(used[0], used[-1] + 1)
    ]


def export_run(folder: Path, target: Path) -> None:
    """Pack a run into one zip file; the same run gives the same bytes.

    Raises:
        EchoDeskError: the run is not as it was written, or the file is there already or can't be written.
    """
    run = open_run(folder)
    with (
        named_file(target, instead="Name another file with -o.") as temporary,
        zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as packed,
    ):
        for name in (*hash_folder(folder), MANIFEST_NAME):
            info = zipfile.ZipInfo(f"{run.name}/{name}", _DAY)
            info.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(info, (folder / name).read_bytes())


def problems_of(place: Path) -> list[str]:
    """What of a run, a folder or a zip file, is not as it was written; one sentence each."""
    if place.is_dir():
        return run_problems(place)
    try:
        with zipfile.ZipFile(place) as packed, tempfile.TemporaryDirectory(prefix="echodesk-run-") as folder:
            packed.extractall(folder)
            inside: Sequence[Path] = sorted(Path(folder).iterdir())
            if len(inside) != 1:
                return [f"{place.name} holds {len(inside)} folders; a packed run has one"]
            return run_problems(inside[0])
    except (OSError, zipfile.BadZipFile):
        return [f"{place.name} is neither a folder nor a zip file of a run ({FORMAT})"]
