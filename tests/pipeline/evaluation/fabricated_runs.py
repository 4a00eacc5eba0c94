"""A frozen snapshot and a sealed run with chosen answers, made in a second: nothing is trained.

    made = fabricate(tmp_path)                       # 200 patients, r 0.5, AUROC 0.8, calibrated
    made = fabricate(tmp_path, patients=500, answer=answering(r=0.9, auroc=0.95))
    made = fabricate(tmp_path, answer=lambda truth, rng: Said(ef, probability))
    run = changed_run(made.run, change)              # see changed_folders

The patients are those of `waveforms.cohort_table` (EF 357 / 81 / 54 / 8 and significant wall motion 129 of
500), with site, age and sex.
"""

from __future__ import annotations

import io
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from changed_folders import changed_labels
from numpy.typing import NDArray
from PIL import Image
from small_snapshots import tiny
from snapshot_rows import KEY, collected, digest_of, findings, label, picture

from db.measures.discrimination import auroc
from db.measures.estimate import Estimate
from db.measures.paired import correlation
from db.tabular import Column, Kind
from pipeline.config.files import dump
from pipeline.config.settings import ExperimentSettings
from pipeline.dataset.checks import Source
from pipeline.dataset.choosing import Order
from pipeline.dataset.freezing import freeze
from pipeline.dataset.frozen import MaskedImage
from pipeline.dataset.opened import open_snapshot
from pipeline.dataset.records import ImageRef, LabelRow
from pipeline.dataset.rekeying import SnapshotKey
from pipeline.training import run_folder
from pipeline.training.baselines import (
    COLUMNS,
    Records,
    reference_answers,
    reference_table,
    table_rows,
    with_stacked,
)
from pipeline.training.examples import Examples, Split, read_examples
from pipeline.training.provenance import data_record
from pipeline.training.scores import Answers, Truth
from pipeline.waveforms.cohort_table import PatientRow, invent_cohort

Floats = NDArray[np.float64]
Row = dict[str, Any]

ENVIRONMENT = {"device": "cpu", "precision": "fp32", "code_version": "fabricated", "seconds": {}}


@dataclass(frozen=True)
class Fabricated:
    """What was made: two folders, and the answers by row id."""

    snapshot: Path
    run: Path


@dataclass(frozen=True, eq=False)
class Said:
    """Answers about n records: EF in percent, probability of significant wall motion; shape [n]."""

    ef_percent: Floats
    rwma_probability: Floats


# (what is true, a generator) -> what the models say. EF is NaN and wall motion -1 where there is no label.
Answering = Callable[[Truth, np.random.Generator], Said]


def answering(r: float = 0.5, auroc: float = 0.8) -> Answering:
    """Answers of a chosen strength, calibrated: EF regresses on them with slope 1, probabilities hold."""

    def said(truth: Truth, rng: np.random.Generator) -> Said:
        ef = np.where(np.isfinite(truth.ef_percent), truth.ef_percent, 55.0)
        middle, spread = ef.mean(), ef.std() or 1.0
        noise = rng.normal(size=len(ef)) * np.sqrt(1 - r**2)
        predicted = middle + r * spread * (r * (ef - middle) / spread + noise)
        positive = truth.rwma == 1
        share = positive.mean()
        apart = np.sqrt(2) * statistics.NormalDist().inv_cdf(auroc)
        score = apart * positive + rng.normal(size=len(positive))
        logit = np.log(share / (1 - share)) + apart * score - apart**2 / 2
        return Said(predicted, 1 / (1 + np.exp(-logit)))

    return said


