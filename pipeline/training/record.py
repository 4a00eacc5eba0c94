"""What a run writes down at its end: tables, reference rows, environment, card, manifest."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from db.markdown import table as markdown_table
from db.measures.estimate import Estimate
from db.tabular import Column, Kind
from pipeline.config.files import dump
from pipeline.config.settings import ExperimentSettings
from pipeline.dataset.opened import OpenedSnapshot
from pipeline.modeling.checkpoints import InitialWeights
from pipeline.modeling.targets import definitions
from pipeline.training import run_folder
from pipeline.training.baselines import (
    COLUMNS,
    Records,
    reference_answers,
    reference_table,
    table_rows,
    with_stacked,
)
from pipeline.training.computing import environment
from pipeline.training.fold_models import Course, Model, Row
from pipeline.training.inputs.photo_quality import PhotoQuality
from pipeline.training.provenance import data_record
from pipeline.training.run_folder import (
    PREDICTION_COLUMNS,
    UNTAUGHT,
    numbers_of,
    seal,
    write_json,
    write_table,
)
from pipeline.training.scores import Answers, Floats, Truth
from pipeline.waveforms.recording import Recording

if TYPE_CHECKING:
    from accelerate import Accelerator

Table = Mapping[str, Mapping[str, Estimate]]

_PLANTED = "Nothing measured here says anything about real hearts: the labels were planted."
_BROUGHT_IN = (
    "The labels came in with a table and were not reviewed in EchoDesk: how many of them are wrong is not "
    "known, and what is measured here is agreement with that table."
)
_MEASURES = (
    ("ef_mae_points", "EF error, points", 1),
    ("ef_gain_points", "better than the median by", 1),
    ("ef_r", "EF correlation", 2),
    ("rwma_auroc", "RWMA AUROC", 2),
)


@dataclass
class Phases:
    """Seconds by phase of a run; a phase that an interrupted run had finished is short."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Measure what is done inside."""
        started_s = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - started_s, 1)


@dataclass(frozen=True, eq=False)
class Told:
    """What of a run its models do not know.

    Attributes:
        left_out: photograph -> why it was left out.
        quality: what was found when photographs were looked over; None where none were.
        waveforms: row id -> signal, where there are any.
    """

    name: str
    snapshot: OpenedSnapshot
    left_out: Mapping[str, str]
    quality: PhotoQuality | None
    accelerator: Accelerator
    waveforms: Mapping[str, Recording] | None


def write_run(
    course: Course,
    models: Sequence[Model],
    rows: Sequence[Row],
    validation: Sequence[Row],
    told: Told,
    phases: Phases,
) -> None:
    """Every file of the run but its checkpoints; the manifest last."""
    folder, settings = course.folder, course.settings
    with phases.phase("reference rows"):
        table, answers = _reference(course, rows, told.waveforms)
    write_table(folder / run_folder.PREDICTIONS, rows, PREDICTION_COLUMNS)
    write_table(folder / run_folder.VALIDATION, validation, PREDICTION_COLUMNS)
    history, columns = _history(models)
    write_table(folder / run_folder.METRICS, history, columns)
    write_table(folder / run_folder.REFERENCE, table_rows(table), COLUMNS)
    write_table(folder / run_folder.REFERENCE_ANSWERS, answers, run_folder.REFERENCE_COLUMNS)
    scores = {method: {name: one.as_json() for name, one in of.items()} for method, of in table.items()}
    write_json(folder / run_folder.REFERENCE_JSON, scores)
    data = data_record(told.snapshot, course.examples, settings, told.left_out, told.quality)
    write_json(folder / run_folder.DATA, data)
    surroundings = environment(told.accelerator)
    write_json(folder / run_folder.ENVIRONMENT, {**surroundings, "seconds": phases.seconds})
    dump(settings, folder / run_folder.SETTINGS)
    text = _card(told.name, settings, data, course.first.origin, table, surroundings)
    (folder / run_folder.CARD).write_text(text, encoding="utf-8")
    manifest = {
        "run": told.name,
        "stage": 3,
        "snapshot": told.snapshot.name,
        "content_sha256": told.snapshot.content_sha256,
        "is_synthetic": told.snapshot.is_synthetic,
        "profile": settings.profile,
        "backbone": settings.backbone.name,
        "settings_sha256": settings.sha256(),
        "initial_weights": course.first.origin.model_dump(),
        "scores": scores,
        "code_version": surroundings["code_version"],
    }
    seal(folder, run_folder.without_nan(manifest))


def _reference(
    course: Course, rows: Sequence[Row], waveforms: Mapping[str, Recording] | None
) -> tuple[Table, list[Row]]:
    """The network beside simpler methods, on the same records in the same folds; and what those answered."""
    places = course.examples.records
    pairs = [course.examples.pairs[places[row["row_id"]][0]] for row in rows]
    truth = Truth(
        numbers_of(rows, "ef_percent"),
        np.array([-1 if row["rwma"] is None else row["rwma"] for row in rows]),
        [row["patient_id"] for row in rows],
    )
    records = Records(pairs, np.array([row["fold"] for row in rows]), truth)
    untaught = course.settings.losses.untaught
    network = _taught(
        numbers_of(rows, "ef_percent_predicted"), numbers_of(rows, "rwma_probability"), untaught
    )
    one_view = _taught(
        np.clip(numbers_of(rows, "ef_percent_one_view"), 0, 100),
        numbers_of(rows, "rwma_probability_one_view"),
        untaught,
    )
    found = with_stacked(records, reference_answers(records, waveforms), network, one_view)
    answers: list[Row] = [
        {"row_id": row["row_id"], "method": name, "ef_percent": float(ef), "rwma_score": float(rwma)}
        for name, said in found.items()
        for row, ef, rwma in zip(rows, said.ef_percent, said.rwma_score, strict=True)
    ]
    return reference_table(records, found, seed=course.settings.training.seeds[0]), answers


