"""The pressure of the lungs in plain sentences: its height behind its number, and numbers by other names."""

from __future__ import annotations

import pytest
from readings import light

from labeling.rules.report import read_report_text

HEIGHT = [
    ("PASP is 47 mmHg, which is mildly raised.", "mild"),
    ("RVSP was 71 mmHg and severely elevated.", "severe"),
    ("RVSP 26 mmHg which is within normal limits.", "none"),
    ("The PASP, at 56 mmHg, is moderately elevated.", "moderate"),
    ("PASP measures 24 mmHg and is therefore within normal limits.", "none"),
    ("The right ventricular systolic pressure was found to be 25 mmHg, which is normal.", "none"),
    ("Pulmonary artery systolic pressure of 78 mmHg, severely increased.", "severe"),
    ("PASP 27 mmHg, i.e. normal.", "none"),
    ("The estimated RVSP of 23 mmHg is normal.", "none"),
    ("The systolic pressure in the pulmonary artery is 44 mmHg and is mildly increased.", "mild"),
    ("The pulmonary artery pressure is not raised, with an estimated value of 24 mmHg.", "none"),
    ("Pulmonary artery: normal pressure.", "none"),
]
OF_ANOTHER = [
    "PASP 47 mmHg and normal LV function.",
    "RVSP is 41 mmHg and raised JVP was noted.",
    "RVSP 47 mmHg, TAPSE 20 mm, which is normal.",
    "RVSP 47 mmHg; the mean gradient is 8 mmHg, which is mildly raised.",
    "RVSP 41 mmHg and severely dilated LA.",
]
NUMBER = [
    ("Normal RVSP of 24 mmHg.", 24.0),
    ("Normal pulmonary artery systolic pressure (23 mmHg).", 23.0),
    ("The systolic pressure in the pulmonary artery is 31 mmHg.", 31.0),
    ("The estimated systolic pressure of the right ventricle is 37 mmHg.", 37.0),
    ("The pulmonary pressure is not raised, with an estimated systolic value of 28 mmHg.", 28.0),
    ("There is mild pulmonary hypertension at 43 mmHg.", 43.0),
    ("Mild pulmonary hypertension, estimated at 44 mmHg.", 44.0),
    ("Pulmonary hypertension: moderate (53 mmHg)", 53.0),
    ("Moderate PAH - 56 mmHg", 56.0),
    ("Right ventricle: normal. Estimated systolic pressure 34 mmHg.", 34.0),
    ("Pulmonary artery: normal size, systolic pressure 33 mmHg.", 33.0),
    ("Moderate pulmonary hypertension is present, the systolic pressure being 52 mmHg.", 52.0),
    ("There is a dilated right ventricle with an estimated systolic pressure of 48 mmHg.", 48.0),
    ("Mild TR with an estimated systolic pressure of 35 mmHg in the right ventricle.", 35.0),
    ("Right ventricle\nThe cavity is normal.\nThe systolic pressure is estimated at 29 mmHg.", 29.0),
    ("PAP (systolic) is 43 mmHg", 43.0),
]
NO_NUMBER = [
    "Blood pressure: the systolic pressure is 128 mmHg.",
    "Right ventricle: normal. Left ventricle: systolic pressure 120 mmHg.",
    "RV normal. Aorta: dilated, systolic pressure 118 mmHg.",
    "The normal systolic pressure in the pulmonary artery is below 35 mmHg.",
    "Normal PASP is up to 35 mmHg.",
    "Pulmonary hypertension: mild (35-50 mmHg), moderate (50-70 mmHg), severe (above 70 mmHg)",
    "RV dilated. Systolic pressure at the arm 96 mmHg.",
]


def _value(text: str, field: str) -> object:
    return read_report_text(text).findings.model_dump(mode="json")[field]


@pytest.mark.parametrize(("text", "pah"), HEIGHT)
def test_a_word_for_the_height_counts_wherever_it_stands(text: str, pah: str) -> None:
    assert _value(text, "pah") == pah
    assert light(text, "pah") == "green"


@pytest.mark.parametrize("text", OF_ANOTHER)
def test_a_word_for_something_else_is_no_height(text: str) -> None:
    assert _value(text, "pah") == "not_stated" or light(text, "pah") != "green"


@pytest.mark.parametrize(("text", "mmhg"), NUMBER)
def test_a_number_is_read_by_whatever_name_it_goes(text: str, mmhg: float) -> None:
    assert _value(text, "rvsp_mmhg") == mmhg


@pytest.mark.parametrize("text", NO_NUMBER)
def test_a_pressure_of_the_body_or_of_nobody_is_not_taken(text: str) -> None:
    assert _value(text, "rvsp_mmhg") is None
