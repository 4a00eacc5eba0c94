"""Leaders, cells and frames between a label and its value; ticks beside crosses; words for normal and not."""

from __future__ import annotations

import pytest

from labeling.rules.folding import signs_for_labels
from labeling.rules.report import read_report_text

TABLE = """
+------+--------+----------+------+
| EF   | RVSP   | PAH      | RWMA |
+------+--------+----------+------+
| 44   | 51     | Moderate | None |
+------+--------+----------+------+
"""
DOTTED = """
EJECTION FRACTION ........ 41 %
AORTIC STENOSIS .......... mild
PULMONARY HYPERTENSION ... severe
WALL MOTION .............. normal
"""
CELLS = """
LV ; normal size, LVEF 58 %
Wall motion ; normal
PAH ; no
"""
YEARS = """
          2019    2022    2025
EF (%)     61      48      36
PAH       none    mild    severe
RWMA       no      no     yes, anterior
"""
VISITS = """
Visit 1: EF 31%, RWMA present, severe PAH
Visit 2 (today): EF 46%, no RWMA, mild PAH
"""


@pytest.mark.parametrize(
    ("text", "ef_percent", "rwma", "pah", "rvsp_mmhg"),
    [
        (TABLE, 44, "absent", "moderate", 51),
        (DOTTED, 41, "absent", "severe", None),
        (CELLS, 58, "absent", "none", None),
        (YEARS, 36, "present", "severe", None),
        (VISITS, 46, "absent", "mild", None),
    ],
    ids=["frames", "leader dots", "cells", "years", "visits"],
)
def test_a_value_is_that_of_its_own_label_and_of_today(
    text: str, ef_percent: float, rwma: str, pah: str, rvsp_mmhg: float | None
) -> None:
    found = read_report_text(text).findings
    assert (found.ef_percent, found.rwma, found.pah, found.rvsp_mmhg) == (ef_percent, rwma, pah, rvsp_mmhg)


@pytest.mark.parametrize(
    ("text", "rwma"),
    [
        ("Regional wall motion abnormality  ☐ No  ☑ Yes", "present"),
        ("Regional WMA: present ✗ absent ✓", "absent"),
        ("RWMA ...... Yes __ No _X_", "absent"),
        ("RWMA ☒ No ☐ Yes", "absent"),
        ("All areas of the left ventricle contract equally.", "absent"),
        ("LV walls contract uniformly.", "absent"),
        ("Left ventricular wall motion is symmetric and normal in every segment.", "absent"),
        ("There is loss of motion of the inferolateral wall.", "present"),
        ("Lateral wall hvpokinesis.", "present"),
        ("No rwrna.", "absent"),
        ("| RWMA | None |", "absent"),
        ("Hypokinesia: reduced thickening of a segment.", "not_stated"),
    ],
)
def test_wall_motion_in_other_signs_and_words(text: str, rwma: str) -> None:
    assert read_report_text(text).findings.rwma == rwma


@pytest.mark.parametrize(
    ("text", "pah"),
    [
        ("PH: none ✗ mild ✓ moderate ✗ severe ✗", "mild"),
        ("An RVSP of 27 mmHg rules out pulmonary hypertension.", "none"),
        ("The missing TR jet does not mean there is no pulmonary hypertension.", "not_stated"),
        ("The presence of pulmonary hypertension was not reported.", "not_stated"),
        ("The pressure in the lung arteries is normal.", "none"),
        ("Pulmonary artery - pressure normal", "none"),
        ("P.A. pressures WNL.", "none"),
        ("PAH  no", "none"),
        ("Severe PAH: PA pressure above 60 mmHg.", "not_stated"),
        ("Severe pulmonary hypertension: PASP 71 mmHg.", "severe"),
    ],
)
def test_pulmonary_hypertension_in_other_signs_and_words(text: str, pah: str) -> None:
    assert read_report_text(text).findings.pah == pah


@pytest.mark.parametrize(
    ("text", "rvsp_mmhg"),
    [
        ("PASP measured (normal <35 mmHg) ........ 62 mmHg", 62),
        ("RVSP   normal < 35 mmHg   not measured", None),
        ("Reference limits: LVEF >=55%; RVSP up to 35 mmHg; E/e' <14. RVSP: 31 mmHg.", 31),
    ],
)
def test_a_limit_is_nobodys_pressure(text: str, rvsp_mmhg: float | None) -> None:
    assert read_report_text(text).findings.rvsp_mmhg == rvsp_mmhg


@pytest.mark.parametrize(
    "value", ["none ...... present", ": none .... present", "none?", "+ none", "present ✗", "✗ (present)"]
)
@pytest.mark.parametrize("field", ["RWMA", "PAH"])
def test_two_answers_a_question_and_a_lone_cross_are_left_to_a_person(field: str, value: str) -> None:
    found = read_report_text(f"{field} ...... {value}" if value.startswith("none .") else f"{field} {value}")
    said = found.findings.rwma if field == "RWMA" else found.findings.pah
    assert said == "not_stated"
    assert found.confidence[field.lower()] <= 0.6


@pytest.mark.parametrize("text", ["RWMA +---+ none", "RWMA ---+ none", "RWMA +--------+\n| none |"])
def test_a_frame_is_no_plus(text: str) -> None:
    assert read_report_text(text).findings.rwma == "absent"


@pytest.mark.parametrize("text", ["", "....", "a ; b", "x ..... 5\n|---|---|\nb) .... no ; yes", TABLE])
def test_every_letter_keeps_its_place(text: str) -> None:
    assert len(signs_for_labels(text.lower())) == len(text)
