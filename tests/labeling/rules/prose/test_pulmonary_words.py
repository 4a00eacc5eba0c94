"""Pulmonary hypertension said at length: present and graded, not raised, resolved, typed in small letters."""

from __future__ import annotations

import pytest
from readings import light

from labeling.rules.report import read_report_text

SAID = [
    ("Pulmonary hypertension is graded as severe.", "severe"),
    ("Pulmonary hypertension is present and is of mild severity.", "mild"),
    ("PAH is present and moderate", "moderate"),
    ("PAH present (severe)", "severe"),
    ("PAH: yes, moderate", "moderate"),
    ("PAH: present, mild to moderate", "moderate"),
    ("PAH (+), severe", "severe"),
    ("Pulmonary artery: moderate hypertension.", "moderate"),
    ("Pulmonary hypertension: no evidence", "none"),
    ("No elevation of pulmonary pressures.", "none"),
    ("No rise in the pulmonary artery pressure.", "none"),
    ("No indication of pulmonary hypertension.", "none"),
    ("Absent pulmonary hypertension.", "none"),
    ("PASP is within the normal range.", "none"),
    ("The pulmonary artery pressure is within normal limits and measures 24 mmHg.", "none"),
    ("The RV size, function and systolic pressure are normal.", "none"),
    ("Pulmonary artery: normal size and pressure.", "none"),
    ("echo today: ef 35%, rvsp 44 mmhg, mild ph.\nmoderate mr, no clot.", "mild"),
    ("lvef 28 %\ntr moderate, rvsp 65 mmhg\nph severe\npacemaker lead in rv", "severe"),
]
NOT_SAID = [
    "PAH present or absent: see below",
    "ABG: ph 7.31, mild acidosis",
    "mild ph 7.2 on the gas",
    "PASP, normal range below 35 mmHg: not measured",
    "PAH: yes / no, mild / moderate / severe",
    "PAH is present in mild to severe forms in many such patients; here it was not looked for.",
]


def _pah(text: str) -> str:
    return read_report_text(text).findings.pah.value


@pytest.mark.parametrize(("text", "pah"), SAID)
def test_it_is_read_however_it_is_said(text: str, pah: str) -> None:
    assert _pah(text) == pah


@pytest.mark.parametrize("text", NOT_SAID)
def test_what_is_not_said_is_not_read_in_green(text: str) -> None:
    assert _pah(text) == "not_stated" or light(text, "pah") != "green"