def fabricate(
    folder: Path,
    *,
    patients: int = 200,
    seed: int = 1,
    answer: Answering | None = None,
    site_strength: float = 0.0,
    second_records: float = 0.0,
    with_reference: bool = False,
    with_models: bool = False,
    settings: ExperimentSettings | None = None,
) -> Fabricated:
    """A snapshot in `folder/snapshots` and a run of it in `folder/runs`.

    Args:
        answer: what the models say. Default: `answering()`.
        site_strength: as in `invent_cohort`: the site tells the label at this share of the patients.
        second_records: share of the patients with two records.
        with_reference: the simpler methods as training works them out (some seconds); else the constants.
        with_models: a tiny network with random weights a fold (needs torch).
    """
    snapshot = fabricated_snapshot(
        folder / "snapshots", patients=patients, seed=seed, site_strength=site_strength,
        second_records=second_records,
    )  # fmt: skip
    run = fabricated_run(
        folder / "runs", snapshot, seed=seed, answer=answer, with_reference=with_reference,
        with_models=with_models, settings=settings,
    )  # fmt: skip
    return Fabricated(snapshot, run)


def fabricated_snapshot(
    folder: Path,
    *,
    patients: int = 200,
    seed: int = 1,
    name: str = "fabricated",
    site_strength: float = 0.0,
    second_records: float = 0.0,
) -> Path:
    """A frozen snapshot with a tiny picture a record, and columns for age and sex."""
    rng = np.random.default_rng([seed, 1])
    people = invent_cohort(patients, rng, site_strength=site_strength)
    has_second = rng.random(patients) < second_records
    visits = [person for person in people for _ in range(1 + int(has_second[person.number - 1]))]
    rows = [_label(number, person, seed) for number, person in enumerate(visits, start=1)]
    freeze(
        collected(rows),
        Source(),
        Order(name, with_images=True, overrides=("vigilance", "class-counts")),
        folder=folder,
        workspace_key=KEY,
        mask=_page,
        describe=(),
    )
    names = SnapshotKey(KEY, name)
    of_row = {names.row_id(number): person for number, person in enumerate(visits, start=1)}
    with changed_labels(folder / name) as labels:
        for row in labels:
            person = of_row[row["row_id"]]
            row |= {"age_years": person.age_years, "sex": person.sex}
    return folder / name


def _label(number: int, person: PatientRow, seed: int) -> LabelRow:
    grade = person.rwma_severity.value
    has_any = grade != "none"
    words = f"{seed} {number}"
    return label(
        number,
        patient_key=digest_of(f"person {seed} {person.number}"),
        site=person.site,
        findings=findings(
            person.ef_percent,
            "present" if has_any else "absent",
            rwma_severity=grade,
            rwma_walls=list(person.walls) if has_any else [],
        ),
        images=(picture(f"report {words}", "report"), picture(f"ecg {words}")),
    )


def _page(image: ImageRef, row: LabelRow) -> MaskedImage:
    """Chance traces on a page of 120 x 90 pixels: no two are alike, and none tells anything."""
    rng = np.random.default_rng(int(image.sha256[:12], 16))
    pixels = np.full((90, 120), 235, dtype=np.uint8)
    across = np.arange(4, 116)
    for line in range(12, 88, 15):
        heights = np.clip(line + rng.normal(0, 3.5, size=len(across)), 2, 87).astype(int)
        pixels[heights, across] = 20
        pixels[heights + 1, across] = 20
    stream = io.BytesIO()
    Image.fromarray(pixels).convert("RGB").save(stream, "PNG")
    return MaskedImage(stream.getvalue(), "image/png")


