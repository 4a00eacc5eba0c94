"""Labels that share a line, walls that share a table, and headings that say that nothing is below them."""

from __future__ import annotations

import pytest

from db.labels import Light
from labeling.readers.rules import RulesReader
from labeling.trust.light import decide_lights


def read(lines: str) -> tuple[str, str, str]:
    """Wall motion, its grade and PAH of a page with these lines."""
    found = RulesReader().read_text(f"LVEF 55 %\n{lines}\nMild MR\n").findings
    return found.rwma.value, found.rwma_severity.value, found.pah.value


@pytest.mark.parametrize(
    ("line", "pah"),
    [
        ("LVH: mild                     PH: nil", "none"),
        ("TR: mild   PAH: none", "none"),
        ("Effusion: mild    Pulmonary hypertension: no", "none"),
        ("MR: nil   PAH: mild", "mild"),
        ("Clot: nil, PAH: severe", "severe"),
        ("Moderate PAH: RVSP 55 mmHg", "moderate"),
        ("No PAH: RVSP 20 mmHg", "none"),
        ("Lung artery hypertension, mild", "mild"),
    ],
)
def test_a_label_takes_no_grade_from_the_one_before_it(line: str, pah: str) -> None:
    assert read(line)[2] == pah


@pytest.mark.parametrize(
    ("line", "rwma", "severity"),
    [
        ("Clot: nil   RWMA: present", "present", "not_stated"),
        ("Effusion: no      RWMA: yes", "present", "not_stated"),
        ("MR: mild   RWMA: present", "present", "not_stated"),
        ("Clot: nil   Akinesia: apex", "present", "severe"),
        ("TR: mild    Hypokinesia: septal", "present", "not_stated"),
        ("No clot, RWMA: present", "present", "not_stated"),
        ("LVH: severe   Wall motion: normal", "absent", "none"),
        ("Findings: no hypokinesia: all walls normal", "absent", "none"),
        ("Impression: mild hypokinesia: inferior wall", "present", "mild"),
        ("Asynergy of LV wall: none", "absent", "none"),
        ("Hypokinesia of any segment: nil", "absent", "none"),
        ("Hypokinesia of the apex: none", "absent", "none"),
        ("Hypokinesis of posterior wall, mild-moderate", "present", "moderate"),
    ],
)
def test_a_label_takes_no_denial_from_the_one_before_it(line: str, rwma: str, severity: str) -> None:
    assert read(line)[:2] == (rwma, severity)


@pytest.mark.parametrize("said", ["none", "Not available", "no prior study", "nil."])
def test_a_heading_with_nothing_below_it_hides_nothing(said: str) -> None:
    page = f"Impression: septal RWMA\nComparison: {said}\n\nApical septum: moderately hypokinetic."
    assert read(page)[:2] == ("present", "moderate")


def test_a_comparison_that_says_something_is_not_of_today() -> None:
    assert read("Comparison:\nApical akinesia in 2019\nFindings:\nNo RWMA")[0] == "absent"


def test_a_short_line_about_another_chamber_is_not_the_end_of_the_one_above() -> None:
    full = "Apical views are foreshortened and the measured number is felt to be high\n" * 3
    page = full + "Apex, apical septum and the apical anterior segments: all akinetic\nRV normal\n" + full
    assert read(page)[:2] == ("present", "severe")
    assert read("Hypokinesia of the\nRV free wall")[0] == "not_stated"


def test_the_dated_columns_of_a_table_keep_their_days() -> None:
    page = (
        "Parameter        Before dialysis (2022)     After transplant (2025, current)\n"
        "RWMA             septal hypokinesia         none\n"
        "PAH              moderate                   none"
    )
    assert read(page) == ("absent", "none", "none")


def test_a_key_to_abbreviations_of_a_house_is_no_finding() -> None:
    page = (
        "Abbreviations used in our reports: RWMA - regional wall motion abnormality, e.g. akinesia of a "
        "segment; PAH - pulmonary arterial hypertension (mild, moderate, severe)"
    )
    assert read(page) == ("not_stated", "not_stated", "not_stated")


@pytest.mark.parametrize(
    ("lines", "field"),
    [
        ("ANT   SEP   INF   LAT   APEX\n++    ++    +     0     -", "rwma"),
        (
            "Wall     Anterior   Septal   Inferior   Lateral\nMotion   normal   lazy   normal   normal",
            "rwma",
        ),
        ("[G] Pulm. press. | moderate hypertension", "pah"),
    ],
)
def test_a_table_that_no_rule_reads_is_not_silent(lines: str, field: str) -> None:
    reading = RulesReader().read_text(f"LVEF 55 %\n{lines}\nMild MR\n")
    assert decide_lights(reading)[field].light is not Light.GREEN


def test_a_pressure_in_spelt_letters_is_read() -> None:
    assert RulesReader().read_text("P A systolic 75 severe pulmonary hypertension").findings.rvsp_mmhg == 75
