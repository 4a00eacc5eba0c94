"""From a snapshot to a run and back: out of fold, whole, looked over, the same each time."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from small_snapshots import frozen_snapshot, rows, tiny

from db.errors import EchoDeskError
from pipeline.curation.predictions import load_predictions
from pipeline.dataset.opened import open_snapshot
from pipeline.evaluation.leaks.audit import audit
from pipeline.evaluation.leaks.evidence import read_evidence
from pipeline.evaluation.leaks.finding import Outcome
from pipeline.training.recipe import run_place, train
from pipeline.training.reporting import Silent
from pipeline.training.run_folder import open_run
from pipeline.training.runs import compare, export_run, histogram, problems_of, spread

FILES = (
    "README.md", "data.json", "environment.json", "manifest.json", "metrics.csv", "predictions.csv",
    "reference.csv", "reference.json", "reference_answers.csv", "settings.json", "validation.csv",
)  # fmt: skip


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A snapshot, and the same run made of it twice in two folders."""
    folder = tmp_path_factory.mktemp("recipe")
    snapshot = frozen_snapshot(folder / "snapshots", rows(40))
    opened, settings = open_snapshot(snapshot), tiny(training__epochs=1, training__folds=2)
    first, second = (train(opened, settings, runs=folder / name, reporter=Silent()) for name in ("a", "b"))
    return snapshot, first, second


def table(run: Path, name: str) -> list[dict[str, str]]:
    with (run / name).open(encoding="utf-8", newline="") as stream:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(stream)]


def test_a_run_has_its_files_and_nothing_of_the_work(places: tuple[Path, Path, Path]) -> None:
    run = places[1]
    assert sorted(path.name for path in run.iterdir() if path.is_file()) == sorted(FILES)
    assert [path.name for path in open_run(run).checkpoints()] == ["0.safetensors", "1.safetensors"]
    assert [path.name for path in run.parent.iterdir()] == [run.name]


def test_the_same_seed_gives_the_same_run(places: tuple[Path, Path, Path]) -> None:
    _, first, second = places
    assert first.name == second.name
    for name in ("predictions.csv", "validation.csv", "metrics.csv", "reference.csv"):
        assert table(first, name) == table(second, name)
    assert (first / "folds/1.safetensors").read_bytes() == (second / "folds/1.safetensors").read_bytes()


def test_every_record_is_predicted_once_and_suspects_can_read_it(places: tuple[Path, Path, Path]) -> None:
    snapshot, run, _ = places
    opened = open_snapshot(snapshot)
    predictions = open_run(run).predictions()
    assert [row["row_id"] for row in predictions] == [pair.row_id for pair in opened.pairs]
    numbers = {pair.row_id: place for place, pair in enumerate(opened.pairs)}
    found, unknown = load_predictions(run / "predictions.csv", lambda _, value: numbers.get(value))
    assert (len(found), unknown) == (40, 0)


def test_the_same_run_a_second_time_is_refused(places: tuple[Path, Path, Path]) -> None:
    snapshot, run, _ = places
    opened, settings = open_snapshot(snapshot), tiny(training__epochs=1, training__folds=2)
    assert run_place(opened, settings, run.parent) == run
    with pytest.raises(EchoDeskError, match="exists already"):
        train(opened, settings, runs=run.parent, reporter=Silent())


def test_another_setting_is_another_run(places: tuple[Path, Path, Path]) -> None:
    snapshot, run, _ = places
    other = tiny(training__epochs=1, training__folds=2, losses__ef_weight_cap=6)
    assert run_place(open_snapshot(snapshot), other, run.parent) != run


def test_a_trained_run_records_what_the_leakage_audit_needs_and_passes_it(
    places: tuple[Path, Path, Path],
) -> None:
    snapshot, run, _ = places
    stated = {"threshold": {"value": 0.4, "chosen_on": "paper"}, "calibration": {"chosen_on": "nested"}}
    found = audit(read_evidence(run, snapshot, choices=stated))
    # These invented pictures show the label as a block whose size the size of the file tells.
    assert found.named(Outcome.CAUGHT) == ["label_in_the_file"]
    assert found.named(Outcome.UNDECIDED) == ["near_picture_in_two_folds"]


def test_a_run_compared_with_itself_gains_nothing(places: tuple[Path, Path, Path]) -> None:
    first, second = open_run(places[1]), open_run(places[2])
    found = compare(first, second)
    assert found.settings == {}
    assert found.ef_gain_points is not None
    assert found.ef_gain_points.value == 0
    assert spread(first, is_held_back=True)["ef_mae_points"] > 0


def test_a_histogram_counts_every_record_once_as_labelled_and_once_as_answered(
    places: tuple[Path, Path, Path],
) -> None:
    steps = histogram(open_run(places[1]), is_held_back=False)
    assert [sum(counts) for counts in list(zip(*steps, strict=True))[1:]] == [40, 40]
    lows = [low for low, _, _ in steps]
    assert lows == list(range(lows[0], lows[-1] + 5, 5))
    efs = [float(row["ef_percent"]) for row in table(places[1], "predictions.csv")]
    labelled = {low: labels for low, labels, _ in steps}
    assert labelled[int(efs[0] // 5 * 5)] == sum(value // 5 == efs[0] // 5 for value in efs)


def test_a_packed_run_is_as_it_was_and_a_damaged_one_is_named(
    places: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    for number, run in enumerate(places[1:]):
        export_run(run, tmp_path / f"{number}.zip")
        assert problems_of(tmp_path / f"{number}.zip") == []
    damaged = places[2] / "predictions.csv"
    damaged.chmod(0o644)
    damaged.write_bytes(damaged.read_bytes() + b"\n")
    assert problems_of(places[2]) == ["predictions.csv was changed"]
    with pytest.raises(EchoDeskError, match=r"predictions\.csv was changed"):
        open_run(places[2])
