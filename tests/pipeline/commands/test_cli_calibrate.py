"""`echodesk calibrate`: what it says before there are enough reviews, and what it leaves behind after."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "labeling"))

from reviewed_workspace import RULES, ReviewedWorkspace, quoted, stated  # noqa: E402

from labeling.trust.calibration import MIN_REVIEWS, load_calibration  # noqa: E402
from pipeline.cli import app  # noqa: E402

runner = CliRunner()
QUOTES = dict.fromkeys(("ef_percent", "rwma", "pah"), "words")


def test_too_few_reviews_are_counted_kindly(tmp_path: Path) -> None:
    world = ReviewedWorkspace(tmp_path)
    world.reviewed("LVEF 55 %", quoted(stated(55), QUOTES), stated(55))
    world.reviewed("LVEF 35 %", quoted(stated(85), QUOTES), stated(35))
    world.close()
    asked = runner.invoke(app, ["calibrate", "--workspace", str(tmp_path)])
    assert asked.exit_code == 1
    assert "not yet calibrated: 2 of the 200 reviews" in asked.stderr
    assert "1/2 = 50.0 %" in asked.stdout, "what is known is shown all the same"
    assert not (tmp_path / "calibration").exists()


def test_a_reader_nobody_reviewed_is_named(tmp_path: Path) -> None:
    ReviewedWorkspace(tmp_path).close()
    asked = runner.invoke(app, ["calibrate", "--workspace", str(tmp_path), "--reader", "qwen2vl"])
    assert asked.exit_code == 1
    assert "no draft by qwen2vl has been reviewed" in asked.stderr


@pytest.mark.slow
def test_two_hundred_reviews_make_a_calibration_and_a_report(tmp_path: Path) -> None:
    world = ReviewedWorkspace(tmp_path)
    for number in range(MIN_REVIEWS):
        ef_percent = 20.0 + number / 4
        drafted = stated(ef_percent + (10 if number % 10 == 0 else 0))
        world.reviewed(f"LVEF {ef_percent:g} %", quoted(drafted, QUOTES), stated(ef_percent))
    world.close()
    asked = runner.invoke(app, ["calibrate", "--workspace", str(tmp_path), "--json"])
    assert asked.exit_code == 0, asked.output
    fields = {one["field"]: one for one in json.loads(asked.stdout)["fields"]}
    assert (fields["ef_percent"]["n"], fields["ef_percent"]["right"]) == (200, 180)
    assert fields["ef_percent"]["ece_calibrated"] < 0.05
    stored = load_calibration(tmp_path / "calibration", reader=RULES.name, reader_version=RULES.version)
    assert stored is not None
    assert stored.reviews == MIN_REVIEWS
    report = tmp_path / "reports" / "calibration-rules"
    assert sorted(path.name for path in report.iterdir()) == ["reliability.csv", "reliability.png"]
