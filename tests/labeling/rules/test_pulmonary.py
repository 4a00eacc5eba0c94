"""Pulmonary hypertension by word, pressure by number, never one from the other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.labels import Pah
from labeling.rules.report import read_report_text

BY_WORD = [
    ("NO MR/NO AR/NO TR/NO PAH", Pah.NONE),
    ("NO MR/AR/TR/PAH", Pah.NONE),
    ("no pulmonary hypertension", Pah.NONE),
    ("Normal pulmonary artery pressures", Pah.NONE),
    ("Mild TR, No PAH", Pah.NONE),
    ("no evidence of pulmonary arterial hypertension", Pah.NONE),
    ("mild pulmonary hypertension (RVSP 38 mmHg)", Pah.MILD),
    ("PAH : MILD", Pah.MILD),
    ("Mild TR, moderate PAH", Pah.MODERATE),
    ("mild-to-moderate pulmonary hypertension", Pah.MODERATE),
    ("moderately elevated pulmonary artery systolic pressure of 55 mmHg", Pah.MODERATE),
    ("Pulmonary artery hypertension, severe.", Pah.SEVERE),
    ("severe pulmonary hypertension with PASP 65 mmHg", Pah.SEVERE),
    ("significant PAH", Pah.PRESENT_UNSPECIFIED),
    ("PAH present", Pah.PRESENT_UNSPECIFIED),
]

NOT_STATED = [
    "PA systolic pressure is 36 mmHg.",
    "Estimated PASP 46-51 mmHg",
    "We cannot rule out pulmonary hypertension.",
    "possibility of pulmonary hypertension secondary to sleep apnea",
    "Severe systemic hypertension with LVH.",
    "Moderate pulmonary stenosis. Mild pulmonary regurgitation.",
    "Bilateral pulmonary embolism.",
    "Arterial pH 7.35",
    "MV PHT 90 ms",
    "PAH could not be assessed.",
]

PRESSURES = [
    ("PA systolic pressure is 36 mmHg.", 36),
    ("7. PAsystolic pressure is 36 mmHg.", 36),
    ("Estimated PA systolic pressure is 46-51 mmHg, assuming RAP of 15", 48.5),
    ("Right systolic ventricular pressure is estimated at 35-40 mmHg.", 37.5),
    ("pulmonary artery pressure 62/33 mmHg with a mean of 46 mmHg", 62),
    ("RVSP 40 + 5 = 45 mmHg", 45),
    ("PASP 38 (normal < 35)", 38),
    ("RVSP by TR jet 45 mmHg", 45),
    ("TR jet velocity 2.8 m/s, RVSP 36 mmHg", 36),
]

NO_PRESSURE = [
    "TR maxPG 60 mmHg",
    "RVSP = 36 + RAP",
    "PASP of 70 mmHg + RAP",
    "Pulmonary capillary wedge pressure is 29 mmHg.",
    "mean PAP 46 mmHg",
    "RAP 15-20 mmHg",
    "Blood pressure 150/90 mmHg",
    "aortic valve mean gradient 22 mmHg",
]


@pytest.mark.parametrize(("text", "pah"), BY_WORD)
def test_the_printed_word_is_the_answer(text: str, pah: Pah) -> None:
    assert read_report_text(text).findings.pah is pah


@pytest.mark.parametrize("text", NOT_STATED)
def test_numbers_hedges_and_other_hypertension_are_not_stated(text: str) -> None:
    assert read_report_text(text).findings.pah is Pah.NOT_STATED


@pytest.mark.parametrize(("text", "mmhg"), PRESSURES)
def test_the_printed_pressure_is_kept(text: str, mmhg: float) -> None:
    assert read_report_text(text).findings.rvsp_mmhg == mmhg


@pytest.mark.parametrize("text", NO_PRESSURE)
def test_gradients_wedge_mean_and_atrial_pressures_are_not_rvsp(text: str) -> None:
    assert read_report_text(text).findings.rvsp_mmhg is None


@given(
    mmhg=st.integers(5, 120),
    label=st.sampled_from(["RVSP", "PASP :", "PA systolic pressure of", "estimated RVSP is"]),
)
def test_a_number_alone_is_never_called_a_grade(mmhg: int, label: str) -> None:
    findings = read_report_text(f"Mild TR. {label} {mmhg} mmHg. Mild MR.").findings
    assert findings.rvsp_mmhg == mmhg
    assert findings.pah is Pah.NOT_STATED
