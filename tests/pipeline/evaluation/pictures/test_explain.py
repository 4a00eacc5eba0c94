"""`echodesk explain`: one photograph's answer, by all folds, with what happens when it is changed."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import Result
from fabricated_runs import fabricate
from small_snapshots import tiny
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.evaluation.pictures.explain import EVALUATION, interval_of
from pipeline.imaging.capture import Condition, photograph
from pipeline.imaging.paper import draw_ecg_page
from pipeline.training.run_folder import open_run

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A run of five random networks, and a photograph."""
    folder = tmp_path_factory.mktemp("explain")
    settings = tiny(picture__image_size_px=64)
    run = fabricate(folder, patients=100, with_models=True, settings=settings).run
    rng = np.random.default_rng(1)
    signal = rng.normal(0, 0.02, size=(12, 1000))
    signal[:, 40::80] += 1.2
    page = draw_ecg_page(signal, 100.0, px_per_mm=3.0, header=("INVENTED",))
    (folder / "photo.jpg").write_bytes(photograph(page.image, rng, Condition.PHONE).jpeg())
    return run, folder / "photo.jpg"


def explained(places: tuple[Path, Path], *more: str) -> Result:
    run, photo = places
    return CliRunner().invoke(app, ["explain", str(run), str(photo), *more])


def test_it_says_every_folds_answer_and_what_changes_do(places: tuple[Path, Path], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    done = explained(places, "--json", "-o", str(page))
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert list(found["folds"]) == ["0", "1", "2", "3", "4"]
    ef = [one["ef_percent"] for one in found["folds"].values()]
    assert found["answer"]["ef_percent"] == pytest.approx(np.mean(ef))
    assert found["ef_spread_points"] == pytest.approx(np.std(ef))
    assert [one["name"] for one in found["what_ifs"]] == ["as_it_is", "trace_erased", "paper_replaced"]
    assert found["what_ifs"][0]["answer"] == found["answer"]
    assert found["what_ifs"][1]["answer"] != found["answer"]
    assert found["interval"] is None
    html = page.read_text(encoding="utf-8")
    assert html.count("data:image/jpeg;base64,") == 6
    assert "http" not in html
    assert str(places[0].parent) not in html


def test_the_picture_is_the_photograph_and_two_overlays(places: tuple[Path, Path], tmp_path: Path) -> None:
    done = explained(places, "-o", str(tmp_path / "heat.png"))
    assert done.exit_code == 0, done.output
    assert "not a medical device" in done.stdout
    row, photo = cv2.imread(str(tmp_path / "heat.png")), cv2.imread(str(places[1]))
    assert row is not None
    assert photo is not None
    assert row.shape == (photo.shape[0], 3 * photo.shape[1], 3)
    thirds = np.split(row, 3, axis=1)
    np.testing.assert_array_equal(thirds[0], photo)
    assert (thirds[1] != photo).any()
    assert (thirds[1] != thirds[2]).any()


def test_another_kind_of_file_or_no_photograph_is_refused(places: tuple[Path, Path], tmp_path: Path) -> None:
    assert explained(places, "-o", str(tmp_path / "page.pdf")).exit_code == 2
    done = explained((places[0], tmp_path / "none.jpg"))
    assert done.exit_code == 1
    assert "none.jpg" in done.output


def test_the_interval_is_as_wide_as_in_the_evaluation(places: tuple[Path, Path]) -> None:
    run = open_run(places[0])
    assert interval_of(run, 50) is None
    (run.folder / EVALUATION).parent.mkdir()
    plain = {"width": {"value": 30.0}, "coverage": {"value": 0.91}}
    found = {"conformal": {"target": 0.9, "intervals": {"plain": plain}}}
    (run.folder / EVALUATION).write_text(json.dumps(found), encoding="utf-8")
    interval = interval_of(run, 90)
    assert interval is not None
    assert (interval.low, interval.high, interval.target, interval.held) == (75, 100, 0.9, 0.91)
