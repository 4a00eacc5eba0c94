"""The truth of a benchmark: a table with texts and pictures, or a demo cohort's lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from benchmark_folder import BatchTableReader, reading_of, stated, write_folder
from PIL import Image

from db.errors import EchoDeskError
from db.labels import EfState, Findings, Pah, Rwma
from db.measures.proportions import Rate
from labeling.benchmark.gold import gold_reports, is_cohort
from labeling.benchmark.run import run_benchmark

UNREADABLE = Findings(ef_state=EfState.UNREADABLE, rwma=Rwma.UNREADABLE, pah=Pah.UNREADABLE)


def cohort_line(number: int, condition: str, findings: Findings, printed: Findings) -> dict[str, object]:
    return {
        "patient_id": f"SYN-{number}",
        "reports": [f"{condition}/{number}_report.png"],
        "condition": condition,
        "layout": "fax",
        "traps": ["global_only_hypokinesia", "rvsp_only"] if number == 0 else [],
        "findings": findings.model_dump(mode="json"),
        "printed": printed.model_dump(mode="json"),
        "also_accept": {"ef_percent": ["62"]} if number == 0 else {},
        "text": f"LVEF {printed.ef_percent:g} %",
    }


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    lines = [
        cohort_line(0, "clean", stated(60), stated(60)),
        cohort_line(1, "phone", stated(40), stated(40)),
        cohort_line(2, "harsh", UNREADABLE, stated(55)),
    ]
    for number, line in enumerate(lines):
        page = tmp_path / str(line["reports"][0])  # type: ignore[index]
        page.parent.mkdir(exist_ok=True)
        Image.new("L", (40, 30), number).save(page)
    (tmp_path / "truth.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    return tmp_path


def test_a_cohort_is_read_by_capture_or_whole(cohort: Path) -> None:
    assert is_cohort(cohort)
    assert [report.gold.name for report in gold_reports(cohort, "phone")] == ["SYN-1"]
    assert [report.gold.name for report in gold_reports(cohort, "pages")] == ["SYN-0", "SYN-1", "SYN-2"]
    first = gold_reports(cohort, "clean")[0]
    assert first.pages == (cohort / "clean" / "0_report.png",)
    assert first.gold.accept == {"ef_percent": {"62"}}
    assert first.gold.stratum == "fax"
    assert first.gold.is_synthetic
    assert first.gold.is_global_only
    assert first.gold.is_number_only


def test_the_truth_of_a_photo_nobody_can_read_is_unreadable_and_of_its_text_is_not(cohort: Path) -> None:
    assert gold_reports(cohort, "harsh")[0].gold.findings == UNREADABLE
    text = gold_reports(cohort, "text")[2]
    assert text.gold.findings.ef_percent == 55
    assert text.text == "LVEF 55 %"


def test_a_cohort_is_scored_like_any_folder(cohort: Path) -> None:
    table = {0: reading_of(stated(62)), 1: reading_of(stated(41)), 2: reading_of(stated(55))}
    result = run_benchmark(cohort, input_kind="pages", reader=BatchTableReader(table))
    assert result.overall.ef_exact == Rate(1, 2)
    assert result.overall.false_ef == Rate(1, 1)
    assert (result.real.n, result.synthetic.n) == (0, 3)


def test_a_cohort_without_reports_of_a_kind_says_so(cohort: Path) -> None:
    kept = (cohort / "truth.jsonl").read_text(encoding="utf-8").splitlines()[:1]
    (cohort / "truth.jsonl").write_text(kept[0], encoding="utf-8")
    with pytest.raises(EchoDeskError, match="captured as phone"):
        gold_reports(cohort, "phone")


@pytest.mark.parametrize("line", ["{}", "[]", "no json", '{"patient_id": "x", "reports": []}'])
def test_a_cohort_line_that_makes_no_sense_is_named_by_number(cohort: Path, line: str) -> None:
    with (cohort / "truth.jsonl").open("a", encoding="utf-8") as handle:
        handle.write(line + "\n")
    with pytest.raises(EchoDeskError, match="line 4"):
        gold_reports(cohort, "text")


def test_a_cohort_report_without_its_page_is_named(cohort: Path) -> None:
    (cohort / "phone" / "1_report.png").unlink()
    with pytest.raises(EchoDeskError, match="SYN-1"):
        gold_reports(cohort, "pages")


def test_a_table_names_the_first_report_that_is_not_there_and_counts_the_rest(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "gold", {"1.txt": 60.0, "2.txt": 40.0})
    with pytest.raises(EchoDeskError, match=r"1\.txt has no clean input .*\(2 such\)"):
        gold_reports(folder, "clean")
    with pytest.raises(EchoDeskError, match=r"truth\.jsonl"):
        gold_reports(folder, "pages")


def test_the_pages_of_a_report_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "gold", {"1.txt": 60.0})
    for number in (10, 2):
        Image.new("L", (40, 30)).save(folder / "images" / "phone" / f"1_p{number}.png")
    names = [page.name for page in gold_reports(folder, "phone")[0].pages]
    assert names == ["1_p1.png", "1_p2.png", "1_p10.png"]
