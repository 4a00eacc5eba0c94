"""Numbers of the next name, differences that are no value, and answers that belong to another name."""

from __future__ import annotations

import pytest
from readings import light

from labeling.rules.report import read_report_text

NOT_ITS_OWN = [
    ("RVSP:       LA: 34 mm", "rvsp_mmhg"),
    ("RVSP -   LVOT 20 mm", "rvsp_mmhg"),
    ("| RVSP | - | LA | 34 mm |", "rvsp_mmhg"),
    ("TR: Nil   RVSP: -   AO: 30 mm", "rvsp_mmhg"),
    ("PA pressure normal, LA 34 mm", "rvsp_mmhg"),
    ("PA pressure is normal and LA is 34 mm", "rvsp_mmhg"),
    ("PA pressure normal, ASD 12 mm", "rvsp_mmhg"),
    ("PA pressure normal, BP 130/80 mmHg", "rvsp_mmhg"),
    ("PA pressure normal, CVP 8 mmHg", "rvsp_mmhg"),
    ("PA pressure now normal (was 60 mmHg).", "rvsp_mmhg"),
    ("LVEF preserved, IVC collapses > 50% with inspiration", "ef_percent"),
    ("Severe AR, LVEF preserved, regurgitant fraction 55%.", "ef_percent"),
    ("EF normal, FAC 42 %", "ef_percent"),
    ("EF normal, 50 % LAD lesion", "ef_percent"),
    ("EF down by 10%.", "ef_percent"),
    ("EF 10% lower.", "ef_percent"),
    ("A fall in EF of 10%.", "ef_percent"),
    ("EF rise 10%.", "ef_percent"),
    ("PASP up 15 mmHg.", "rvsp_mmhg"),
    ("PASP decreased by 20 mmHg.", "rvsp_mmhg"),
    ("Rise in PASP of 20 mmHg on exercise.", "rvsp_mmhg"),
    ("RVSP 20 mmHg lower.", "rvsp_mmhg"),
]
READ = [
    ("PA pressure normal, estimated systolic value 25 mmHg", "rvsp_mmhg", 25),
    ("RVSP was 60 mmHg. Now 40 mmHg.", "rvsp_mmhg", 40),
    ("PASP was 60 mmHg. It has fallen to 40 mmHg.", "rvsp_mmhg", 40),
    ("PASP decreased by 20 mmHg to 40 mmHg.", "rvsp_mmhg", 40),
    ("Increase in RVSP from 30 to 50 mmHg.", "rvsp_mmhg", 50),
    ("TR gradient and RVSP 30 and 40 mmHg.", "rvsp_mmhg", 40),
    ("PASP at rest and exercise: 25 and 45 mmHg.", "rvsp_mmhg", 25),
    ("EF by Simpson and Teichholz 55 and 60%.", "ef_percent", 55),
    ("RVSP 75 mm of Hg", "rvsp_mmhg", 75),
    ("PAP (sys/mean): 45/28 mmHg", "rvsp_mmhg", 45),
    ("PAH was severe. Now mild.", "pah", "mild"),
    ("PAH was mild. Now none.", "pah", "none"),
    ("PAH was severe. Now moderate TR.", "pah", "severe"),
    ("No clot, PAH only mild.", "pah", "mild"),
    ("No clot, PAH still severe.", "pah", "severe"),
    ("No effusion, PAH better, mild.", "pah", "mild"),
    ("No RWMA, PH still present.", "pah", "present_unspecified"),
    ("No RWMA or clot, PAH at least moderate.", "pah", "moderate"),
    ("No MR, PAH, mild TR", "pah", "none"),
    ("PDA: no\nPA pressure raised", "pah", "present_unspecified"),
    ("ASD no\nVSD no\nPDA no\nMild PAH", "pah", "mild"),
    ("There is no\nPulmonary hypertension.", "pah", "none"),
    ("Impression: no\nPAH", "pah", "none"),
    ("(-) RWMA (+) PAH (-) pericardial effusion", "pah", "present_unspecified"),
    ("(-) RWMA (+) PAH (-) pericardial effusion", "rwma", "absent"),
    ("RWMA (-) PAH (+)", "pah", "present_unspecified"),
    ("PA pressure normal, effusion no longer present.", "pah", "none"),
]


def _value(text: str, field: str) -> object:
    return read_report_text(text).findings.model_dump(mode="json")[field]


@pytest.mark.parametrize(("text", "field"), NOT_ITS_OWN)
def test_another_names_number_or_a_difference_is_no_value(text: str, field: str) -> None:
    assert _value(text, field) is None


@pytest.mark.parametrize(("text", "field", "value"), READ)
def test_each_name_has_its_own_answer(text: str, field: str, value: object) -> None:
    assert _value(text, field) == value


def test_a_dash_before_a_pressure_is_no_minus() -> None:
    assert _value("PAH - PASP: 35 mmHg", "pah") != "none"
    assert light("PAH - PASP: 35 mmHg", "pah") == "amber"
