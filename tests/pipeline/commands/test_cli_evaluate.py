"""`echodesk evaluate` on a run that was made up, and what it refuses."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from unittest.mock import patch

import pytest
from click.testing import Result
from typer.testing import CliRunner

from pipeline.cli import app

sys.path.append(str(Path(__file__).resolve().parents[1] / "evaluation"))
from fabricated_runs import Fabricated, fabricate  # noqa: E402
from made_results import LIMITS  # noqa: E402


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["evaluate", *arguments])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Fabricated:
    return fabricate(tmp_path_factory.mktemp("cli_evaluate"), patients=100)


@pytest.fixture(scope="module")
def said(made: Fabricated) -> Result:
    return run_it(made)


def run_it(made: Fabricated, *more: str) -> Result:
    return invoke(
        str(made.run), "--snapshot", str(made.snapshot), "--resamples", "100", "--no-pictures", *more
    )


def test_it_says_what_a_reader_must_know_and_where_the_report_is(made: Fabricated, said: Result) -> None:
    assert said.exit_code == 0, said.output
    assert "rests on them" in said.stdout
    assert said.stdout.splitlines()[-1] == str(made.run / "evaluation" / "report.html")


def test_a_second_time_it_says_that_nothing_was_written(made: Fabricated, said: Result) -> None:
    assert said.exit_code == 0
    again = run_it(made, "--json")
    assert json.loads(again.stdout)["is_new"] is False
    assert "nothing was written" in run_it(made).stdout


def test_other_settings_are_refused_with_the_way_out(made: Fabricated, said: Result) -> None:
    assert said.exit_code == 0
    refused = run_it(made, "--seed", "3")
    assert refused.exit_code == 1
    assert "--again" in refused.stderr


def test_without_a_run_it_is_wrong_use() -> None:
    assert invoke().exit_code == 2


def test_the_papers_figures_need_no_run() -> None:
    with patch("pipeline.evaluation.report.paper_figures.median_answer", return_value=LIMITS):
        done = invoke("--paper-figures")
    assert done.exit_code == 0, done.output
    assert "RWMA, F1 from the confusion matrix: reported 0.520, implied 0.515" in done.stdout


def test_counts_to_send_need_data_to_count() -> None:
    refused = invoke("anything", "--sufficient", "out.json")
    assert refused.exit_code == 2
    assert "--on" in refused.stderr