def fabricated_run(
    folder: Path,
    snapshot: Path,
    *,
    seed: int = 1,
    answer: Answering | None = None,
    with_reference: bool = False,
    with_models: bool = False,
    settings: ExperimentSettings | None = None,
    moved: Mapping[str, int] | None = None,
) -> Path:
    """A sealed run of a snapshot; what its models say is chosen.

    Args:
        moved: row id -> fold, for records that are dealt into another fold than the snapshot's.
    """
    opened = open_snapshot(snapshot)
    settings = settings or tiny(picture__image_size_px=32)
    examples = read_examples(opened, opened.with_pictures(), settings)
    if moved:
        folds = [
            moved.get(pair.row_id, fold) for pair, fold in zip(examples.pairs, examples.folds, strict=True)
        ]
        examples = replace(examples, folds=np.array(folds))
    splits = examples.splits(settings.training.validation_share, settings.training.seeds[0])
    rng = np.random.default_rng([seed, 2])
    answer = answer or answering()
    rows = _rows(examples, [(split.fold, split.held_out) for split in splits], answer, rng)
    validation = _rows(examples, [(split.fold, split.validation) for split in splits], answer, rng)
    order = {row_id: place for place, row_id in enumerate(examples.records)}
    rows.sort(key=lambda row: order[row["row_id"]])
    name = run_folder.run_id(opened.content_sha256, settings, {"fabricated": str(seed)})
    with run_folder.run_in_progress(folder / name) as partial:
        run_folder.write_table(partial / run_folder.PREDICTIONS, rows, run_folder.PREDICTION_COLUMNS)
        run_folder.write_table(partial / run_folder.VALIDATION, validation, run_folder.PREDICTION_COLUMNS)
        _write_metrics(partial, splits, settings)
        scores = _write_reference(partial, examples, rows, with_reference)
        run_folder.write_json(partial / run_folder.DATA, data_record(opened, examples, settings, {}, None))
        run_folder.write_json(partial / run_folder.ENVIRONMENT, ENVIRONMENT)
        dump(settings, partial / run_folder.SETTINGS)
        (partial / run_folder.CARD).write_text(f"# Run {name}\n\nFabricated.\n", encoding="utf-8")
        _write_models(partial, examples, splits, settings, is_whole=with_models)
        run_folder.seal(
            partial,
            run_folder.without_nan({
                "run": name, "stage": 3, "snapshot": opened.name, "content_sha256": opened.content_sha256,
                "is_synthetic": opened.is_synthetic, "profile": settings.profile,
                "backbone": settings.backbone.name, "settings_sha256": settings.sha256(),
                "initial_weights": {"source": "random", "name": "none", "sha256": "0" * 64, "note": ""},
                "scores": scores, "code_version": "fabricated",
            }),
        )  # fmt: skip
    return folder / name


def truth_of(examples: Examples, places: Sequence[int]) -> Truth:
    """What is true of these photographs' records."""
    targets = examples.targets
    return Truth(
        np.array([100 * targets.ef[place] if targets.has_ef[place] else np.nan for place in places]).round(4),
        targets.rwma[list(places)],
        [examples.pairs[place].patient_id for place in places],
    )


def _rows(
    examples: Examples,
    parts: Sequence[tuple[int, NDArray[np.int64]]],
    answer: Answering,
    rng: np.random.Generator,
) -> list[Row]:
    """Rows of `predictions.csv`; all are answered about at once, so that a chosen strength is theirs."""
    places = [(fold, place) for fold, of in parts for place in of.tolist()]
    truth = truth_of(examples, [place for _, place in places])
    said = answer(truth, rng)
    spread = np.abs(rng.normal(2.0, 0.7, size=len(places))) + 0.1
    wobble = rng.normal(0, 1, size=len(places))
    rows = []
    for at, (fold, place) in enumerate(places):
        ef, probability = float(said.ef_percent[at]), float(np.clip(said.rwma_probability[at], 0, 1))
        rows.append({
            "row_id": examples.pairs[place].row_id,
            "patient_id": examples.pairs[place].patient_id,
            "fold": fold,
            "photographs": 1,
            "ef_percent_predicted": float(np.clip(ef, 0, 100)),
            "ef_percent_raw": ef,
            "rwma_probability": probability,
            "ef_percent_one_view": float(ef + wobble[at]),
            "rwma_probability_one_view": float(np.clip(probability + 0.02 * wobble[at], 0, 1)),
            "ef_view_spread": float(spread[at]),
            "rwma_view_spread": float(spread[at] / 50),
            "ef_seed_spread": None,
            "rwma_seed_spread": None,
            "ef_percent": None if np.isnan(truth.ef_percent[at]) else float(truth.ef_percent[at]),
            "rwma": None if truth.rwma[at] < 0 else int(truth.rwma[at]),
        })  # fmt: skip
    return rows


