"""A run on the disk: what lies where in its folder, how it is written whole, and how it is read back.

Files only, and no torch: evaluation, serving and `echodesk runs` start here.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from db.errors import EchoDeskError
from db.files.manifest import (
    MANIFEST_NAME,
    FileHash,
    canonical_json,
    hash_file,
    hash_folder,
    manifest_bytes,
    read_manifest,
    sha256_of,
)
from db.files.whole import new_folder
from db.tabular import Column, Kind, csv_bytes
from pipeline.config.settings import ExperimentSettings
from pipeline.dataset.verifying import file_problems

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FORMAT: Final = "echodesk-run/1"

SETTINGS: Final = "settings.json"
ENVIRONMENT: Final = "environment.json"
DATA: Final = "data.json"
METRICS: Final = "metrics.csv"
PREDICTIONS: Final = "predictions.csv"
VALIDATION: Final = "validation.csv"
REFERENCE: Final = "reference.csv"
REFERENCE_JSON: Final = "reference.json"
REFERENCE_ANSWERS: Final = "reference_answers.csv"
CARD: Final = "README.md"
FOLDS: Final = "folds"
# What was found out later about the run lies in it, sealed by itself; an older one is named with a hash, too.
EVALUATION: Final = "evaluation"
# What only an unfinished run has: kept pictures, activations, progress.
WORK: Final = "work"

# Head of the network -> what a reader must know where no loss reached it (`LossSettings.untaught`).
UNTAUGHT: Final = {
    "ef": "EF WAS NOT TAUGHT (losses.ef_weight is 0): what the networks say of it is chance.",
    "rwma": "WALL MOTION WAS NOT TAUGHT (losses.rwma_weight is 0): what the networks say of it is chance.",
}

# `echodesk suspects` reads row_id, ef_percent_predicted and rwma_probability.
PREDICTION_COLUMNS: Final = (
    Column("row_id", Kind.TEXT, "the record, in its snapshot"),
    Column("patient_id", Kind.TEXT, "the patient, in this snapshot"),
    Column("fold", Kind.INTEGER, "the fold the record is in; its model never learnt from it"),
    Column("photographs", Kind.INTEGER, "how many the answer is the mean of"),
    Column("ef_percent_predicted", Kind.NUMBER, "mean over shifted views, held within 0-100", "percent"),
    Column("ef_percent_raw", Kind.NUMBER, "the same as the network said it", "percent"),
    Column("rwma_probability", Kind.NUMBER, "of a significant abnormality, mean over shifted views"),
    Column("ef_percent_one_view", Kind.NUMBER, "from the picture alone, as the network said it", "percent"),
    Column("rwma_probability_one_view", Kind.NUMBER, "from the picture alone"),
    Column("ef_view_spread", Kind.NUMBER, "standard deviation over the views", "points"),
    Column("rwma_view_spread", Kind.NUMBER, "standard deviation over the views"),
    Column("ef_seed_spread", Kind.NUMBER, "standard deviation over seeds; empty with one", "points"),
    Column("rwma_seed_spread", Kind.NUMBER, "standard deviation over seeds; empty with one"),
    Column("ef_percent", Kind.NUMBER, "the label, where it teaches EF", "percent"),
    Column("rwma", Kind.INTEGER, "the label: 1 significant, 0 not, empty where there is none"),
)

REFERENCE_COLUMNS: Final = (
    Column("row_id", Kind.TEXT, "the record, in its snapshot"),
    Column("method", Kind.TEXT, "what answered, out of fold"),
    Column("ef_percent", Kind.NUMBER, "its answer; empty where it says nothing", "percent"),
    Column("rwma_score", Kind.NUMBER, "the higher the likelier; a probability or not"),
)


def run_id(content_sha256: str, settings: ExperimentSettings, more: Mapping[str, str | None]) -> str:
    """What a run is called: 12 hex digits that follow from the data and the settings, seeds among them.

    Args:
        more: hashes of other files that decide its content, such as the first weights.
    """
    values = settings.model_dump(mode="json")
    values["backbone"]["weights_file"] = None  # its hash counts, not where it lies
    return sha256_of(canonical_json({"snapshot": content_sha256, "settings": values, **more}))[:12]


@contextmanager
def run_in_progress(folder: Path) -> Iterator[Path]:
    """A hidden folder to train in, taken up where an interrupted run left it; it becomes `folder` at the end.

    Raises:
        EchoDeskError: the run is there already, another program is making it, or it can't be written.
    """
    try:
        with new_folder(folder, is_resumed=True) as partial:
            (partial / WORK).mkdir(exist_ok=True)
            (partial / FOLDS).mkdir(exist_ok=True)
            yield partial
    except FileExistsError:
        if folder.exists():
            hint = (
                f"The same data and settings give the same run. Look at it: echodesk runs show {folder.name}"
            )
            raise EchoDeskError(f"run {folder.name} exists already", hint) from None
        raise EchoDeskError(
            f"another program is training run {folder.name}", "Wait for it, or choose another folder: --out."
        ) from None


def partial_folder(folder: Path) -> Path:
    """Where an unfinished run lies."""
    return folder.with_name(f".{folder.name}.partial")


def seal(partial: Path, values: Mapping[str, Any]) -> None:
    """Take away what only the work needed, and write the manifest, which names every file by its hash."""
    import shutil

    shutil.rmtree(partial / WORK)
    manifest = manifest_bytes({"format": FORMAT, **values}, hash_folder(partial))
    (partial / MANIFEST_NAME).write_bytes(manifest)


def write_json(path: Path, value: Any) -> None:
    """One spelling for one value; NaN becomes null."""
    path.write_bytes(canonical_json(without_nan(value)))


def without_nan(value: Any) -> Any:
    """The same with null where a number is NaN or infinite: JSON has neither."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: without_nan(inner) for key, inner in value.items()}
    return [without_nan(inner) for inner in value] if isinstance(value, list | tuple) else value


