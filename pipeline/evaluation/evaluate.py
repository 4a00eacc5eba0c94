"""A run folder -> its evaluation folder: every part worked out, written whole, the manifest last."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import numpy as np

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
from db.files.whole import new_folder, write_file
from db.measures.predicting.redraws import RESAMPLES, Redraws
from pipeline.dataset.opened import OpenedSnapshot
from pipeline.evaluation.answers import Answers, answers_of
from pipeline.evaluation.constant import constant_numbers
from pipeline.evaluation.curves import curves
from pipeline.evaluation.leaks.audit import audit, leak_verdicts
from pipeline.evaluation.leaks.evidence import Evidence, look_of_pictures, read_evidence
from pipeline.evaluation.numbers import NumbersSettings, all_numbers
from pipeline.evaluation.paper_figures import paper_figures
from pipeline.evaluation.report.checklist import counts
from pipeline.evaluation.results import FORMAT, NotRun, Verdict, as_data, results_bytes
from pipeline.evaluation.screening import RWMA_THRESHOLD, screening
from pipeline.evaluation.verdicts import binary_verdicts, by_weight, ef_verdicts
from pipeline.training.run_folder import EVALUATION, Run, open_run

RESULTS: Final = "results.json"
PAGE: Final = "report.html"
NOT_ASKED: Final = NotRun("not_asked")
# Of the part `seeds`: resamples of the constant are their own.
_CONSTANT: Final = 1

# Says what is being done now.
Say = Callable[[str], None]


@dataclass(frozen=True)
class Options:
    """What is asked of an evaluation; with the run and its snapshot they decide its content.

    Attributes:
        resamples: of the patients, for every interval. seed: of all chance.
        has_paper_figures: the seed paper's figures go into the report.
    """

    resamples: int = RESAMPLES
    seed: int = 0
    has_paper_figures: bool = False


@dataclass(frozen=True)
class Written:
    """An evaluation on the disk.

    Attributes:
        is_new: whether it was written now; otherwise the same evaluation was there.
    """

    folder: Path
    is_new: bool


def evaluate(
    run_folder: Path, snapshot: OpenedSnapshot, options: Options, *, is_again: bool = False, say: Say
) -> Written:
    """Evaluate a run.

    Args:
        snapshot: the one it was trained on.
        is_again: put an evaluation with other inputs aside instead of refusing.

    Raises:
        EchoDeskError: run or snapshot are not as they were written, don't belong together, or there is an
            evaluation with other inputs.
    """
    run = open_run(run_folder)
    inputs = _inputs(run, snapshot, options)
    place = run.folder / EVALUATION
    if place.exists():
        if _inputs_of(place) == inputs:
            return Written(place, is_new=False)
        _refuse_another(run, is_again)
    parts = parts_of(run, snapshot, options, say=say)
    say("writing the report")
    _put_aside(place)
    try:
        with new_folder(place) as partial:
            write_evaluation(partial, parts, answers_of(run, snapshot))
            values = {"format": FORMAT, "run": run.name, "inputs": inputs, "code_version": code_version()}
            write_file(partial / MANIFEST_NAME, manifest_bytes(values, hash_folder(partial)))
    except FileExistsError:
        raise EchoDeskError(
            f"another program is evaluating run {run.name}", "Wait for it, then give the command again."
        ) from None
    return Written(place, is_new=True)


def _inputs(run: Run, snapshot: OpenedSnapshot, options: Options) -> dict[str, Any]:
    """What decides the content of an evaluation."""
    return {
        "run_sha256": sha256_of(canonical_json(dict(run.manifest))),
        "content_sha256": snapshot.content_sha256,
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


def parts_of(run: Run, snapshot: OpenedSnapshot, options: Options, *, say: Say) -> dict[str, Any]:
    """Every part by its key in `results.json`."""
    say("measuring")
    parts, verdicts = parts_of_answers(answers_of(run, snapshot), options)
    say("looking for leaks")
    leaks = audit(_evidence(run, snapshot, parts))
    verdicts += leak_verdicts(leaks)
    whole = {
        "about": about(run, snapshot, options),
        **parts,
        "shortcuts": NOT_ASKED,
        "leaks": leaks,
        "external": NOT_ASKED,
        "adversary": NOT_ASKED,
        "paper_figures": paper_figures() if options.has_paper_figures else NOT_ASKED,
        "verdicts": by_weight(verdicts),
    }
    return {**whole, "checklist": counts(whole)}


def parts_of_answers(answers: Answers, options: Options) -> tuple[dict[str, Any], list[Verdict]]:
    """The parts that follow from the out-of-fold answers alone, and what a reader must know of them."""
    numbers = all_numbers(
        answers, np.random.default_rng(options.seed), NumbersSettings(resamples=options.resamples)
    )
    rng = np.random.default_rng([options.seed, _CONSTANT])
    constant = constant_numbers(answers, Redraws.of(answers.patients, rng, options.resamples))
    of_numbers = {one.name: getattr(numbers, one.name) for one in fields(numbers) if one.name != "binary"}
    parts = {
        **of_numbers,
        **numbers.binary,
        "constant": constant,
        "screening": screening(answers),
        "curves": curves(answers),
    }
    return parts, [*ef_verdicts(numbers.ef, constant.mae_gain), *binary_verdicts(numbers.binary)]


def _evidence(run: Run, snapshot: OpenedSnapshot, parts: Mapping[str, Any]) -> Evidence:
    """What the audit looks at, with what this evaluation itself chose and quotes."""
    return read_evidence(
        run.folder,
        snapshot.folder,
        fingerprints=look_of_pictures(snapshot.folder),
        choices={
            "threshold": {"value": RWMA_THRESHOLD, "chosen_on": "paper"},
            "calibration": {"chosen_on": "nested"},
            "test_time_views": {"chosen_on": "settings"},
        },
        headline={"ef_r": parts["ef"].pooled["r"].value, "rwma_auroc": parts["rwma"].pooled["auroc"].value},
    )


def about(run: Run, snapshot: OpenedSnapshot, options: Options) -> dict[str, Any]:
    """What was evaluated, and with what."""
    data: Mapping[str, Any] = run.read_json("data.json")
    weights = run.manifest["initial_weights"]
    return {
        "run": run.name,
        "snapshot": snapshot.name,
        "content_sha256": snapshot.content_sha256,
        "is_synthetic": snapshot.is_synthetic,
        "profile": run.manifest["profile"],
        "backbone": run.manifest["backbone"],
        "image_size_px": run.settings.picture.image_size_px,
        "settings": run.settings.model_dump(mode="json"),
        "first_weights": f"{weights['source']}, {weights['name']}",
        "first_weights_note": weights["note"],
        "photographs": data["photographs"],
        "photographs_left_out": len(data["photographs_left_out"]),
        "targets": data["targets"],
        "sites": len([site for site in data["sites"] if site]),
        "resamples": options.resamples,
        "seed": options.seed,
    }


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


def write_evaluation(folder: Path, parts: Mapping[str, Any], answers: Answers) -> None:
    """Every file but the manifest."""
    from pipeline.evaluation.report.page import report_page
    from pipeline.evaluation.report.tables import csv_tables, predictions_csv

    data = as_data(parts)
    write_file(folder / RESULTS, results_bytes(parts))
    write_file(folder / PAGE, report_page(data).encode())
    write_file(folder / "predictions.csv", predictions_csv(answers))
    for name, content in csv_tables(data).items():
        write_file(folder / "tables" / name, content)
