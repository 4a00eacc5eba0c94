"""Every way an ejection fraction is printed, and every trap that only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.labels import EfOperator, EfState
from labeling.rules.report import read_report_text

STATED = [
    ("left ventricular ejection fraction of 48%", 48),
    ("LV systolic ejection fraction is normal at 66%.", 66),
    ("Ejection fraction: 57 percent", 57),
    ("LV ejection Fx 38%", 38),
    ("EF - 71%", 71),
    ("EF=54%", 54),
    ("EF-52:%", 52),
    ("LVEF: 34% (unchanged, severely reduced)", 34),
    ("LV EF: 36 %", 36),
    ("20% EF", 20),
    ("with a 55% ejection fraction", 55),
    ("EF Biplane 31.77 %", 31.77),
    ("EF (Teich) 38 %", 38),
    ("LVEF MOD A4C 24.55 %", 24.55),
    ("EF: 0.55", 55),
    ("EF=60±5%", 60),
    ("Ejection fraction is thirty-five percent by eye.", 35),
    ("LVIDd 5.0 cm LVIDs 3.2 cm EF 62 % FS 34 % IVS 1.0", 62),
    ("FS 34 % EF 62 %", 62),
    ("The ejection\nfraction was estimated at 44 %.", 44),
    ("Ejecton fracton 47%", 47),
    ("LVEF : 6O %", 60),
    ("LVEF 609", 60),
]

RANGES = [
    ("Estimated ejection fraction is 60% to 65%", 60, 65),
    ("LVES is approximately 50%-55%", 50, 55),
    ("ejection fraction of 20-24%", 20, 24),
    ("the ejection fraction was low normal, it was estimated 50 to 54%", 50, 54),
    ("LVEF: 60 - 65%", 60, 65),
    ("EF 55 to 60", 55, 60),
    ("LVEF l5-20%", 15, 20),
    ("Ejection fraction is preserved (55-60%).", 55, 60),
]

OPERATORS = [
    ("Ejection Fraction = >55%", EfOperator.ABOVE),
    ("LVEF>55%", EfOperator.ABOVE),
    ("LVEF of greater than 70%", EfOperator.ABOVE),
    ("LVEF is less than 20%", EfOperator.BELOW),
    ("ejection fraction approximately 60%", EfOperator.ABOUT),
    ("ejection fraction of about 35%", EfOperator.ABOUT),
    ("estimated ejection fraction of 60%", EfOperator.EQUAL),
]

TRAPS = [
    ("A HIDA scan showed a gallbladder ejection fraction of 22%.", None),
    ("HIDA scan was done. It showed a low normal ejection fraction of 40%.", None),
    ("RV ejection Fx 45% and LV ejection Fx 39%", 39),
    ("Right ventricular ejection fraction was 40%.", None),
    ("RVEF 45%, LVEF 35%", 35),
    ("Left atrial ejection fraction 45%", None),
    ("Previous EF 35%. Current EF 45%.", 45),
    ("Previous EF 35%.", None),
    ("LVEF 40-45% (previously 55%)", 42.5),
    ("Compared with prior EF of 60%, the LVEF is now 45%.", 45),
    ("LVEF improved from 30% to 45%.", 45),
    ("EF has come down from 55 to 40 percent", 40),
    ("EF 55 -> 35 %", 35),
    ("EF in 2019 was 35%, now 50%", 50),
    ("REST ECHO: EF 61%. Peak stress imaging shows EF of 74%.", 61),
    ("EF at rest 60%, post exercise 72%", 60),
    ("EF 64.5% (Reference: 50-70%)", 64.5),
    ("EF (normal > 55%): 38%", 38),
    ("LVEF (est) 55% >50%", 55),
    ("Mitral valve EF slope 80 mm/s", None),
    ("Mitral valve E-F slope: 60 mm/s. EF 58%", 58),
    ("normal ejection fraction. 2. Right coronary artery 50% stenosis", None),
    ("normal ejection fraction, 50% stenosis in the LAD", None),
    ("SpO2 94% on air. Good LV function.", None),
    ("LV EF by Simpson's biplane: 38, by Teichholz: 44", 38),
    ("Teich EF 61 %, Biplane EF 52 %", 52),
    ("FINDINGS: EF was calculated at 31%.\nIMPRESSION: ejection fraction of about 35%", 35),
    ("LVEF was measured on 12/03/2021 and was 45%", 45),
    ("EF: not assessed", None),
    ("The left atrium measures 45 mm", None),
]


@pytest.mark.parametrize(("text", "percent"), STATED)
def test_a_stated_ef_is_read_as_printed(text: str, percent: float) -> None:
    findings = read_report_text(text).findings
    assert findings.ef_percent == pytest.approx(percent)
    assert findings.ef_state is EfState.STATED


@pytest.mark.parametrize(("text", "low", "high"), RANGES)
def test_a_range_gives_its_midpoint_and_keeps_its_bounds(text: str, low: float, high: float) -> None:
    findings = read_report_text(text).findings
    assert (findings.ef_low, findings.ef_high) == (low, high)
    assert findings.ef_percent == (low + high) / 2


@pytest.mark.parametrize(("text", "operator"), OPERATORS)
def test_the_printed_operator_is_kept(text: str, operator: EfOperator) -> None:
    assert read_report_text(text).findings.ef_operator is operator


@pytest.mark.parametrize(("text", "percent"), TRAPS)
def test_look_alikes_are_not_taken_for_the_ef(text: str, percent: float | None) -> None:
    assert read_report_text(text).findings.ef_percent == percent


@pytest.mark.parametrize(
    "text", ["Good LV systolic function.", "Moderately to severely reduced LV function.", "normal EF"]
)
def test_words_without_a_number_are_not_stated_and_kept(text: str) -> None:
    findings = read_report_text(text).findings
    assert findings.ef_state is EfState.NOT_STATED
    assert findings.lv_function


@given(
    percent=st.integers(5, 90),
    label=st.sampled_from(["LVEF", "EF :", "Ejection fraction of", "LV EF -", "EF ="]),
)
def test_any_percent_behind_any_label_is_read_exactly(percent: int, label: str) -> None:
    text = f"Mild MR. {label} {percent} %. No clot."
    reading = read_report_text(text)
    assert reading.findings.ef_percent == percent
    start, end = reading.spans["ef_percent"]
    assert str(percent) in text[start:end]


@given(
    low=st.integers(5, 80),
    width=st.sampled_from([4, 5, 10]),
    dash=st.sampled_from(["-", "–", " to ", "% - "]),
)
def test_any_range_is_read_exactly(low: int, width: int, dash: str) -> None:
    findings = read_report_text(f"LVEF {low}{dash}{low + width}%").findings
    assert (findings.ef_low, findings.ef_high) == (low, low + width)


@given(percent=st.integers(91, 100))
def test_a_number_outside_the_range_of_ef_is_never_drafted(percent: int) -> None:
    assert read_report_text(f"LVEF {percent}%").findings.ef_percent is None


def test_a_single_digit_ef_needs_a_person() -> None:
    reading = read_report_text("LVEF 6%. No clot.")
    assert reading.confidence["ef_percent"] < 0.5
