"""The verbs in the order of the work, on small inputs: what they print, store, refuse and answer."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont
from typer.testing import CliRunner, Result

from db.exports.tables import Table
from db.store.engine import open_database
from db.tabular import FileFormat
from db.workspace import Workspace
from labeling.benchmark.drafts import DraftedField, DraftOutcome
from pipeline.cli import app
from pipeline.commands.demo_said import show_answers
from pipeline.commands.labels.export import TableName

REPORT = """2D ECHOCARDIOGRAPHY REPORT
LV ejection fraction 42 %
Moderate hypokinesia of the anterior wall
Mild PAH, RVSP 40 mmHg
"""

CONTRACT = {
    "source",
    "reader",
    "ef_percent",
    "ef_low",
    "ef_high",
    "ef_operator",
    "ef_state",
    "rwma",
    "rwma_severity",
    "rwma_walls",
    "pah",
    "rvsp_mmhg",
    "evidence",
    "confidence",
    "light",
}


def echodesk(*arguments: object, env: dict[str, str] | None = None) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(app, [str(word) for word in arguments], env=env)


@pytest.fixture
def text_report(tmp_path: Path) -> Path:
    path = tmp_path / "report.txt"
    path.write_text(REPORT, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def report_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two report pictures and a file that is cut off."""
    folder = tmp_path_factory.mktemp("scans")
    font = ImageFont.load_default(size=34)
    for name, text in (("A1_report.png", REPORT), ("A2_report.png", REPORT.replace("42", "61"))):
        page = Image.new("L", (1240, 900), 255)
        ImageDraw.Draw(page).multiline_text((90, 90), text, font=font, fill=0, spacing=26)
        page.save(folder / name)
    whole = (folder / "A1_report.png").read_bytes()
    (folder / "A3_report.png").write_bytes(whole[: len(whole) // 2])
    return folder


def test_read_prints_one_json_object_a_line_by_contract(text_report: Path) -> None:
    asked = echodesk("read", text_report, text_report, "--json")
    assert asked.exit_code == 0, asked.output
    answers = [json.loads(line) for line in asked.stdout.splitlines()]
    assert len(answers) == 2
    assert set(answers[0]) >= CONTRACT
    assert answers[0]["ef_percent"] == 42
    assert answers[0]["rwma"] == "present"
    assert answers[0]["pah"] == "mild"
    assert answers[0]["rvsp_mmhg"] == 40
    assert set(answers[0]["evidence"]["ef_percent"]) == {"quote", "page", "box"}


def test_read_names_a_bad_file_on_its_line_and_goes_on(text_report: Path, tmp_path: Path) -> None:
    missing = tmp_path / "missing.jpg"
    asked = echodesk("read", missing, text_report, "--json")
    assert asked.exit_code == 1
    bad, good = [json.loads(line) for line in asked.stdout.splitlines()]
    assert set(bad) == {"source", "error"}
    assert bad["source"] == str(missing)
    assert good["ef_percent"] == 42


def test_read_for_people_is_a_table_and_errors_go_to_the_side(text_report: Path, tmp_path: Path) -> None:
    asked = echodesk("read", text_report, tmp_path / "missing.jpg")
    assert asked.exit_code == 1
    heading, row = asked.stdout.splitlines()
    assert heading.split()[:2] == ["EF", "%"]
    assert row.startswith("42")
    assert "present moderate" in row
    assert "missing.jpg" in asked.stderr


def test_an_unknown_reader_is_wrong_use(text_report: Path) -> None:
    asked = echodesk("read", text_report, "--reader", "tea-leaves")
    assert asked.exit_code == 2
    assert all(name in asked.stderr for name in ("rules", "qwen2vl", "remote"))


@pytest.mark.tesseract
def test_pictures_become_drafts_and_a_bad_file_is_named(report_folder: Path, tmp_path: Path) -> None:
    space = tmp_path / "space"
    taken = echodesk("intake", report_folder, "--site", "Ward 3", "-w", space)
    assert taken.exit_code == 1
    assert "A3_report.png" in taken.stderr
    assert "2 cases registered." in taken.stdout
    assert "1 file refused" in taken.stdout

    again = echodesk("intake", report_folder, "--json", "-w", space)
    assert json.loads(again.stdout)["registered"] == 0
    assert json.loads(again.stdout)["duplicates"] == 2

    extracted = echodesk("extract", "--workers", 2, "--json", "-w", space)
    assert extracted.exit_code == 0, extracted.output
    assert json.loads(extracted.stdout)["done"] == 2

    counted = json.loads(echodesk("status", "--json", "-w", space).stdout)
    assert (counted["cases"], counted["drafted"], counted["waiting"]) == (2, 2, 2)
    assert f"Next: echodesk --workspace {space} review" in echodesk("status", "-w", space).stdout
    assert "2 had their draft before" in echodesk("extract", "-w", space).stdout

    for file_format in FileFormat:
        target = tmp_path / f"drafts.{file_format.value}"
        written = echodesk("export", "drafts", "--format", file_format.value, "-o", target, "-w", space)
        assert written.exit_code == 0, written.output
        assert "2 rows written" in written.stdout
        assert target.stat().st_size > 0
    refused = echodesk("export", "drafts", "-o", tmp_path / "drafts.csv", "-w", space)
    assert refused.exit_code == 1
    assert "exists already" in refused.stderr


def test_exporting_labels_before_any_review_says_where_they_come_from(tmp_path: Path) -> None:
    open_database(Workspace(workspace=tmp_path)).close()
    asked = echodesk("export", "labels", "-o", tmp_path / "labels.csv", "-w", tmp_path)
    assert asked.exit_code == 0
    assert "0 rows written" in asked.stdout
    assert f"echodesk --workspace {tmp_path} review" in asked.stdout


def test_the_names_on_the_command_line_are_those_of_the_export() -> None:
    assert {name.value for name in TableName} == {table.value for table in Table}


def test_extracting_where_nothing_was_taken_in_is_wrong_use(tmp_path: Path) -> None:
    asked = echodesk("extract", "-w", tmp_path / "none")
    assert asked.exit_code == 2
    assert f"echodesk --workspace {tmp_path / 'none'} intake" in asked.stderr


def test_the_review_page_is_not_served_to_other_computers(tmp_path: Path) -> None:
    open_database(Workspace(workspace=tmp_path)).close()
    asked = echodesk("review", "--host", "192.0.2.7", "-w", tmp_path)
    assert asked.exit_code == 2
    assert "this computer alone" in asked.stderr


@pytest.fixture
def served(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """`echodesk review` as a program of its own, on any free port."""
    open_database(Workspace(workspace=tmp_path)).close()
    command = [sys.executable, "-c", "from pipeline.cli import main; main()"]
    process = subprocess.Popen(
        [*command, "review", "--port", "0", "-w", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    yield process
    process.kill()
    process.wait()


def test_review_prints_a_link_and_stops_calmly(served: subprocess.Popen[str]) -> None:
    assert served.stdout is not None
    lines = []
    while not lines or "Ctrl-C" not in lines[-1]:
        line = served.stdout.readline()
        assert line, lines
        lines.append(line)
    assert any("http://127.0.0.1:" in line and "/link/" in line for line in lines)
    served.send_signal(signal.SIGINT)
    rest = served.stdout.read()
    assert served.wait(timeout=30) == 0
    assert "Stopped. Every decision is stored." in rest
    assert "Traceback" not in rest


@pytest.mark.slow
@pytest.mark.tesseract
def test_the_demo_runs_from_nothing_and_again_in_one_go(tmp_path: Path) -> None:
    space = tmp_path / "demo"
    elsewhere = {"ECHODESK_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/real"}
    first = echodesk("demo", "--no-serve", "--patients", 3, "-w", space, env=elsewhere)
    assert first.exit_code == 0, first.output
    assert "3 cases registered; 0 were known." in first.stdout
    assert "Read against the known truth" in first.stdout
    second = echodesk("demo", "--no-serve", "--patients", 3, "-w", space)
    assert "0 cases registered; 3 were known." in second.stdout
    assert "3 had their draft before" in second.stdout
    assert json.loads(echodesk("status", "--json", "-w", space).stdout)["cases"] == 3


def test_the_demo_keeps_out_of_a_real_workspace(tmp_path: Path) -> None:
    open_database(Workspace(workspace=tmp_path)).close()
    asked = echodesk("demo", "--no-serve", "-w", tmp_path)
    assert asked.exit_code == 2
    assert not (tmp_path / "cohort").exists()


def test_the_demo_says_at_once_when_tesseract_is_missing(tmp_path: Path) -> None:
    asked = echodesk(
        "demo", "--no-serve", "-w", tmp_path / "d", env={"ECHODESK_TESSERACT": "no-such-program"}
    )
    assert asked.exit_code == 1
    assert "apt-get install tesseract-ocr" in asked.stderr
    assert not (tmp_path / "d" / "cohort").exists()


def test_the_demo_counts_right_open_missed_and_wrong_apart(capsys: pytest.CaptureFixture[str]) -> None:
    def answer(patient: str, condition: str, outcome: DraftOutcome) -> DraftedField:
        return DraftedField(patient, condition, "fax", "ef_percent", "60", "16", outcome)

    show_answers(
        [
            answer("SYN-1", "clean", DraftOutcome.RIGHT),
            answer("SYN-2", "harsh", DraftOutcome.LEFT_OPEN),
            answer("SYN-3", "harsh", DraftOutcome.MISSED),
            answer("SYN-4", "harsh", DraftOutcome.WRONG),
        ]
    )
    out = capsys.readouterr().out
    rows = {line.split("  ")[0]: line for line in out.splitlines()}
    assert "1 / 0 / 0 / 0" in rows["clean"]
    assert "0 / 1 / 1 / 1" in rows["harsh"]
    assert "1 / 1 / 1 / 1" in rows["all"]
    assert "Of 4 answers 1 was wrong and 1 missed" in out
    assert out.index("SYN-4") < out.index("SYN-3")
    assert rows["SYN-4"].split()[-2:] == ["60", "16"]


def test_the_demo_counts_what_a_second_chance_brought(capsys: pytest.CaptureFixture[str]) -> None:
    def answer(outcome: DraftOutcome, *, field: str = "ef_percent", again: bool = True) -> DraftedField:
        return DraftedField("SYN-1", "harsh", "fax", field, "60", "16", outcome, again)

    show_answers(
        [
            answer(DraftOutcome.RIGHT),
            answer(DraftOutcome.RIGHT),
            answer(DraftOutcome.WRONG),
            answer(DraftOutcome.LEFT_OPEN, again=False),
            answer(DraftOutcome.RIGHT, again=False),
            answer(DraftOutcome.LEFT_OPEN, field="rwma", again=False),
        ]
    )
    out = capsys.readouterr().out
    (row,) = [line for line in out[out.index("second chance") :].splitlines() if line.startswith("EF ")]
    assert row.split() == ["EF", "4", "2", "1", "1"]
    show_answers([answer(DraftOutcome.RIGHT, again=False)])
    assert "second chance" not in capsys.readouterr().out


def test_benchmark_scores_a_folder_with_known_answers(tmp_path: Path) -> None:
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "1.txt").write_text(REPORT, encoding="utf-8")
    (tmp_path / "gold.csv").write_text(
        "file,report_type,ef_value,ef_operator,rwma_present,rwma_severity,pah,rvsp_mmhg,notes\n"
        "1.txt,echo_tte,43,=,yes,moderate,mild,40,\n",
        encoding="utf-8",
    )
    asked = echodesk("benchmark", tmp_path, "--misses")
    assert asked.exit_code == 0, asked.output
    assert "0/1 = 0.0 % [0.0, 79.3]" in asked.stdout
    assert asked.stdout.splitlines()[-1].split() == ["1.txt", "ef_percent", "43", "42"]
    as_json = json.loads(echodesk("benchmark", tmp_path, "--json").stdout)
    assert as_json["overall"]["ef_exact"] == {"hits": 0, "n": 1}


@pytest.mark.slow
@pytest.mark.tesseract
def test_bench_compares_with_a_plain_loop_on_the_same_pages(report_folder: Path) -> None:
    asked = echodesk("bench", "extract", report_folder / "A1_report.png", "--workers", 1, "--json")
    assert asked.exit_code == 0, asked.output
    measured = json.loads(asked.stdout)
    assert measured["pages"] == 1
    assert measured["ratio"] == pytest.approx(measured["plain_s"] / measured["ours_s"])


def test_bench_without_a_page_is_wrong_use(tmp_path: Path) -> None:
    assert echodesk("bench", "extract", tmp_path).exit_code == 2
