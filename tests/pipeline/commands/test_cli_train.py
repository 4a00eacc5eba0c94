"""`echodesk train` and `echodesk runs` on a small snapshot's folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from small_snapshots import frozen_snapshot, rows
from typer.testing import CliRunner

from pipeline.cli import app

TINY = {
    "backbone.name": "test_efficientnet",
    "backbone.weights": "random",
    "backbone.drop_path": "0",
    "neck.widths": "[16, 8]",
    "neck.dropouts": "[0.2, 0.1]",
    "picture.image_size_px": "32",
    "training.epochs": "1",
    "training.batch_size": "8",
    "training.patience": "null",
}


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def train(snapshot: Path, runs: Path, *more: str) -> Result:
    changes = [part for name, value in TINY.items() for part in ("--set", f"{name}={value}")]
    return invoke(
        "train", str(snapshot), "--folds", "2", "--look-over", "1", "--out", str(runs), *changes, *more
    )


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return frozen_snapshot(tmp_path_factory.mktemp("cli_train") / "snapshots", rows(24))


@pytest.fixture(scope="module")
def trained(snapshot: Path) -> tuple[Result, Path]:
    """What the command said, and where its runs are."""
    runs = snapshot.parent / "runs"
    return train(snapshot, runs), runs


def the_run(trained: tuple[Result, Path]) -> str:
    (folder,) = (one for one in trained[1].iterdir() if not one.name.startswith("."))
    return folder.name


def test_a_dry_run_says_what_it_would_take_and_writes_nothing(snapshot: Path, tmp_path: Path) -> None:
    done = train(snapshot, tmp_path / "runs", "--dry-run")
    assert done.exit_code == 0, done.output
    for said in ("test_efficientnet, 32 pixels, profile paper", "2 models", "minutes here"):
        assert said in done.stdout
    assert not (tmp_path / "runs").exists()


def test_a_training_ends_with_the_run_beside_simpler_methods(trained: tuple[Result, Path]) -> None:
    done, runs = trained
    assert done.exit_code == 0, done.output
    run = the_run(trained)
    assert f"run {run}: test_efficientnet (profile paper) on tiny" in done.stdout
    assert "network" in done.stdout
    assert str(runs / run) in done.stdout.replace("\n", "")


def test_what_a_look_at_the_photographs_found_is_said_and_kept(trained: tuple[Result, Path]) -> None:
    done, runs = trained
    assert "looked over 1 of 24 photographs: 1 unusable (1 too small)" in done.stderr
    data = json.loads((runs / the_run(trained) / "data.json").read_text(encoding="utf-8"))
    assert data["photograph_quality"] == {
        "photographs": 24, "looked_at": 1, "unusable": 1, "reasons": {"too_small": 1},
    }  # fmt: skip
    assert "of 1 looked over, 1 would be refused" in (runs / the_run(trained) / "README.md").read_text()


def test_the_same_training_a_second_time_is_refused(snapshot: Path, trained: tuple[Result, Path]) -> None:
    again = train(snapshot, trained[1])
    assert again.exit_code == 1
    assert f"run {the_run(trained)} exists already" in again.stderr


def test_runs_are_listed_for_people_and_for_scripts(trained: tuple[Result, Path]) -> None:
    run, where = the_run(trained), ("--runs", str(trained[1]))
    listed, as_json = invoke("runs", "list", *where), invoke("runs", "list", "--json", *where)
    assert (listed.exit_code, as_json.exit_code) == (0, 0)
    assert run in listed.stdout
    found = json.loads(as_json.stdout)
    assert (found["run"], found["snapshot"], found["stage"]) == (run, "tiny", 3)
    assert "files" not in found


def test_a_run_is_shown_by_its_id_and_by_its_folder(trained: tuple[Result, Path]) -> None:
    run, runs = the_run(trained), trained[1]
    by_id, by_folder = (
        invoke("runs", "show", run, "--runs", str(runs)),
        invoke("runs", "show", str(runs / run)),
    )
    assert (by_id.exit_code, by_folder.exit_code) == (0, 0)
    assert by_id.stdout == by_folder.stdout
    assert json.loads(invoke("runs", "show", str(runs / run), "--json").stdout)["run"] == run


def test_a_whole_run_passes_and_a_damaged_one_is_named_with_exit_code_1(
    trained: tuple[Result, Path], tmp_path: Path
) -> None:
    run = trained[1] / the_run(trained)
    whole = invoke("runs", "verify", str(run))
    assert (whole.exit_code, whole.stdout) == (0, f"{run.name}: every file is as it was written.\n")
    damaged = tmp_path / run.name
    damaged.mkdir()
    for file in (one for one in run.rglob("*") if one.is_file()):
        copy = damaged / file.relative_to(run)
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(file.read_bytes() + (b"\n" if file.name == "predictions.csv" else b""))
    found = invoke("runs", "verify", str(damaged))
    assert (found.exit_code, found.stdout) == (1, "predictions.csv was changed\n")


def test_there_is_no_run_yet_in_an_empty_folder(tmp_path: Path) -> None:
    done = invoke("runs", "list", "--runs", str(tmp_path))
    assert (done.exit_code, done.stdout) == (0, "no run yet; make one with: echodesk train SNAPSHOT\n")


def test_a_training_that_was_stopped_is_told_with_what_can_be_done(tmp_path: Path) -> None:
    from pipeline.training.run_folder import run_in_progress

    with pytest.raises(KeyboardInterrupt), run_in_progress(tmp_path / "0123456789ab"):
        raise KeyboardInterrupt
    (tmp_path / ".other.partial").mkdir()
    done = invoke("runs", "list", "--runs", str(tmp_path))
    assert done.exit_code == 0
    assert done.stdout.count("Begun and not finished") == 1
    assert str(tmp_path / ".0123456789ab.partial") in done.stdout


@pytest.mark.parametrize("verb", ["show", "verify"])
def test_an_unknown_run_is_wrong_use(verb: str, tmp_path: Path) -> None:
    done = invoke("runs", verb, "0123456789ab", "--runs", str(tmp_path))
    assert done.exit_code == 2
    assert "there is no run 0123456789ab" in done.stderr


def test_an_unknown_snapshot_is_wrong_use(tmp_path: Path) -> None:
    done = invoke("train", "nowhere", "--out", str(tmp_path / "runs"), "--workspace", str(tmp_path))
    assert done.exit_code == 2
    assert "there is no snapshot nowhere" in done.stderr


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ("training.epoch=3", 1, "training.epoch"),
        ("training.folds=one", 1, "training.folds"),
        ("augmentation.backmix_share=1.5", 1, "augmentation.backmix_share"),
        ("training.epochs", 2, "is not NAME=VALUE"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_name(
    snapshot: Path, tmp_path: Path, change: str, code: int, said: str
) -> None:
    done = invoke("train", str(snapshot), "--out", str(tmp_path / "runs"), "--set", change)
    assert done.exit_code == code, done.output
    assert said in done.stderr
    assert not (tmp_path / "runs").exists()
