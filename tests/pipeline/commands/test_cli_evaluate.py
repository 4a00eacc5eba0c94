"""`echodesk evaluate` on a run that was made up, and what it refuses."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pytest
from click.testing import Result
from typer.testing import CliRunner

from db.store.engine import open_database
from db.tables.cases import Case
from db.workspace import Workspace
from pipeline.cli import app
from pipeline.dataset.rekeying import SnapshotKey
from pipeline.evaluation.adversary import adversary

sys.path.append(str(Path(__file__).resolve().parents[1] / "evaluation"))
from changed_folders import changed_labels  # noqa: E402
from fabricated_runs import KEY, Fabricated, digest_of, fabricate, fabricated_snapshot  # noqa: E402
from made_results import LIMITS  # noqa: E402


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["evaluate", *arguments])


@pytest.fixture(scope="module", autouse=True)
def _no_photographs_are_looked_at() -> Iterator[None]:
    """More than half of the time; `test_leaks` and `test_evaluate` compare some."""
    with patch("pipeline.evaluation.all_parts.looks_of", return_value={}):
        yield


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


def test_a_run_beside_itself_is_refused_before_any_work(made: Fabricated, said: Result) -> None:
    assert said.exit_code == 0
    refused = run_it(made, "--beside", str(made.run), "--again")
    assert refused.exit_code == 1
    assert "beside itself" in refused.stderr
    assert "measuring" not in refused.stderr


def test_without_a_run_it_is_wrong_use() -> None:
    assert invoke().exit_code == 2


def test_the_papers_figures_need_no_run() -> None:
    with patch("pipeline.evaluation.report.paper_figures.median_answer", return_value=LIMITS):
        done = invoke("--paper-figures")
    assert done.exit_code == 0, done.output
    assert "RWMA, F1 from the confusion matrix: reported 0.52, implied 0.515" in done.stdout


@pytest.mark.parametrize("option", ["--sufficient", "--bundle"])
def test_counts_to_send_and_a_bundle_need_data_to_be_asked_about(option: str) -> None:
    refused = invoke("anything", option, "somewhere")
    assert refused.exit_code == 2
    assert "--on" in refused.stderr


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace that froze both snapshots: its key, and a case of each of the first people."""
    folder = tmp_path_factory.mktemp("space")
    (folder / "desk.key").write_text(KEY.hex())
    (folder / "desk.key").chmod(0o600)
    database = open_database(Workspace(workspace=folder))
    with database.write() as session:
        session.add_all(
            Case(
                patient_key=digest_of(f"person 1 {number}"),
                report_sha256=digest_of(f"sheet {number}"),
                created_at=datetime(2026, 3, 4, tzinfo=UTC),
            )
            for number in range(1, 21)
        )
    database.close()
    return folder


def elsewhere(folder: Path, *, with_person: int | None = None) -> Path:
    """A snapshot of other patients; with one of the run's, under the name that this snapshot gives him."""
    made = fabricated_snapshot(folder, patients=30, seed=9, name="elsewhere")
    if with_person is not None:
        ours = SnapshotKey(KEY, "elsewhere").patient_id(digest_of(f"person 1 {with_person}"))
        with changed_labels(made) as labels, changed_labels(made, "pairs") as pairs:
            row_id = labels[0]["row_id"]
            for row in (labels[0], *(pair for pair in pairs if pair["row_id"] == row_id)):
                row["patient_id"] = ours
    return made


def test_a_patient_of_the_run_under_another_name_is_refused_with_counts_alone(
    made: Fabricated, space: Path, tmp_path: Path
) -> None:
    new = elsewhere(tmp_path, with_person=5)
    refused = run_it(made, "--again", "--on", str(new), "--workspace", str(space))
    assert refused.exit_code == 1
    assert "seen 1 patients and 0 photographs" in refused.stderr
    for name in ("fabricated", "elsewhere"):
        assert SnapshotKey(KEY, name).patient_id(digest_of("person 1 5")) not in refused.output


def test_where_another_workspace_froze_a_snapshot_it_says_that_patients_cannot_be_compared(
    made: Fabricated, space: Path, tmp_path: Path
) -> None:
    new = elsewhere(tmp_path, with_person=5)
    (tmp_path / "none").mkdir()
    of_nobody = run_it(made, "--again", "--on", str(new), "--workspace", str(tmp_path / "none"))
    of_ours = run_it(made, "--again", "--on", str(elsewhere(tmp_path / "2")), "--workspace", str(space))
    assert "cannot be compared here" in of_nobody.stderr
    assert "cannot be compared here" not in of_ours.stderr
    assert "has no models" in of_nobody.stderr
    assert "has no models" in of_ours.stderr


def test_the_adversary_is_asked_by_its_option(made: Fabricated, said: Result) -> None:
    assert said.exit_code == 0
    with patch("pipeline.evaluation.adversary.adversary", partial(adversary, repeats=1)):
        done = run_it(made, "--adversary", "--again")
    assert done.exit_code == 0, done.output
    found = json.loads((made.run / "evaluation" / "results.json").read_bytes())["adversary"]
    assert found["labels_leak"]["weakest"] > 0
