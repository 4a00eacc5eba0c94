"""The benchmark with any reader: batches, failures that are named, lights, and readings kept in a file."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from benchmark_folder import BatchTableReader, TableReader, reading_of, stated, write_folder
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from db.errors import EchoDeskError
from db.labels import Check, EfState, Evidence, Findings, Light, Pah, Rwma, RwmaSeverity
from db.measures.proportions import Rate
from labeling.benchmark.gold import gold_reports
from labeling.benchmark.light_scores import score_lights
from labeling.benchmark.reading import ReadingSet, ReportAnswer, failed, read_reports
from labeling.benchmark.run import run_benchmark, score_readings
from labeling.benchmark.saved_readings import load_readings, plain_reading, reading_of_json, saving_to
from labeling.benchmark.scoring import Gold
from labeling.readers.base import Generation, Grounding, Opinion, ReaderIdentity, ReaderSpec, Reading
from labeling.readers.scripted import text_fingerprint

EF = {"1.txt": 60.0, "2.txt": 40.0, "3.txt": None, "4.txt": 55.0, "5.txt": 30.0}
RIGHT = {number: reading_of(stated(ef)) for number, ef in enumerate(EF.values())}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "gold", EF)


def test_a_batch_reader_is_handed_its_batches_in_order(folder: Path) -> None:
    reader = BatchTableReader(RIGHT)
    steps: list[tuple[int, int]] = []
    result = run_benchmark(
        folder, input_kind="phone", reader=reader, on_progress=lambda done, total: steps.append((done, total))
    )
    assert reader.seen == [[0, 1], [2, 3], [4]]
    assert steps == [(number, 5) for number in range(1, 6)]
    assert result.overall.ef_exact == Rate(4, 4)
    assert result.failures == ()
    assert result.reader == ReaderIdentity("table", "1")


def test_batches_and_single_reports_score_the_same(folder: Path) -> None:
    table = {**RIGHT, 1: reading_of(stated(45)), 3: RuntimeError("no")}
    one = run_benchmark(folder, input_kind="phone", reader=TableReader(table))
    many = run_benchmark(folder, input_kind="phone", reader=BatchTableReader(table, batch_size=3))
    assert (one.overall, one.lights) == (many.overall, many.lights)
    assert (
        [failure.name for failure in one.failures] == [failure.name for failure in many.failures] == ["4.txt"]
    )


def test_a_report_that_fails_is_named_and_counts_as_unanswered(folder: Path) -> None:
    table = {**RIGHT, 0: RuntimeError("John Smith, EF 60"), 2: EchoDeskError("the server is busy", "Wait.")}
    result = run_benchmark(folder, input_kind="phone", reader=BatchTableReader(table))
    assert [(item.name, item.hint) for item in result.failures] == [("1.txt", ""), ("3.txt", "Wait.")]
    assert "RuntimeError" in result.failures[0].error
    assert "Smith" not in result.failures[0].error
    assert result.overall.n == 5
    assert result.overall.ef_exact == Rate(3, 4)
    assert result.overall.ef_unreadable == 1
    assert result.overall.false_ef.hits == 0
    # Every field of a failed report is red, an error, and no wrong value.
    assert result.lights.by_field["all"]["red"].hits == 8
    assert result.lights.wrong_watched == Rate(0, 0)


def test_a_page_that_cannot_be_opened_fails_alone(folder: Path) -> None:
    (folder / "images" / "phone" / "2_p1.png").write_bytes(b"not a picture")
    reader = BatchTableReader(RIGHT)
    result = run_benchmark(folder, input_kind="phone", reader=reader)
    assert [failure.name for failure in result.failures] == ["2.txt"]
    assert reader.seen == [[0], [2, 3], [4]]
    assert result.overall.ef_exact == Rate(3, 4)


def test_a_batch_that_breaks_leaves_the_others(folder: Path) -> None:
    result = run_benchmark(folder, input_kind="phone", reader=BatchTableReader(RIGHT, breaks=frozenset({2})))
    assert [failure.name for failure in result.failures] == ["3.txt", "4.txt"]
    assert result.failures[0].error == "the batch broke"


def test_one_cause_for_every_failure_is_an_error_and_no_score(folder: Path) -> None:
    dead = {number: EchoDeskError("no server answers", "Start one.") for number in range(5)}
    with pytest.raises(EchoDeskError, match="no server answers") as caught:
        run_benchmark(folder, input_kind="phone", reader=BatchTableReader(dead))
    assert caught.value.hint == "Start one."


def test_a_reader_of_pictures_is_not_given_text(folder: Path) -> None:
    reader = BatchTableReader(RIGHT)
    with pytest.raises(EchoDeskError, match="reads pictures, not text"):
        run_benchmark(folder, input_kind="text", reader=reader)
    assert reader.seen == []


def test_a_reading_with_a_number_that_is_none_fails(folder: Path) -> None:
    table = {**RIGHT, 4: reading_of(stated(30), confidence=float("nan"))}
    result = run_benchmark(folder, input_kind="phone", reader=TableReader(table))
    assert [failure.name for failure in result.failures] == ["5.txt"]


def test_a_scripted_reader_is_built_from_its_spec(folder: Path) -> None:
    answers = {
        text_fingerprint((folder / "text" / name).read_text(encoding="utf-8")): {
            "findings": stated(ef).model_dump(mode="json"),
            "evidence": {"ef_percent": {"quote": "LVEF" if name != "1.txt" else "elsewhere"}},
        }
        for name, ef in EF.items()
        if name != "5.txt"
    }
    result = run_benchmark(folder, input_kind="text", reader=ReaderSpec("scripted", {"answers": answers}))
    assert result.reader.name == "scripted"
    assert [failure.name for failure in result.failures] == ["5.txt"]
    assert result.overall.ef_exact == Rate(3, 4)
    assert result.quotes_not_in_text == 1


def _executable(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_a_reading_process_that_dies_costs_only_its_own_report(folder: Path, tmp_path: Path) -> None:
    # Recognition ends the process that asked for it. Only the first report has text to recognise.
    program = _executable(tmp_path / "ocr", "kill -9 $PPID")
    page = Image.new("L", (1240, 900), 255)
    text = "2D ECHOCARDIOGRAPHY\nLV ejection fraction 60 %\nNo regional wall motion abnormality"
    ImageDraw.Draw(page).multiline_text(
        (90, 90), text, font=ImageFont.load_default(size=34), fill=0, spacing=26
    )
    page.save(folder / "images" / "phone" / "1_p1.png")
    read = read_reports(
        gold_reports(folder, "phone")[:2],
        ReaderSpec("rules", {"tesseract": str(program)}),
        input_kind="phone",
        workers=2,
    )
    assert [answer.name for answer in read.answers] == ["1.txt", "2.txt"]
    assert "the reading process ended" in read.answers[0].error
    assert read.answers[1].reading is not None
    assert read.answers[1].reading.unreadable_reason


# --- readings in a file ---


def full_reading() -> Reading:
    """A reading that uses every part."""
    return Reading(
        Findings(
            ef_percent=47.5,
            ef_low=45,
            ef_high=50,
            ef_operator="~",
            ef_state=EfState.STATED,
            lv_function="mildly reduced",
            rwma=Rwma.PRESENT,
            rwma_severity=RwmaSeverity.MILD,
            rwma_walls=("apical",),
            pah=Pah.MODERATE,
            rvsp_mmhg=48,
        ),
        evidence={
            "ef_percent": Evidence(quote="EF 45–50 %", page=2, box=(1, 2, 3.5, 4), boxes=((1, 2, 3.5, 4),))
        },
        confidence={"ef_percent": 0.75, "pah": 1.0},
        checks=(
            Check(name="ef_range", field="ef_percent", score=0.5, is_issue=True, reason="A wide range."),
        ),
        legibility={"letter_height_px": 21.5},
        warnings=("orders_in_text",),
        opinions=(Opinion("rules", "9", stated(47), {"ef_percent": 0.5}, fields=("ef_percent",)),),
        grounding={"ef_percent": Grounding(98.5, True, False, "41", True)},
        generation=Generation(
            "tiny",
            "abc",
            "read-1",
            decoding={"temperature": 0, "stops": [1, 2]},
            raw_text="{…}",
            elapsed_s=1.5,
        ),
    )


def same(one: Reading, other: Reading) -> bool:
    """Equal in every part, tuples and lists alike."""
    return plain_reading(one, with_raw_text=True) == plain_reading(other, with_raw_text=True)


def test_a_saved_reading_comes_back_whole_but_for_what_the_model_printed() -> None:
    reading = full_reading()
    back = reading_of_json(json.loads(json.dumps(plain_reading(reading, with_raw_text=True))))
    assert back.findings == reading.findings
    assert back.evidence == reading.evidence
    assert back.grounding == reading.grounding
    assert back.opinions[0].findings == reading.opinions[0].findings
    assert same(back, reading)
    silent = reading_of_json(plain_reading(reading))
    assert silent.generation is not None
    assert silent.generation.raw_text == ""
    assert silent.generation.decoding == reading.generation.decoding  # type: ignore[union-attr]


@given(
    ef=st.none() | st.floats(min_value=5, max_value=90),
    quote=st.text(max_size=40),
    confidence=st.floats(min_value=0, max_value=1),
)
def test_any_reading_survives_the_file(ef: float | None, quote: str, confidence: float) -> None:
    reading = Reading(stated(ef), {"rwma": Evidence(quote=quote)}, {"rwma": confidence})
    assert same(reading_of_json(json.loads(json.dumps(plain_reading(reading)))), reading)


def saved(folder: Path, target: Path, table: dict[int, Reading | Exception]) -> ReadingSet:
    with saving_to(target, input_kind="phone") as on_answer:
        return read_reports(
            gold_reports(folder, "phone"), BatchTableReader(table), input_kind="phone", on_answer=on_answer
        )


def test_saved_readings_score_as_they_did_when_made(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "run.jsonl"
    made = saved(folder, target, {**RIGHT, 0: full_reading(), 1: EchoDeskError("no", "Do.")})
    loaded = load_readings(target)
    reports = gold_reports(folder, "phone")
    assert loaded.identity == made.identity
    assert [answer.light for answer in loaded.answers] == [answer.light for answer in made.answers]
    assert len({answer.report_sha256 for answer in loaded.answers}) == 5
    one, other = score_readings(reports, made), score_readings(reports, loaded)
    assert (one.overall, one.lights, one.failures) == (other.overall, other.lights, other.failures)
    assert target.stat().st_mode & 0o077 == 0
    assert "{…}" not in target.read_text(encoding="utf-8")


def test_readings_are_not_written_over_a_file_and_said_so_first(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "run.jsonl"
    target.write_text("keep me", encoding="utf-8")
    reader = BatchTableReader(RIGHT)
    with (
        pytest.raises(EchoDeskError, match="exists already"),
        saving_to(target, input_kind="phone") as on_answer,
    ):
        read_reports(gold_reports(folder, "phone"), reader, input_kind="phone", on_answer=on_answer)
    assert reader.seen == []
    assert target.read_text(encoding="utf-8") == "keep me"


def test_a_run_that_breaks_leaves_no_file(folder: Path, tmp_path: Path) -> None:
    dead = {number: EchoDeskError("no server answers", "Start one.") for number in range(5)}
    with pytest.raises(EchoDeskError, match="no server"):
        saved(folder, tmp_path / "run.jsonl", dict(dead))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["gold"]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda lines: [lines[0], "{}"], "line 2 is not a saved reading"),
        (lambda lines: [lines[0].replace('"format": 1', '"format": 2')], "line 1 is not a saved reading"),
        (lambda lines: [lines[0], lines[0]], r"reads 1\.txt twice"),
        (
            lambda lines: [lines[0], lines[1].replace('"version": "1"', '"version": "2"', 1)],
            "several readers",
        ),
        (lambda lines: [], "holds no readings"),
        (lambda lines: [lines[0].replace("60.0", "600.0")], "line 1 is not a saved reading"),
    ],
)
def test_a_file_that_is_not_one_run_is_refused_without_its_words(
    folder: Path, tmp_path: Path, change: object, complaint: str
) -> None:
    saved(folder, tmp_path / "run.jsonl", dict(RIGHT))
    lines = (tmp_path / "run.jsonl").read_text(encoding="utf-8").splitlines()
    (tmp_path / "bad.jsonl").write_text("\n".join(change(lines)), encoding="utf-8")  # type: ignore[operator]
    with pytest.raises(EchoDeskError, match=complaint) as caught:
        load_readings(tmp_path / "bad.jsonl")
    assert "as printed" not in caught.value.message


def test_readings_that_lack_a_report_of_the_folder_are_refused(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "run.jsonl"
    saved(folder, target, dict(RIGHT))
    lines = target.read_text(encoding="utf-8").splitlines()
    (tmp_path / "short.jsonl").write_text("\n".join(lines[:4]), encoding="utf-8")
    with pytest.raises(EchoDeskError, match=r"lack 5\.txt \(1 of 5"):
        score_readings(gold_reports(folder, "phone"), load_readings(tmp_path / "short.jsonl"))


# --- the lights ---

LIGHTS = {"ef_percent": Light.GREEN, "rwma": Light.GREEN, "pah": Light.AMBER, "rvsp_mmhg": Light.RED}


def lit(reading: Reading) -> ReportAnswer:
    return ReportAnswer("a", reading, LIGHTS)


def test_each_light_is_told_how_many_errors_it_holds() -> None:
    gold = Gold("a", stated(60))
    right, wrong = reading_of(stated(60)), reading_of(stated(16, Pah.SEVERE))
    scores = score_lights([(gold, lit(right)), (gold, lit(right)), (gold, lit(wrong))])
    assert scores.by_field["ef_percent"] == {"green": Rate(1, 3), "amber": Rate(0, 0), "red": Rate(0, 0)}
    assert scores.by_field["all"] == {"green": Rate(1, 6), "amber": Rate(1, 3), "red": Rate(0, 3)}
    assert scores.watched == Rate(6, 12)
    assert scores.errors_watched == Rate(1, 2)
    assert scores.green_errors == Rate(1, 6)


def test_a_field_left_open_is_an_error_and_no_wrong_value() -> None:
    gold = Gold("a", stated(60, Pah.MILD))
    unreadable = Reading(Findings(ef_state=EfState.UNREADABLE, rwma=Rwma.UNREADABLE, pah=Pah.UNREADABLE))
    scores = score_lights([(gold, ReportAnswer("a", unreadable, dict.fromkeys(LIGHTS, Light.RED)))])
    assert scores.errors_watched == Rate(3, 3)
    assert scores.wrong_watched == Rate(0, 0)


def test_what_is_overlooked_is_a_wrong_value() -> None:
    scores = score_lights([(Gold("a", stated(60)), lit(reading_of(stated(None))))])
    assert scores.wrong_watched == Rate(0, 1)


def test_risk_over_coverage_by_hand() -> None:
    gold = Gold("a", stated(60))
    sure, unsure = reading_of(stated(60), 0.9), reading_of(stated(61, Pah.MILD), 0.6)
    # Surest first: greens at 0.9 (right, right), greens at 0.6 (one of two wrong), amber 0.9 right, 0.6
    # wrong, reds.
    scores = score_lights([(gold, lit(sure)), (gold, lit(unsure))])
    points = {point.coverage: (point.n, point.errors) for point in scores.risk_by_confidence}
    assert points[0.5] == (4, 1.0)
    assert points[1.0] == (8, 2.0)
    assert points[0.7] == (6, 2.0)
    by_coverage = [0, 0, 0.5 / 3, 1 / 4, 1 / 5, 2 / 6, 2 / 7, 2 / 8]
    assert scores.area_under_risk == pytest.approx(sum(by_coverage) / 8)


def test_a_failed_report_is_four_red_errors() -> None:
    scores = score_lights([(Gold("a", stated(60)), failed("a", "broken"))])
    assert scores.by_field["all"]["red"] == Rate(4, 4)


def test_a_language_model_is_scored_and_its_way_to_the_answer_saved(
    folder: Path, tmp_path: Path, tiny_checkpoint: Path
) -> None:
    options = {
        "model": str(tiny_checkpoint),
        "device": "cpu",
        "batch_size": 2,
        "min_pixels": 784,
        "max_pixels": 3136,
    }
    target = tmp_path / "model.jsonl"
    reports = gold_reports(folder, "phone")[:2]
    with saving_to(target, input_kind="phone") as on_answer:
        made = read_reports(reports, ReaderSpec("qwen2vl", options), input_kind="phone", on_answer=on_answer)
    assert made.identity.name == "qwen2vl"
    assert made.identity.weights_revision
    loaded = load_readings(target)
    # Random weights read nothing, but always in the agreed form or with a named failure; both are kept.
    assert [answer.error for answer in loaded.answers] == [answer.error for answer in made.answers]
    read = [answer.reading for answer in loaded.answers if answer.reading]
    assert read
    assert all(reading.generation and reading.generation.answer_tokens for reading in read)
    assert all(reading.generation and not reading.generation.raw_text for reading in read)
    assert score_readings(reports, made).overall == score_readings(reports, loaded).overall
