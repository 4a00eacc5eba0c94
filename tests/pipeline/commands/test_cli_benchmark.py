"""`echodesk benchmark`: one reader, a saved run, and two sides against each other, on small folders."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from db.errors import WrongUse
from db.labels import Findings
from labeling.benchmark.gold import InputKind
from labeling.benchmark.reading import ReportAnswer, failed
from labeling.benchmark.saved_readings import saving_to
from labeling.readers.base import ReaderIdentity, Reading
from pipeline.cli import app
from pipeline.commands.benchmark.reading import Input, input_of
from pipeline.commands.benchmark.sides import side_of
from pipeline.commands.reader_options import AskTwice, ReaderChoice, ReaderName, SecondReader

REPORTS = {
    "1.txt": "LV ejection fraction 42 %. Moderate hypokinesia of the anterior wall. Mild PAH, RVSP 40 mmHg.",
    "2.txt": "LVEF 61 %. No RWMA. No PAH.",
}
GOLD = """file,report_type,ef_value,ef_operator,rwma_present,rwma_severity,pah,rvsp_mmhg,notes
1.txt,echo_tte,43,=,yes,moderate,mild,40,
2.txt,echo_table,61,=,no,none,none,,[SYNTHETIC]
"""


def echodesk(*arguments: object) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(app, [str(word) for word in arguments])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "gold" / "text").mkdir(parents=True)
    for name, text in REPORTS.items():
        (tmp_path / "gold" / "text" / name).write_text(text, encoding="utf-8")
    (tmp_path / "gold" / "gold.csv").write_text(GOLD, encoding="utf-8")
    return tmp_path / "gold"


def write_run(target: Path, ef_values: dict[str, float | None], *, kind: InputKind = "phone") -> Path:
    """A saved run of an imaginary model that only reads the EF; None is a report it failed on."""
    with saving_to(target, input_kind=kind) as on_answer:
        for name, ef in ef_values.items():
            findings = Findings(ef_percent=ef, ef_operator="=", ef_state="stated") if ef else Findings()
            answer = ReportAnswer(name, Reading(findings)) if ef else failed(name, "it broke", "Mend it.")
            on_answer(ReaderIdentity("qwen2vl", "7", "0123abcd", "read-1"), answer)
    return target


def test_the_lights_say_how_many_errors_they_hold(folder: Path) -> None:
    asked = echodesk("benchmark", folder)
    assert asked.exit_code == 0, asked.output
    assert "Reader: rules, version" in asked.stdout
    assert "Traffic light" in asked.stdout
    rows = {line.split("  ")[0]: line.split() for line in asked.stdout.splitlines()}
    of_all = [cell.split("/") for cell in rows["all four"][2:] if cell != "-"]
    assert sum(int(n) for _, n in of_all) == 8
    assert sum(int(errors) for errors, _ in of_all) == 1
    assert "Green answers that are an error" in asked.stdout


def test_json_holds_the_lights_the_reader_and_no_nan(folder: Path) -> None:
    asked = echodesk("benchmark", folder, "--json")
    assert "NaN" not in asked.stdout
    result = json.loads(asked.stdout)
    assert result["reader"]["name"] == "rules"
    assert result["failures"] == []
    assert result["lights"]["watched"]["n"] == 8
    assert [point["coverage"] for point in result["lights"]["risk_by_confidence"]][-1] == 1.0


def test_a_saved_run_is_scored_again_and_compared_with_itself(folder: Path, tmp_path: Path) -> None:
    run = tmp_path / "rules.jsonl"
    made = echodesk("benchmark", folder, "--save", run)
    assert made.exit_code == 0, made.output
    assert len(run.read_text(encoding="utf-8").splitlines()) == 2
    again = echodesk("benchmark", folder, "--readings", run)
    assert again.stdout == made.stdout
    same = echodesk("benchmark", folder, "--compare", run, "rules", "--json")
    assert same.exit_code == 0, same.output
    compared = json.loads(same.stdout)
    assert compared["changes"] == []
    assert {row["difference"] for row in compared["overall"].values() if row["n"]} == {0.0}
    assert (
        compared["overall"]["ef_percent"]["interval"][0]
        < 0
        < compared["overall"]["ef_percent"]["interval"][1]
    )


def test_two_saved_runs_are_compared(folder: Path, tmp_path: Path) -> None:
    one = write_run(tmp_path / "one.jsonl", {"1.txt": 43, "2.txt": 16})
    two = write_run(tmp_path / "two.jsonl", {"1.txt": 43, "2.txt": 61})
    asked = echodesk("benchmark", folder, "--compare", one, two)
    # There are no pictures in this folder: what was read elsewhere needs only the truth here.
    assert asked.exit_code == 0, asked.output
    assert "A: qwen2vl, version 7, weights 0123abcd, prompt read-1; input phone" in asked.stdout
    row = next(line for line in asked.stdout.splitlines() if line.startswith("EF, where printed"))
    assert row.split()[3:] == ["2", "50.0", "%", "100.0", "%", "1", "0", "1", "0", *row.split()[-4:]]
    assert "+50.0 [" in row
    change = next(line for line in asked.stdout.splitlines() if line.startswith("2.txt"))
    assert change.split() == ["2.txt", "EF", "61", "16", "61", "only", "B", "right"]
    assert "difference -22.50" in asked.stdout
    back = json.loads(echodesk("benchmark", folder, "--compare", two, one, "--json").stdout)
    assert back["overall"]["ef_percent"]["difference"] == -0.5
    assert back["changes"][0]["verdict"] == "only A right"


def test_a_report_that_failed_is_named_and_the_exit_code_is_one(folder: Path, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run.jsonl", {"1.txt": None, "2.txt": 61})
    asked = echodesk("benchmark", folder, "--readings", run)
    assert asked.exit_code == 1
    assert "1.txt: it broke. Mend it." in asked.stderr
    assert "1 of 2 reports could not be read" in asked.stdout
    both = echodesk("benchmark", folder, "--compare", run, run)
    assert both.exit_code == 1
    assert "1.txt: B could not read it" in both.stderr
    assert "A could not read 1 report; they count as wrong" in both.stdout


def test_different_inputs_are_compared_with_a_note(folder: Path, tmp_path: Path) -> None:
    one = write_run(tmp_path / "one.jsonl", {"1.txt": 43, "2.txt": 61}, kind="clean")
    two = write_run(tmp_path / "two.jsonl", {"1.txt": 43, "2.txt": 61}, kind="phone")
    asked = echodesk("benchmark", folder, "--compare", one, two)
    assert asked.exit_code == 0
    assert "Note: The two read different inputs" in asked.stdout


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["--compare", "rules", "tea-leaves"], "Name a reader"),
        (["--compare", "rules", "qwen2vl:colour=red"], "such as adapter=DIR"),
        (["--compare", "rules", "qwen2vl:batch=many"], "option=value"),
        (["--compare", "rules", "rules", "--save", "x.jsonl"], "Save each side"),
        (["--compare", "rules", "remote", "--input", "phone"], "--url"),
        (["--readings", "RUN", "--save", "x.jsonl"], "Leave one of them out"),
        (["--readings", "RUN", "--input", "clean"], "Leave --input out"),
        (["--readings", "missing.jsonl"], "--save"),
    ],
)
def test_wrong_use_is_told_before_anything_is_read(
    folder: Path, tmp_path: Path, arguments: list[str], hint: str
) -> None:
    run = write_run(tmp_path / "run.jsonl", {"1.txt": 43, "2.txt": 61})
    asked = echodesk("benchmark", folder, *(run if word == "RUN" else word for word in arguments))
    assert asked.exit_code in (1, 2)
    assert hint in asked.stderr
    assert "Reading" not in asked.stderr


def test_an_option_of_one_side_stays_on_its_side() -> None:
    base = ReaderChoice(
        model="big",
        download=True,
        second_reading=AskTwice.CROP,
        second_reader=SecondReader.NONE,
        batch=2,
    )
    rules = side_of("rules", base)
    assert rules == ReaderChoice(second_reader=SecondReader.NONE)
    tuned = side_of("qwen2vl:adapter=run/a,batch=4,blind-check", base)
    assert isinstance(tuned, ReaderChoice)
    assert (tuned.reader, tuned.model, tuned.adapter, tuned.batch) == (
        ReaderName.QWEN2VL,
        "big",
        Path("run/a"),
        4,
    )
    assert tuned.blind_check
    assert tuned.download
    served = side_of("remote:url=http://a:8000/v1,url=http://b/v1,second_reader=rapidocr", base)
    assert isinstance(served, ReaderChoice)
    assert served.url == ["http://a:8000/v1", "http://b/v1"]
    assert served.second_reader is SecondReader.RAPIDOCR
    assert served.batch is None


def test_a_model_that_is_not_there_is_told_before_the_rules_read(folder: Path, tmp_path: Path) -> None:
    (folder / "images" / "phone").mkdir(parents=True)
    for name in ("1_p1.png", "2_p1.png"):
        Image.new("L", (40, 30)).save(folder / "images" / "phone" / name)
    model = tmp_path / "no_such_model"
    asked = echodesk("benchmark", folder, "--input", "phone", "--compare", "rules", f"qwen2vl:model={model}")
    assert asked.exit_code == 1
    assert "Reading" not in asked.stderr
    assert len(asked.stderr.splitlines()) == 2


def test_a_reader_beside_a_saved_run_reads_what_the_run_was_made_of(tmp_path: Path) -> None:
    run = side_of(str(write_run(tmp_path / "run.jsonl", {"1.txt": 43}, kind="harsh")), ReaderChoice())
    assert input_of([ReaderChoice(), run], None) == ["harsh", "harsh"]
    assert input_of([ReaderChoice()], None) == ["text"]
    assert input_of([ReaderChoice()], Input.CLEAN) == ["clean"]
    with pytest.raises(WrongUse):
        input_of([run], Input.CLEAN)