def _taught(ef_percent: Floats, rwma: Floats, untaught: Sequence[str]) -> Answers:
    """The network's answers without those of a head that was not taught: chance is no method."""
    nothing = np.full(len(ef_percent), np.nan)
    return Answers(nothing if "ef" in untaught else ef_percent, nothing if "rwma" in untaught else rwma)


def _history(models: Sequence[Model]) -> tuple[list[Row], list[Column]]:
    rows = [{"fold": model.fold, "seed": model.seed, **row} for model in models for row in model.history]
    whole = ("fold", "seed", "epoch")
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = [Column(name, Kind.INTEGER if name in whole else Kind.NUMBER) for name in names]
    return [{name: row.get(name) for name in names} | {"epoch": int(row["epoch"])} for row in rows], columns


def _card(
    name: str,
    settings: ExperimentSettings,
    data: Mapping[str, Any],
    weights: InitialWeights,
    table: Table,
    surroundings: Mapping[str, Any],
) -> str:
    """Markdown; every number with n and its 95 % interval over patients."""
    lines = [
        *_card_head(name, settings, data, weights),
        *_card_scores(table),
        *_card_targets(settings, data),
        *_card_limits(data),
        f"Trained in {surroundings['precision']} on {surroundings['device']}; "
        f"code {surroundings['code_version']}. `settings.json` has every setting, "
        "`data.json` every count, `metrics.csv` every epoch.",
    ]
    return "\n".join(lines) + "\n"


def _card_head(
    name: str, settings: ExperimentSettings, data: Mapping[str, Any], weights: InitialWeights
) -> list[str]:
    kind = "invented patients (semi-synthetic)" if data["is_synthetic"] else "patients"
    return [
        f"# Run {name}",
        "",
        "**Research software. Not a medical device, not validated, not for any decision about a patient.** "
        "An ECG photograph hints at what an echocardiogram measures; it does not replace one.",
        "",
        f"{settings.training.folds} models of `{settings.backbone.name}` (profile `{settings.profile}`), "
        f"trained on snapshot `{data['snapshot']}`: {data['photographs']} photographs of "
        f"{data['patients']} {kind}. "
        f"First weights: {weights.source}, {weights.name}.",
        *([f"**{weights.note}**"] if weights.note else []),
        *(f"**{UNTAUGHT[head]}**" for head in settings.losses.untaught),
        *([_PLANTED] if data["is_synthetic"] else []),
        *([_BROUGHT_IN] if data.get("is_brought_in") else []),
        "",
    ]


def _card_scores(table: Table) -> list[str]:
    rows = [
        [method, *(_said(measures[name], digits) for name, _, digits in _MEASURES)]
        for method, measures in table.items()
    ]
    return [
        "## Out of fold",
        "",
        "Each record is judged by the one model that never learnt from its patient. The models stopped by",
        "patients held back from their own training folds. In brackets the 95 % interval over patients, then",
        "the records.",
        "",
        markdown_table(["method", *(title for _, title, _ in _MEASURES)], rows),
        "",
        "`signal and network` is fitted on the out-of-fold answers of the other folds.",
        "",
    ]


def _card_targets(settings: ExperimentSettings, data: Mapping[str, Any]) -> list[str]:
    meanings = definitions(settings.targets)
    rows = [[one["field"], one["category"], one["use"], str(one["n"])] for one in data["targets"]]
    return [
        "## Targets",
        "",
        f"* EF: {meanings['ef']}",
        f"* RWMA: {meanings['rwma']}",
        "",
        markdown_table(["field", "category", "used as", "photographs"], rows),
        "",
    ]


def _card_limits(data: Mapping[str, Any]) -> list[str]:
    quality = data["photograph_quality"]
    looked = []
    if quality is not None:
        counts = f"of {quality['looked_at']} looked over, {quality['unusable']} would be refused"
        looked = [f"* Good photographs alone: {counts} (`data.json` says why)."]
    return [
        "## What it does not know",
        "",
        f"* Other clinics: all records come from {_sites(data['sites'])}.",
        "* How sure it is: the spread between models is agreement, not a calibrated error.",
        "* What it was not shown: other layouts, other devices, rhythms that the snapshot does not hold.",
        *looked,
        "",
    ]


def _sites(sites: Mapping[str, int]) -> str:
    named = [site for site in sites if site]
    return f"{len(named)} sites" if len(named) > 1 else "one site, as far as is known"


def _said(estimate: Estimate, digits: int) -> str:
    """`9.0 [8.2, 9.9] n = 500`; a dash where there is no number."""
    if not estimate.is_known:
        return "-"
    value = f"{estimate.value:.{digits}f}"
    if estimate.has_interval:
        value += f" [{estimate.low:.{digits}f}, {estimate.high:.{digits}f}]"
    return f"{value} n = {estimate.n}"
