"""`echodesk snapshot table`: the plan writes nothing, what can't be taken is named, and training takes it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from own_tables import cells, draw_ecgs, written
from PIL import Image
from typer.testing import CliRunner, Result

from pipeline.cli import app

SYNTHETIC = ("--synthetic", "--images", "as-printed", "--override", "class-counts")


def invoke(workspace: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--workspace", str(workspace), *arguments])


def snapshot_table(space: Path, folder: Path, name: str, *more: str) -> Result:
    listing, photos = str(folder / "labels.csv"), str(folder / "photos")
    return invoke(space, "snapshot", "table", name, listing, "--photos", photos, *more)


def test_the_plan_says_what_was_taken_for_what_and_writes_nothing(tmp_path: Path) -> None:
    written(tmp_path, [*(cells(number, rwma_severity="", Remarks="x") for number in range(1, 9))])
    draw_ecgs(tmp_path, "nobody.jpg")
    space = tmp_path / "space"
    done = snapshot_table(space, tmp_path, "own", "--plan")
    assert done.exit_code == 0, done.output
    assert "ef_percent: column 'ef_percent'" in done.stdout
    assert "Not used: 'Remarks'" in done.stdout
    said = [line.split() for line in done.stdout.splitlines()]
    assert ["rwma", "yes", "present,", "without", "a", "grade", "6"] in said
    assert "8 rows of 8 patients would be frozen, of 8 rows" in done.stdout
    assert "1 photograph without a row: not used" in done.stdout
    assert "Freeze all the same: --override class-counts" in done.stdout
    assert not space.exists()
    told = json.loads(snapshot_table(space, tmp_path, "own", "--plan", "--json").stdout)
    assert (told["rows"], told["usable"], told["patients"]) == (8, 8, 8)
    assert [one["name"] for one in told["checks"]] == ["class-counts"]
    assert not space.exists()


def test_what_cannot_be_taken_is_named_and_nothing_is_frozen(tmp_path: Path) -> None:
    written(tmp_path, [*(cells(number) for number in range(1, 12)), cells(12, ef_percent=0.55)])
    space = tmp_path / "space"
    for arguments in (("--plan",), SYNTHETIC):
        done = snapshot_table(space, tmp_path, "own", *arguments)
        assert done.exit_code == 1
        assert "row 13: ef_percent 0.55 is a share" in done.stderr
        assert "0.55 becomes 55" in done.stderr
    assert "--leave-out" in done.stderr
    assert not (space / "snapshots/own").exists()
    done = snapshot_table(space, tmp_path, "own", *SYNTHETIC, "--leave-out")
    assert done.exit_code == 1, done.output  # something was left out, and is named
    assert "Snapshot own: 11 rows of 11 patients, 11 pairs" in done.stdout
    assert "Left out: the row cannot be used 1" in done.stdout
    assert "Not certified: the labels came in with a table" in done.stdout
    assert "row 13:" in done.stderr


def test_photographs_of_two_patients_that_look_alike_are_named(tmp_path: Path) -> None:
    written(tmp_path, [cells(number) for number in range(1, 25)])
    with Image.open(tmp_path / "photos/ecg_3.jpg") as photo:
        photo.save(tmp_path / "photos/ecg_6.jpg", quality=60)
    done = snapshot_table(tmp_path / "space", tmp_path, "own", *SYNTHETIC)
    assert done.exit_code == 0, done.output
    assert "Photographs of two patients look alike, in rows 4 and 7. They share a fold" in done.stdout
    told = json.loads(snapshot_table(tmp_path / "space", tmp_path, "again", *SYNTHETIC, "--json").stdout)
    assert told["look_alikes"] == [[4, 7]]


def test_photographs_of_patients_never_go_out_as_they_are(tmp_path: Path) -> None:
    written(tmp_path, [cells(number) for number in range(1, 9)])
    done = snapshot_table(tmp_path / "space", tmp_path, "own", "--images", "as-printed")
    assert done.exit_code == 2
    assert "masked or not at all" in done.stderr


def test_an_unknown_column_is_told_with_those_found(tmp_path: Path) -> None:
    written(tmp_path, [{"Pat": "P1", "Bild": "x.jpg", "EF": 50}])
    done = snapshot_table(tmp_path / "space", tmp_path, "own")
    assert done.exit_code == 1
    assert "no column patient_id and no column ecg; found: 'Pat', 'Bild', 'EF'" in done.stderr
    assert snapshot_table(tmp_path / "space", tmp_path, "own", "--column", "EF").exit_code == 2


def test_what_was_frozen_is_listed_verified_walked_back_and_trained_on(tmp_path: Path) -> None:
    written(tmp_path, [cells(number) for number in range(1, 41)])
    space = tmp_path / "space"
    done = snapshot_table(space, tmp_path, "own", *SYNTHETIC)
    assert done.exit_code == 0, done.output
    assert "echodesk" in done.stdout and "train own" in done.stdout
    assert "own" in invoke(space, "snapshot", "list").stdout
    verified = invoke(space, "snapshot", "verify", "own")
    assert verified.exit_code == 0, verified.output
    labels = (space / "snapshots/own/data/labels.jsonl").read_text(encoding="utf-8").splitlines()
    row_id = json.loads(labels[0])["row_id"]
    walked = invoke(space, "lineage", row_id)
    assert walked.exit_code == 0, walked.output
    assert "table:" in walked.stdout and ".jpg" in walked.stdout
    torch = pytest.importorskip("torch")
    del torch
    tiny = (
        "backbone.name=test_efficientnet", "backbone.weights=random", "backbone.drop_path=0",
        "neck.widths=[16,8]", "neck.dropouts=[0.2,0.1]", "picture.image_size_px=32", "training.epochs=1",
        "training.batch_size=8", "training.patience=null",
    )  # fmt: skip
    options = [word for one in tiny for word in ("--set", one)]
    trained = invoke(space, "train", "own", *options)
    assert trained.exit_code == 0, trained.output
    assert "constant median" in trained.stdout
    (run,) = [folder for folder in (space / "runs").iterdir() if not folder.name.startswith(".")]
    card = (run / "README.md").read_text(encoding="utf-8")
    assert "came in with a table and were not reviewed in EchoDesk" in card
    told = invoke(space, "train", "own", *options, "--dry-run")
    assert told.exit_code == 0, told.output
    assert "steps of" in told.stdout and "all together" in told.stdout
    left_out = re.search(r"whole batches of 8: it leaves out (\d+) of (\d+) records", told.stdout)
    assert left_out is not None
    assert int(left_out[1]) == int(left_out[2]) % 8


def test_a_photograph_that_shows_no_ecg_is_named_before_and_while_freezing_and_can_be_overridden(
    tmp_path: Path,
) -> None:
    written(tmp_path, [cells(number) for number in range(1, 13)])
    Image.new("RGB", (1600, 1100), (60, 120, 60)).save(tmp_path / "photos/ecg_5.jpg")
    space, named = tmp_path / "space", "row 6: "
    planned = snapshot_table(space, tmp_path, "own", "--plan")
    assert planned.exit_code == 1 and "12 photographs were looked at: 1 can't be taken" in planned.stdout
    told = json.loads(snapshot_table(space, tmp_path, "own", "--plan", "--json").stdout)
    assert [one["row"] for one in told["photographs_refused"]] == [6]
    stopped = snapshot_table(space, tmp_path, "own", *SYNTHETIC)
    assert stopped.exit_code == 1 and not (space / "snapshots/own").exists()
    for done in (planned, stopped):
        assert named in done.stderr and "the photograph shows no ECG" in done.stderr
        assert "--override no-ecg" in done.stderr
    left = snapshot_table(space, tmp_path, "without", *SYNTHETIC, "--leave-out")
    assert "Left out: its photograph shows no ECG 1" in left.stdout, left.output
    assert "11 rows of 11 patients" in left.stdout
    kept = snapshot_table(space, tmp_path, "own", *SYNTHETIC, "--override", "no-ecg")
    assert kept.exit_code == 0 and "12 rows of 12 patients" in kept.stdout, kept.output
    card = (space / "snapshots/own/README.md").read_text(encoding="utf-8")
    assert "1 ECG photograph on which no ECG is seen" in card