def write_table(path: Path, rows: Sequence[Mapping[str, Any]], columns: Sequence[Column]) -> None:
    """A table as CSV; NaN becomes an empty cell."""
    path.write_bytes(csv_bytes([without_nan(row) for row in rows], columns))


@dataclass(frozen=True)
class Run:
    """A finished run that is as it was written.

    Attributes:
        manifest: what it says of itself: `run`, `snapshot`, `content_sha256`, `is_synthetic`, `scores`, ...
    """

    folder: Path
    manifest: Mapping[str, Any]
    settings: ExperimentSettings

    @property
    def name(self) -> str:
        """The run's id."""
        return str(self.manifest["run"])

    def checkpoints(self) -> list[Path]:
        """The networks, ordered by fold and seed."""
        return sorted((self.folder / FOLDS).glob("*.safetensors"))

    def predictions(self, name: str = PREDICTIONS) -> list[dict[str, Any]]:
        """Rows of a table of predictions: numbers as floats, None where empty."""
        with (self.folder / name).open(encoding="utf-8", newline="") as stream:
            return [_typed(row) for row in csv.DictReader(stream)]

    def read_json(self, name: str) -> Any:
        """One of the run's JSON files."""
        return json.loads((self.folder / name).read_bytes())


_TEXTS: Final = frozenset(
    column.name for column in (*PREDICTION_COLUMNS, *REFERENCE_COLUMNS) if column.kind is Kind.TEXT
)


def _typed(row: Mapping[str, str]) -> dict[str, Any]:
    return {name: cell if name in _TEXTS else (float(cell) if cell else None) for name, cell in row.items()}


def open_run(folder: Path) -> Run:
    """Open a run after looking it over byte by byte.

    Raises:
        EchoDeskError: it is no run, or not as it was written; names the first file that differs.
    """
    problems = run_problems(folder)
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise EchoDeskError(
            f"{folder} is not a run as it was written: {problems[0]}{more}",
            "Copy the folder anew, or see all of it with: echodesk runs verify RUN",
        )
    manifest = read_manifest((folder / MANIFEST_NAME).read_bytes())
    settings = ExperimentSettings.model_validate_json((folder / SETTINGS).read_bytes())
    return Run(folder, manifest, settings)


def run_problems(folder: Path) -> list[str]:
    """What is not as it was written, one sentence each; evaluations of the run are looked over, too."""
    found = sealed_problems(folder, FORMAT, apart=is_of_evaluation)
    for one in sorted(folder.glob(f"{EVALUATION}*")):
        found += [f"{one.name}: {problem}" for problem in sealed_problems(one)]
    return found


def is_of_evaluation(name: str) -> bool:
    """Whether what lies in a run's folder under a name is an evaluation, finished or on its way."""
    return name.removeprefix(".").partition(".")[0] == EVALUATION


def sealed_problems(
    folder: Path, form: str | None = None, *, apart: Callable[[str], bool] = lambda _: False
) -> list[str]:
    """What of a folder with a manifest is not as it was written, one sentence each.

    Args:
        form: its format; None for any. apart: what of the folder is sealed by itself.
    """
    try:
        manifest = read_manifest((folder / MANIFEST_NAME).read_bytes())
    except OSError:
        return [f"there is no {MANIFEST_NAME}"]
    except ValueError as error:
        return [str(error)]
    if form is not None and manifest.get("format") != form:
        return [f"its format is {manifest.get('format')!r}, not {form!r}"]
    files = {name: FileHash(one["sha256"], one["bytes"]) for name, one in manifest["files"].items()}
    return list(file_problems(folder, files, apart=apart))


def numbers_of(rows: Sequence[Mapping[str, Any]], name: str) -> NDArray[np.float64]:
    """A column of a run's rows, shape (n,); NaN where a cell is None."""
    import numpy as np

    return np.array([np.nan if row[name] is None else row[name] for row in rows], dtype=np.float64)


def rows_sha256(row_ids: Iterable[str]) -> str:
    """One hash for a set of records in any order: a run says it, and others can work it out."""
    return sha256_of("\n".join(sorted(set(row_ids))).encode())


def file_sha256(path: Path | None) -> str | None:
    """The hash of a file, or None without one.

    Raises:
        EchoDeskError: it can't be read.
    """
    if path is None:
        return None
    try:
        return hash_file(path).sha256
    except OSError as error:
        raise EchoDeskError(f"{path}: {error.strerror}", "Name a file that can be read.") from None
