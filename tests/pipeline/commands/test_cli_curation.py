"""`echodesk curation report` on the command line: accuracy, corrections over time, reasons, groups,
minutes.
"""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from reviewed_space import FINDINGS, NOW, add_case, decide, reviewed_space
from sqlmodel import col, update
from typer.testing import CliRunner

from db.decisions import Arm, CorrectionReason
from db.labels import Findings, Pah
from db.quality.throughput import TimeSpent
from db.reviews import ReadingContext
from db.store.engine import open_database
from db.tables.cases import Case
from db.workspace import Workspace
from pipeline.cli import app
from pipeline.curation.counts import Period, _periods, time_saved

runner = CliRunner()
HOSTILE = "<script>|=cmd|' \\ [a](http://x)"


def corrected(pah: Pah) -> Findings:
    return Findings.model_validate({**FINDINGS.model_dump(), "pah": pah})


@pytest.fixture
def space(made: Path, tmp_path: Path) -> Path:
    """A copy to work on."""
    return Path(shutil.copytree(made, tmp_path / "space"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve labels equal to their drafts, four with the grade corrected, all from a site with a hostile
    name.
    """
    folder = reviewed_space(tmp_path_factory.mktemp("curated") / "space")
    database = open_database(Workspace(workspace=folder))
    with database.write() as session:
        for number in range(13, 17):
            add_case(session, number)
            reason = CorrectionReason.GRADE if number < 16 else None
            decide(session, number, 2, corrected(Pah.MILD), ReadingContext(arm=Arm.SHOWN, reason=reason))
        session.execute(update(Case).values(site=HOSTILE))
    database.close()
    return folder


def report(folder: Path, *options: str) -> tuple[int, str]:
    done = runner.invoke(app, ["curation", "report", "-w", str(folder), *options])
    return done.exit_code, done.output


def figures(folder: Path) -> dict[str, Any]:
    code, told = report(folder, "--json")
    assert code == 0
    return dict(json.loads(told))


def test_the_drafts_accuracy_has_an_exact_interval_and_n(space: Path) -> None:
    found = figures(space)["accuracy"]
    assert found["pah"] == {
        "value": 0.75,
        "low": pytest.approx(0.4762, abs=1e-4),
        "high": pytest.approx(0.9273, abs=1e-4),
        "n": 16,
    }
    assert (found["ef"]["value"], found["ef"]["high"]) == (1.0, 1.0)


def test_corrections_are_counted_for_every_hundred_records_and_by_reason_and_person(space: Path) -> None:
    found = figures(space)
    assert [period["corrections_per_100"] for period in found["periods"]] == [25.0]
    assert found["periods"][0]["by_field"] == {"ef": 0, "rwma": 0, "severity": 0, "pah": 4, "rvsp": 0}
    assert found["reasons"] == {"grade": 3, "": 1}
    assert found["by_annotator"] == [[12, 0], [4, 4]]


def test_the_report_says_when_there_is_too_little_to_say_what_a_draft_saves(space: Path) -> None:
    code, told = report(space)
    assert code == 0
    assert "Too little to say what a draft saves" in told
    assert "75.0% (47.6% to 92.7%), n 16" in told
    assert "none given" in told


def test_the_report_names_no_person_and_disarms_the_names_of_sites(space: Path) -> None:
    _, told = report(space)
    assert "Ana" not in told
    page = MarkdownIt("commonmark").enable("table").render(told)
    assert "<script" not in page and "<a " not in page and "<img" not in page
    assert "[a](http:" in page
    rows = [line for line in told.splitlines() if "script" in line]
    assert rows
    assert all(line.replace("\\|", "").count("|") == 8 for line in rows if line.startswith("|"))


def test_the_report_is_written_to_a_new_file_whole(space: Path) -> None:
    file = space.parent / "report.md"
    code, told = report(space, "-o", str(file))
    assert (code, told) == (0, f"Written to {file}.\n")
    assert file.read_text("utf-8").startswith("# What curation brought\n")
    assert report(space, "-o", str(file))[0] == 1
    assert report(space, "-o", str(file), "--overwrite")[0] == 0


def test_without_labels_there_is_nothing_to_report(tmp_path: Path) -> None:
    open_database(Workspace(workspace=tmp_path / "empty")).close()
    assert report(tmp_path / "empty")[0] == 1


def test_a_layout_that_fails_more_often_than_the_others_is_named(tmp_path: Path) -> None:
    folder = reviewed_space(tmp_path / "space")
    database = open_database(Workspace(workspace=folder))
    with database.write() as session:
        for number in range(13, 73):
            add_case(session, number)
            is_fax = number % 2 == 0
            decide(
                session,
                number,
                2,
                corrected(Pah.MILD) if is_fax and number % 4 else FINDINGS,
                ReadingContext(),
            )
            session.execute(
                update(Case).where(col(Case.id) == number).values(layout="fax" if is_fax else "letter")
            )
    database.close()
    _, told = report(folder)
    assert "Corrected more often than all others together, intervals apart: fax (PAH)." in told


def spent(**arms: list[float]) -> dict[str, TimeSpent]:
    from db.measures.medians import median_of_counts

    counts = {arm: [(seconds, 1) for seconds in values] for arm, values in arms.items()}
    return {arm: TimeSpent(median_of_counts(values), tuple(values)) for arm, values in counts.items()}


def test_the_time_saved_is_welchs_interval_over_the_records_with_a_draft() -> None:
    from scipy import stats

    shown = [8.0, 9.5, 11.0, 7.5, 10.0, 8.5, 9.0, 12.0, 7.0, 9.5, 10.5, 8.0]
    hidden = [14.0, 18.5, 12.0, 20.0, 16.5, 15.0, 13.5, 17.0, 19.0, 14.5]
    found = time_saved(spent(shown=shown, hidden=hidden))
    welch = stats.ttest_ind(hidden, shown, equal_var=False).confidence_interval()
    assert (found.saved_s.low, found.saved_s.high) == pytest.approx((welch.low, welch.high), rel=1e-6)
    assert found.minutes.value == pytest.approx(found.saved_s.value * 12 / 60)


def test_fewer_than_ten_in_an_arm_say_nothing() -> None:
    found = time_saved(spent(shown=[8.0] * 50, hidden=[20.0] * 9))
    assert not found.minutes.is_known
    assert found.hidden_s.n == 9
    assert not time_saved({}).saved_s.is_known


def test_days_become_weeks_from_monday_when_they_go_on_for_long() -> None:
    days = [Period(NOW.date() + timedelta(days=back), records=2, changed=1) for back in range(22)]
    weeks, is_weekly = _periods(days)
    assert is_weekly
    assert {week.start.weekday() for week in weeks} == {0}
    assert sum(week.records for week in weeks) == 44
    assert _periods(days[:21]) == (days[:21], False)
