"""`echodesk bench imaging` and `echodesk bench training` say what was measured, for people and scripts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.commands.bench_imaging import show_imaging_bench
from pipeline.commands.bench_training import show_training_bench
from pipeline.imaging.bench import ImagingSpeed
from pipeline.training.bench import TrainingSpeed

IMAGING = ImagingSpeed(0.5, 1.0, 3.0, "2.0.8", 40.0, 100.0, 90.0, 30.0, 25.0, 10.0)
TRAINING = TrainingSpeed("net", 16, 288, 1, 9.0, 3.0, 0.5, 90.0, 100.0, 150.0, 3.0, 7.0)


@pytest.mark.slow
def test_a_bench_of_imaging_can_be_read_by_a_script() -> None:
    done = CliRunner().invoke(app, ["bench", "imaging", "--rounds", "1", "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["thinned_page_ms"] > 0
    assert found["order_ratio"] == pytest.approx(found["camera_order_ms"] / found["working_order_ms"])


def test_every_figure_of_imaging_stands_beside_another_way(capsys: pytest.CaptureFixture[str]) -> None:
    show_imaging_bench(IMAGING)
    said = capsys.readouterr().out
    for line in ("draw a page", "Pillow", "the paper's order", "albumentations 2.0.8, three channels"):
        assert line in said
    assert "100 pages a second" in said
    assert "not installed" not in said


def test_a_missing_library_is_said_and_not_guessed(capsys: pytest.CaptureFixture[str]) -> None:
    show_imaging_bench(ImagingSpeed(0.5, None, None, "", 40.0, 100.0, 90.0, 30.0, 25.0, 10.0))
    said = capsys.readouterr().out
    assert "0.50 ms; albumentations is not installed" in said
    assert "pip install 'echodesk[bench]'" in said


def test_the_epochs_are_shown_with_their_ratio(capsys: pytest.CaptureFixture[str]) -> None:
    show_training_bench(TRAINING)
    said = capsys.readouterr().out
    assert "net, 288 pixels, 16 pictures an epoch" in said
    rows = {line.rsplit(maxsplit=2)[0].strip(): line.split()[-1] for line in said.splitlines()[3:6]}
    assert rows == {
        "everything learns": "18", "frozen layers computed each time": "6", "frozen layers kept": "1",
    }  # fmt: skip


def test_a_bench_of_training_takes_at_least_four_pictures(tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["bench", "training", "--pictures", "3"]).exit_code == 2


@pytest.mark.slow
def test_a_bench_of_the_evaluation_measures_its_numbers() -> None:
    told = ["bench", "evaluation", "--patients", "120", "--resamples", "20"]
    done = CliRunner().invoke(app, [*told, "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert (found["patients"], found["resamples"]) == (120, 20)
    assert found["processor_s"] > 0
    said = CliRunner().invoke(app, told).stdout
    assert said.startswith("120 patients, 20 resamples:")
