"""Leaks planted by hand in runs and snapshots, each as a careless or dishonest author would leave it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from changed_folders import changed_labels
from PIL import Image, ImageEnhance

from pipeline.training.run_folder import rows_sha256

Row = dict[str, Any]


def json_changed(run: Path, name: str, change: Callable[[Any], object]) -> None:
    """Change one of a run's JSON files in place."""
    value = json.loads((run / name).read_bytes())
    change(value)
    (run / name).write_text(json.dumps(value), encoding="utf-8")


def rows_changed(run: Path, name: str, change: Callable[[list[dict[str, str]]], object]) -> None:
    """Change one of a run's tables in place."""
    with (run / name).open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        rows, names = list(reader), list(reader.fieldnames or ())
    change(rows)
    with (run / name).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def table(run: Path, name: str) -> list[dict[str, str]]:
    """One of a run's tables."""
    with (run / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def everything(run: Path) -> str:
    """The hash of all records."""
    return rows_sha256(row["row_id"] for row in table(run, "predictions.csv"))


def _models(run: Path, change: Callable[[Row], object]) -> None:
    for file in sorted((run / "folds").glob("*.json")):
        json_changed(run, f"folds/{file.name}", change)


def _learnt_from_all(run: Path) -> None:
    used = everything(run)
    _models(run, lambda one: one["data"].update(learnt_from=used))


def _weighed_from_all(run: Path) -> None:
    used = everything(run)
    _models(run, lambda one: one["data"].update(weighed_from=used))


def _stopped_by_the_test(run: Path) -> None:
    """Each model learns from all other folds and is stopped by its own test fold."""
    judged = table(run, "predictions.csv")

    def change(rows: list[dict[str, str]]) -> None:
        rows[:] = [dict(row) for row in judged]

    def said(one: Row) -> None:
        fold = one["data"]["fold"]
        theirs, others = (
            rows_sha256(row["row_id"] for row in judged if (row["fold"] == fold) is is_theirs)
            for is_theirs in (True, False)
        )
        one["data"] |= {"learnt_from": others, "weighed_from": others, "stopped_by": theirs}

    rows_changed(run, "validation.csv", change)
    _models(run, said)


def _another_epoch(run: Path) -> None:
    json_changed(run, "folds/2.json", lambda one: one["metrics"].update(epoch=1.0))


def _scaled_by_all(run: Path) -> None:
    used = dict.fromkeys("01234", everything(run))
    step = {"step": "standardised", "kept_for": "each fold", "fitted_on": used}
    json_changed(run, "data.json", lambda data: data["provenance"]["prepared"].append(step))


def _cache_fitted(run: Path) -> None:
    step = {"step": "whitened pictures", "kept_for": "all folds", "fitted_on": everything(run)}
    json_changed(run, "data.json", lambda data: data["provenance"]["prepared"].append(step))


def _views_tried_on_test(run: Path) -> None:
    used = everything(run)
    json_changed(
        run, "data.json",
        lambda data: data["provenance"]["choices"]["test_time_views"].update(chosen_on=used),
    )  # fmt: skip


def _label_given(run: Path) -> None:
    json_changed(run, "data.json", lambda data: data["provenance"]["features"].append("lv_function"))


def _answered_elsewhere(run: Path) -> None:
    """Ten records answered by the model of another fold, which learnt from them."""

    def change(rows: list[dict[str, str]]) -> None:
        for row in [one for one in rows if one["fold"] == "0"][:10]:
            row["fold"] = "1"

    rows_changed(run, "predictions.csv", change)


def _counted_twice(run: Path) -> None:
    rows_changed(run, "predictions.csv", lambda rows: rows.append(dict(rows[0])))


def _named_apart(run: Path) -> None:
    def change(rows: list[dict[str, str]]) -> None:
        for place, row in enumerate(rows):
            row["patient_id"] = f"p{place}"

    rows_changed(run, "predictions.csv", change)


def _label_edited(run: Path) -> None:
    """The worst miss gets the label it was given."""

    def change(rows: list[dict[str, str]]) -> None:
        row = max(rows, key=lambda one: abs(float(one["ef_percent"]) - float(one["ef_percent_predicted"])))
        row["ef_percent"] = str(round(float(row["ef_percent_predicted"])))

    rows_changed(run, "predictions.csv", change)
    _quote_again(run)


def _some_answers_are_labels(run: Path) -> None:
    """One EF in ten is the label itself."""

    def change(rows: list[dict[str, str]]) -> None:
        for row in rows[::10]:
            row["ef_percent_predicted"] = row["ef_percent"]

    rows_changed(run, "predictions.csv", change)
    _quote_again(run)


def _learnt_by_heart(run: Path) -> None:
    """Answers of a model that has seen the reported records: they lean towards the labels."""

    def change(rows: list[dict[str, str]]) -> None:
        for row in rows:
            for said, truth, share in (("ef_percent_predicted", "ef_percent", 0.5),
                                       ("rwma_probability", "rwma", 0.1)):  # fmt: skip
                value = float(row[said])
                row[said] = repr(value + share * (float(row[truth]) - value))

    rows_changed(run, "predictions.csv", change)
    _quote_again(run)


def _quote_again(run: Path) -> None:
    """What the run says of itself follows its answers: the author has noticed nothing."""
    rows = table(run, "predictions.csv")
    ef, said = (
        np.array([float(row[name]) for row in rows]) for name in ("ef_percent", "ef_percent_predicted")
    )

    def change(reference: Row) -> None:
        reference["network"]["ef_mae_points"]["value"] = float(np.abs(ef - said).mean())
        reference["network"]["ef_r"]["value"] = float(np.corrcoef(ef, said)[0, 1])
        reference["network"].pop("rwma_auroc")

    json_changed(run, "reference.json", change)


# Check that must catch it -> what is done to a run that passes.
PLANTS: Mapping[str, Callable[[Path], None]] = {
    "learnt_from_test": _learnt_from_all,
    "weights_from_test": _weighed_from_all,
    "epoch_chosen_on_test": _stopped_by_the_test,
    "epoch_not_the_best_held_back": _another_epoch,
    "scaling_from_test": _scaled_by_all,
    "preparation_fitted_across_folds": _cache_fitted,
    "views_chosen_on_test": _views_tried_on_test,
    "label_among_features": _label_given,
    "answered_by_a_model_that_saw_it": _answered_elsewhere,
    "record_answered_twice": _counted_twice,
    "patients_counted_apart": _named_apart,
    "labels_changed": _label_edited,
    "answers_are_the_labels": _some_answers_are_labels,
    "better_than_held_back": _learnt_by_heart,
}


def _two_rows(snapshot: Path, *, same_fold: bool) -> tuple[Row, Row]:
    rows = [json.loads(line) for line in (snapshot / "data/pairs.jsonl").read_text("utf-8").splitlines()]
    first = rows[0]
    other = next(row for row in rows[1:] if (row["fold"] == first["fold"]) is same_fold)
    return first, other


def copied_picture(snapshot: Path) -> None:
    """One photograph stands in for another patient's."""
    one, other = _two_rows(snapshot, same_fold=False)
    (snapshot / other["path"]).chmod(0o644)
    (snapshot / other["path"]).write_bytes((snapshot / one["path"]).read_bytes())


def same_page_again(snapshot: Path) -> None:
    """The same page photographed again, a little darker, as another patient's."""
    one, other = _two_rows(snapshot, same_fold=False)
    with Image.open(snapshot / one["path"]) as image:
        stream = io.BytesIO()
        ImageEnhance.Brightness(image).enhance(0.93).save(stream, "PNG")
    (snapshot / other["path"]).chmod(0o644)
    (snapshot / other["path"]).write_bytes(stream.getvalue())


def shared_report(snapshot: Path) -> None:
    """One page of a report under two patients, in one fold: one person counts as two."""
    one, other = _two_rows(snapshot, same_fold=True)
    with changed_labels(snapshot, "lineage") as rows:
        pages = {row["row_id"]: row["images"] for row in rows}
        report = next(image for image in pages[one["row_id"]] if image["role"] == "report")
        for image in pages[other["row_id"]]:
            if image["role"] == "report":
                image["image_id"] = report["image_id"]