def _write_metrics(folder: Path, splits: Sequence[Split], settings: ExperimentSettings) -> None:
    """Two epochs a fold, the second the better one on the held-back records."""
    seed = settings.training.seeds[0]
    rows = [
        {"fold": split.fold, "seed": seed, "epoch": epoch, "training_total": 1 / epoch,
         "validation_total": 1.1 / epoch, "validation_ef_mae_points": 9.0 / epoch,
         "validation_rwma_auroc": 0.7, "seconds": 0.0}
        for split in splits
        for epoch in (1, 2)
    ]  # fmt: skip
    whole = ("fold", "seed", "epoch")
    columns = [Column(name, Kind.INTEGER if name in whole else Kind.NUMBER) for name in rows[0]]
    run_folder.write_table(folder / run_folder.METRICS, rows, columns)


def _write_reference(folder: Path, examples: Examples, rows: Sequence[Row], is_whole: bool) -> Row:
    """The reference rows; with the constants and the network alone where not all are asked for."""
    places = [examples.records[row["row_id"]][0] for row in rows]
    truth = truth_of(examples, places)
    folds = np.array([row["fold"] for row in rows])
    records = Records([examples.pairs[place] for place in places], folds, truth)
    network, one_view = (
        Answers(np.array([row[f"ef_percent_{end}"] for row in rows]), np.array([row[name] for row in rows]))
        for end, name in (("predicted", "rwma_probability"), ("one_view", "rwma_probability_one_view"))
    )
    if is_whole:
        found = with_stacked(records, reference_answers(records, None), network, one_view)
        table = reference_table(records, found, seed=1)
    else:
        middle = Answers(np.full(len(rows), np.nanmedian(truth.ef_percent)), np.zeros(len(rows)))
        table = {"constant median": _values(truth, middle), "network": _values(truth, network)}
    run_folder.write_table(folder / run_folder.REFERENCE, table_rows(table), COLUMNS)
    scores = {method: {name: one.as_json() for name, one in of.items()} for method, of in table.items()}
    run_folder.write_json(folder / run_folder.REFERENCE_JSON, scores)
    return scores


def _values(truth: Truth, answers: Answers) -> dict[str, Estimate]:
    """The measures of a reference row without their intervals, which take a second."""
    has_ef, has_rwma = np.isfinite(truth.ef_percent), truth.rwma >= 0
    ef, said = truth.ef_percent[has_ef], answers.ef_percent[has_ef]
    values = {
        "ef_mae_points": (float(np.abs(ef - said).mean()), len(ef)),
        "ef_r": (correlation(ef, said), len(ef)),
        "rwma_auroc": (auroc(answers.rwma_score[has_rwma], truth.rwma[has_rwma] == 1), int(has_rwma.sum())),
        "ef_gain_points": (float(np.abs(ef - np.median(ef)).mean() - np.abs(ef - said).mean()), len(ef)),
    }
    return {name: Estimate(value, np.nan, np.nan, n) for name, (value, n) in values.items()}


def _write_models(
    folder: Path,
    examples: Examples,
    splits: Sequence[Split],
    settings: ExperimentSettings,
    *,
    is_whole: bool,
) -> None:
    """What each model says of itself; the networks too where they are asked for."""
    for split in splits:
        data = {
            "fold": str(split.fold),
            "seed": str(settings.training.seeds[0]),
            "learnt_from": examples.rows_sha256(split.training),
            "weighed_from": examples.rows_sha256(split.training),
            "stopped_by": examples.rows_sha256(split.validation),
            "judged_on": examples.rows_sha256(split.held_out),
        }
        metrics = {"validation_total": 0.55, "epoch": 2.0}
        file = folder / run_folder.FOLDS / f"{split.fold}.safetensors"
        if is_whole:
            _save_network(file, settings, split.fold, metrics, data)
        else:
            run_folder.write_json(file.with_suffix(".json"), {"data": data, "metrics": metrics})


def _save_network(
    file: Path, settings: ExperimentSettings, fold: int, metrics: dict[str, float], data: dict[str, str]
) -> None:
    from pipeline.modeling.checkpoints import InitialWeights, save_checkpoint
    from pipeline.modeling.network import build_network

    save_checkpoint(
        file,
        build_network(settings, seed=fold + 1),
        settings,
        initial_weights=InitialWeights(source="random", name="none", sha256="0" * 64),
        metrics=metrics,
        data=data,
    )
