"""A run folder -> its evaluation folder: every part worked out, written whole, the manifest last."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from db.errors import EchoDeskError
from db.files.code_version import code_version
from db.files.manifest import (
    MANIFEST_NAME,
    canonical_json,
    hash_folder,
    manifest_bytes,
    read_manifest,
    sha256_of,
)
from db.files.whole import named_file, new_folder, write_file
from pipeline.dataset.opened import OpenedSnapshot
from pipeline.evaluation.all_parts import Options, Say, parts_of
from pipeline.evaluation.answers import Answers, answers_of
from pipeline.evaluation.asking import Models
from pipeline.evaluation.overlap import CountPeople
from pipeline.evaluation.results import FORMAT, as_data, results_bytes
from pipeline.evaluation.sufficient import as_json, sufficient
from pipeline.training.run_folder import EVALUATION, Run, open_run

RESULTS: Final = "results.json"
PAGE: Final = "report.html"
PREDICTIONS: Final = "predictions.csv"
SUFFICIENT: Final = "sufficient.json"
# Counts that are sent hold at least so many people, or none.
FEWEST: Final = 5


@dataclass(frozen=True)
class Written:
    """An evaluation on the disk.

    Attributes:
        is_new: whether it was written now; otherwise the same evaluation was there.
    """

    folder: Path
    is_new: bool


def evaluate(
    run_folder: Path,
    snapshot: OpenedSnapshot,
    options: Options,
    *,
    new: OpenedSnapshot | None = None,
    models: Models | None = None,
    count_people: CountPeople | None = None,
    beside: Sequence[Run] = (),
    is_again: bool = False,
    say: Say,
) -> Written:
    """Evaluate a run.

    Args:
        snapshot: the one it was trained on. new: data it has never seen, for external validation.
        models: those of a bundle of the run, to be asked about `new`. Default: its own networks.
        count_people: see `overlap.people_in_both`.
        beside: other runs of the snapshot, to be set beside it.
        is_again: put an evaluation with other inputs aside instead of refusing.

    Raises:
        EchoDeskError: run or snapshot are not as they were written, don't belong together, or there is an
            evaluation with other inputs.
    """
    run = open_run(run_folder)
    inputs = _inputs(run, snapshot, new, options)
    if new is not None:
        inputs["are_people_compared"] = count_people is not None
        inputs["asked"] = "run" if models is None else models.name
    if beside:
        inputs["beside_sha256"] = [sha256_of(canonical_json(dict(other.manifest))) for other in beside]
    place = run.folder / EVALUATION
    if place.exists():
        if _inputs_of(place) == inputs:
            return Written(place, is_new=False)
        _refuse_another(run, is_again)
    parts, there = parts_of(
        run, snapshot, new, options, models=models, count_people=count_people, beside=beside, say=say
    )
    say("writing the report")
    _put_aside(place)
    try:
        with new_folder(place) as partial:
            write_evaluation(partial, parts, answers_of(run, snapshot), there)
            values = {"format": FORMAT, "run": run.name, "inputs": inputs, "code_version": code_version()}
            write_file(partial / MANIFEST_NAME, manifest_bytes(values, hash_folder(partial)))
    except FileExistsError:
        raise EchoDeskError(
            f"another program is evaluating run {run.name}", "Wait for it, then give the command again."
        ) from None
    return Written(place, is_new=True)


def _inputs(
    run: Run, snapshot: OpenedSnapshot, new: OpenedSnapshot | None, options: Options
) -> dict[str, Any]:
    """What decides the content of an evaluation."""
    return {
        "run_sha256": sha256_of(canonical_json(dict(run.manifest))),
        "content_sha256": snapshot.content_sha256,
        "on_sha256": None if new is None else new.content_sha256,
        "options": as_data(options),
    }


def _inputs_of(place: Path) -> Any:
    try:
        return read_manifest((place / MANIFEST_NAME).read_bytes()).get("inputs")
    except (OSError, ValueError):
        return None


def _refuse_another(run: Run, is_again: bool) -> None:
    if not is_again:
        raise EchoDeskError(
            f"run {run.name} has an evaluation that was made with other settings",
            "Keep it aside and make another with: --again",
        )


def _put_aside(place: Path) -> None:
    """Name an older evaluation, where there is one, with a hash of its manifest."""
    if not place.exists():
        return
    try:
        digest = sha256_of((place / MANIFEST_NAME).read_bytes())[:12]
        place.rename(place.with_name(f"{EVALUATION}.{digest}"))
    except OSError as error:
        raise EchoDeskError(f"{place}: {error.strerror}", "Move the folder away by hand.") from None


def read_results(folder: Path) -> dict[str, Any]:
    """What an evaluation found.

    Raises:
        EchoDeskError: the folder holds no results.
    """
    try:
        found: dict[str, Any] = json.loads((folder / RESULTS).read_bytes())
    except (OSError, ValueError):
        raise EchoDeskError(
            f"{folder} holds no {RESULTS}", "Evaluate the run: echodesk evaluate RUN"
        ) from None
    return found


def copy_sufficient(folder: Path, target: Path) -> None:
    """The counts and sums of an external validation as a file to send.

    Raises:
        EchoDeskError: the file is there already or can't be written.
    """
    with named_file(target, instead="Name another file with --sufficient.") as temporary:
        temporary.write_bytes((folder / SUFFICIENT).read_bytes())


def write_evaluation(
    folder: Path, parts: Mapping[str, Any], answers: Answers, there: Answers | None = None
) -> None:
    """Every file but the manifest.

    Args:
        there: the answers on other data.
    """
    from pipeline.evaluation.report.page import report_page
    from pipeline.evaluation.report.tables import csv_tables, predictions_csv, suspects_csv

    data = as_data(parts)
    write_file(folder / RESULTS, results_bytes(parts))
    write_file(folder / PAGE, report_page(data).encode())
    write_file(folder / PREDICTIONS, predictions_csv(answers))
    write_file(folder / "suspects.csv", suspects_csv(data["suspects"]))
    if there is not None:
        write_file(folder / "external_predictions.csv", predictions_csv(there))
        write_file(folder / SUFFICIENT, canonical_json(as_json(sufficient(there, least=FEWEST))))
    for name, content in csv_tables(data).items():
        write_file(folder / "tables" / name, content)
