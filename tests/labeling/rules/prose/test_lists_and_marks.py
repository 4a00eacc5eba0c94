"""One grade or one "none" over a list of names, lines that an arrow marks, and values behind their range."""

from __future__ import annotations

import pytest
from readings import light

from labeling.rules.report import read_report_text

GRADED = [
    ("Mild degree of the following\n . AR\n . MR\n . PAH", "mild"),
    ("severe -> TR, PAH\nmild -> MR", "severe"),
    ("moderate => MR, TR, PAH\nEF 55", "moderate"),
    ("M.R., T.R. (mild, both)\nP.A.H., R.V. dilatation (severe, both)", "severe"),
    ("AR, TR and PAH (all moderate)", "moderate"),
    ("PAH is there, not graded as the jet was too faint\nEF 58", "present_unspecified"),
    ("PAH present, grade not possible", "present_unspecified"),
    ("Nil found of these:\n  ASD, PDA\n  RWMA, PAH\nArch: left", "none"),
    ("None of the following: RWMA, PAH, effusion", "none"),
]
NUMBERS = [
    ("LVEF 2018 / 2020 / 2023 : 60 / 52 / 43", "ef_percent", 43.0),
    ("EF 2022 / 2019 : 45 / 60", "ef_percent", 45.0),
    ("Serial EF: 54 (Feb), 47 (May), 36 (today)", "ef_percent", 36.0),
    ("PASP 62 (Jan), 50 (Mar), 41 (now) mmHg", "rvsp_mmhg", 41.0),
    ("EF at admission 28, at discharge 39, now 53", "ef_percent", 53.0),
    ("EF week 1 30, week 6 38, now 44", "ef_percent", 44.0),
    ("Feb: EF 60\nMay: EF 57\nAug: EF 51 <- this report\nNov: due", "ef_percent", 51.0),
    ("2019: PASP 30\n2021: PASP 41\n2024: PASP 47 <-- today", "rvsp_mmhg", 47.0),
    ("Normal LVEF is 55 to 70 %; in this lady it is 41 %.", "ef_percent", 41.0),
    ("EF ref. 0,52 - 0,72 / meas. 0,43", "ef_percent", 43.0),
    ("REFERENCE 50-75\nEF RESULT 63", "ef_percent", 63.0),
    ("LVEF, lower limit 52, upper limit 72\nToday's figure 31", "ef_percent", 31.0),
    ("Ejection fraction, which should lie above 55,\ncame out at 34 by biplane.", "ef_percent", 34.0),
    ("PASP, which should be below 35, is 48 mmHg", "rvsp_mmhg", 48.0),
    ("4V2 = 29\nCVP = 5\nSum = 34 = RVSP", "rvsp_mmhg", 34.0),
    ("RA pressure 10 mmHg (b)\nRV systolic (a+b)  61 mmHg", "rvsp_mmhg", 61.0),
]
TABLES = [
    (
        "            EF    FS    SV\nM-mode      64    35    74\nA4C         57\nBiplane     59          71",
        59.0,
    ),
    (
        "Method      EDV  ESV  EF\nSimpson 4ch 118   61  48\n"
        "Simpson bip 121   59  51\nTeichholz   130   55  58",
        51.0,
    ),
    ("Day     EF   PASP\n05/17   62    28\n11/18   60    30\n10/24   43    41", 43.0),
    ("Date    EF   PASP\n11/24   43    41\n05/17   62    28", 43.0),
    ("           Day 2    Week 6   Week 24 (current)\nEF %        34       41       47", 47.0),
    ("             Range      Val\nEF (Teich)   50 - 70    57\nRVSP         <= 35      27", 57.0),
]


@pytest.mark.parametrize(("text", "pah"), GRADED)
def test_a_list_has_one_grade(text: str, pah: str) -> None:
    assert read_report_text(text).findings.pah == pah


@pytest.mark.parametrize(("text", "field", "value"), NUMBERS)
def test_of_several_numbers_todays_counts(text: str, field: str, value: float) -> None:
    assert read_report_text(text).findings.model_dump(mode="json")[field] == value


@pytest.mark.parametrize(("text", "ef"), TABLES)
def test_a_table_gives_its_own_row_or_column(text: str, ef: float) -> None:
    assert read_report_text(text).findings.ef_percent == ef


def test_a_table_of_days_keeps_its_last_row_whole() -> None:
    text = (
        "Visit    EF   PASP   Walls             PAH\n"
        "05/17    62    28    all normal        no\n"
        "02/22    35    49    inferior akinetic moderate\n"
        "10/24    41    42    inferior hypo     mild\n"
    )
    found = read_report_text(text).findings
    assert (found.ef_percent, found.rwma, found.rwma_severity, found.pah) == (
        41,
        "present",
        "not_stated",
        "mild",
    )


def test_days_that_cannot_be_told_apart_are_left_to_a_person() -> None:
    text = "Visit   EF   PASP\n01/02   60    28\n03/04   50    33"
    assert read_report_text(text).findings.ef_percent is None
    assert light(text, "ef_percent") != "green"


@pytest.mark.parametrize("text", ["Nil found of these:\nRWMA\nPAH: mild", "PAH present, not excluded"])
def test_what_stands_outside_a_list_is_not_in_it(text: str) -> None:
    assert read_report_text(text).findings.pah != "none"


@pytest.mark.parametrize(
    "text", ["All walls weak, the anterior one worst", "LV weak all over, anterior wall weakest"]
)
def test_weak_everywhere_and_weakest_in_a_wall_is_regional(text: str) -> None:
    assert read_report_text(text).findings.rwma == "present"
