"""One of two values, two names with two values, grades and denials that a phrase parts from their name."""

from __future__ import annotations

import pytest
from readings import light

from labeling.rules.report import read_report_text

VALUES = [
    ("EF was reported elsewhere as 30%; we measure 47%", "ef_percent", 47),
    ("RVSP previously 60 mmHg, now 42", "rvsp_mmhg", 42),
    ("EF on admission 20%; discharge on day 9 40%", "ef_percent", 40),
    ("PASP (cath) 70; echo RVSP 58", "rvsp_mmhg", 58),
    ("PASP was 60 mmHg, fell to 40 mmHg.", "rvsp_mmhg", 40),
    ("EF no longer 30% but 45%.", "ef_percent", 45),
    ("PASP no longer 60 but 45 mmHg.", "rvsp_mmhg", 45),
    ("EF by Teichholz 60%, but only 48% by Simpson.", "ef_percent", 48),
    ("EF 60% by M-mode, but 48% by biplane because of apical akinesia.", "ef_percent", 48),
    ("EF by M-mode 60%, not reliable; by eye 45%.", "ef_percent", 45),
    ("The last echo gave an EF of 60%. Now 40%.", "ef_percent", 40),
    ("Last echo EF 60%, this echo 40%.", "ef_percent", 40),
    ("EF 45% now versus 50% elsewhere.", "ef_percent", 45),
    ("EF 40%, previously 60%, now worse.", "ef_percent", 40),
    ("EF 40%, previously, it was 60%", "ef_percent", 40),
    ("PASP this time 40 mmHg, last time 60 mmHg.", "rvsp_mmhg", 40),
    ("Compared with prior EF of 60%, the LVEF is now 45%.", "ef_percent", 45),
    ("RVSP 60, then 50, now 40 mmHg.", "rvsp_mmhg", 40),
    ("RVSP 60 and 40 mmHg before and after balloon.", "rvsp_mmhg", 40),
    ("PASP rises from 30 to 60 mmHg on exercise.", "rvsp_mmhg", 30),
    ("LVEF A4C 58% A2C 62% BP 60%", "ef_percent", 60),
    # Two names.
    ("EF and PASP only 45% and 40 mmHg.", "ef_percent", 45),
    ("EF and PASP only 45% and 40 mmHg.", "rvsp_mmhg", 40),
    ("RAP and PASP 10 and 40 mmHg.", "rvsp_mmhg", 40),
    ("BP and RVSP 110 and 40 mmHg.", "rvsp_mmhg", 40),
    ("RVEF and LVEF 45 and 60%.", "ef_percent", 60),
    ("LVEF and RVEF 60 and 45%.", "ef_percent", 60),
    ("LVEF and RVEF both 50%.", "ef_percent", 50),
    ("EF: RV 30%, LV 50%", "ef_percent", 50),
    ("EF of the RV 30%, of the LV 50%.", "ef_percent", 50),
    ("RVSP and mean gradient 40 and 5 mmHg, respectively.", "rvsp_mmhg", 40),
    ("Neither EF nor PASP has changed: 55%, 30 mmHg.", "rvsp_mmhg", 30),
    # Differences.
    ("EF within 5% of before.", "ef_percent", None),
    ("EF changed by less than 5%.", "ef_percent", None),
    ("EF has dropped 15%.", "ef_percent", None),
    ("EF change: +5%. EF 50%.", "ef_percent", 50),
    ("RVSP 20 mmHg below systemic.", "rvsp_mmhg", None),
    ("PASP fell 20 mmHg to 45 mmHg.", "rvsp_mmhg", 45),
    ("EF within normal limits 60%", "ef_percent", 60),
    ("Her ejection fraction, which was 35% in 2021, has recovered to 50%.", "ef_percent", 50),
    ("The RVSP, which was 60 mmHg, is now 40 mmHg", "rvsp_mmhg", 40),
    ("LVEF pre-CRT 20%, post-CRT 35%", "ef_percent", 35),
    ("Compared with 2021, EF has fallen from 55% to 40%.", "ef_percent", 40),
    ("EF rose from 50% to 60% on exercise", "ef_percent", 50),
]
GREEN = [
    ("Her ejection fraction, which was 35% in 2021, has recovered to 50%.", "ef_percent"),
    ("PAH: mild (previous: moderate)", "pah"),
    ("EF has improved to 50% from 35%", "ef_percent"),
    ("EF improved from 35% (March) to 50% today", "ef_percent"),
    ("PASP decreased to 40 mmHg (from 65)", "rvsp_mmhg"),
    ("EF 40% as before", "ef_percent"),
    ("Severe PAH as before", "pah"),
    ("Residual mild PAH post closure", "pah"),
    ("EF60%, RVSP28mmHg, no PAH", "rvsp_mmhg"),
    ("EF 45%, was 30%.", "ef_percent"),
    ("EF 30 % (was 45 % in 2020)", "ef_percent"),
    ("EF 35%, down from 50%.", "ef_percent"),
    ("EF elsewhere 30%, here 45%", "ef_percent"),
    ("RVSP previously 60 mmHg, now 42", "rvsp_mmhg"),
    ("EF 45% now versus 50% elsewhere.", "ef_percent"),
    ("EF and PASP only 45% and 40 mmHg.", "ef_percent"),
    ("RAP and PASP 10 and 40 mmHg.", "rvsp_mmhg"),
    ("LVEF and RVEF 60 and 45%.", "ef_percent"),
    ("PAH remains mild.", "pah"),
    ("Moderate PAH, previously severe", "pah"),
    ("No MR TR PAH", "pah"),
    ("Mild MR, AR and PAH", "pah"),
    ("Both RWMA and PAH are absent", "pah"),
]
GRADES = [
    ("PAH remains mild.", "mild"),
    ("PAH has become severe.", "severe"),
    ("PAH grew from mild to severe.", "severe"),
    ("PAH present, though no more than mild.", "mild"),
    ("PAH, albeit mild.", "mild"),
    ("PAH, too, is mild.", "mild"),
    ("PAH is not only present but severe.", "severe"),
    ("There is PAH. It is only mild.", "mild"),
    ("PAH (no TR) mild.", "mild"),
    ("PAH not mild but severe.", "severe"),
    ("No clot, PAH as before mild.", "mild"),
    ("PH similar to last year, moderate", "moderate"),
    ("PH which was severe is now moderate.", "moderate"),
    ("No longer severe PAH, now mild.", "mild"),
    ("Moderate PAH, previously severe", "moderate"),
    ("PAH moderate (earlier severe)", "moderate"),
    ("No PAH, previously severe", "none"),
    ("EF 30% today; severe PAH, previously moderate", "severe"),
    ("TR moderate, PAH likewise.", "moderate"),
    ("RWMA none, PAH likewise.", "none"),
    ("MR is severe. The same is true of PAH.", "severe"),
    ("MR and PAH, the former mild, the latter severe.", "severe"),
    ("MR and PAH are mild.", "mild"),
    ("Both TR and PAH are severe.", "severe"),
    ("PAH - RVSP 65 mmHg, severe", "severe"),
    ("PAH ++ (moderate)", "moderate"),
    ("PAH: Gr II (moderate)", "moderate"),
    ("Mild MR, AR and PAH", "mild"),
    ("Mild TR, PAH", "present_unspecified"),
    ("Severe MS, PAH, LA clot", "present_unspecified"),
    ("Severe MR and TR, PAH", "present_unspecified"),
    ("Sig. PH", "present_unspecified"),
    ("No effusion, PAH present.", "present_unspecified"),
    # Whose grade it is, is plain.
    ("PAH present. Severe TR.", "present_unspecified"),
    ("PAH and severe, eccentric MR", "present_unspecified"),
    ("No PAH, but mild TR", "none"),
    # Denied.
    ("Regional wall motion abnormality and pulmonary hypertension were not seen.", "none"),
    ("Both RWMA and PAH are absent", "none"),
    ("MR, TR and PAH are all absent.", "none"),
    ("Absence of clot, effusion, regional wall motion abnormality and pulmonary hypertension.", "none"),
    ("The study is negative for RWMA, thrombus and pulmonary hypertension.", "none"),
    ("The echocardiogram did not show any valve disease, effusion or pulmonary hypertension.", "none"),
    ("No evidence of regional wall motion abnormality, pulmonary hypertension or effusion.", "none"),
    ("No MR TR PAH", "none"),
    ("No RWMA; clot; PAH; PE", "none"),
    ("Absent - RWMA / PAH / clot / effusion", "none"),
    ("All nil: MR, TR, PAH, RWMA.", "none"),
    ("Not in PAH", "none"),
    ("Resolution of previous PAH, PASP now 30 mmHg", "none"),
    ("Mild TR; PASP = 35 mmHg; no sig PAH", "none"),
    ("PAH: nil as before", "none"),
    ("Neither before nor now any PAH.", "none"),
    ("There is nothing left of the PAH.", "none"),
    ("RWMA(+) PAH(-) thrombus(-)", "none"),
    ("RWMA (-) PAH (+) MR (+)", "present_unspecified"),
    ("RWMA(Y) PAH(N)", "none"),
    ("(-) RWMA, (+) mild PAH", "mild"),
    ("PASP increased 20 mmHg with exercise.", "not_stated"),
]


@pytest.mark.parametrize(("text", "field", "value"), VALUES)
def test_of_two_values_the_one_that_counts_is_read(text: str, field: str, value: float | None) -> None:
    assert getattr(read_report_text(text).findings, field) == value


@pytest.mark.parametrize(("text", "grade"), GRADES)
def test_a_phrase_does_not_part_a_grade_from_its_name(text: str, grade: str) -> None:
    assert read_report_text(text).findings.pah == grade


AMBER = [
    ("EF improved from 40 to 45% with dobutamine", "ef_percent"),
    ("Peak exercise. RVSP rose from 26 mmHg to 41 mmHg.", "rvsp_mmhg"),
    ("EF no longer 30% but 45%.", "ef_percent"),
]


@pytest.mark.parametrize(("text", "field"), AMBER)
def test_what_is_open_wants_a_person(text: str, field: str) -> None:
    assert light(text, field) == "amber"


@pytest.mark.parametrize(("text", "field"), GREEN)
def test_what_is_plain_needs_no_person(text: str, field: str) -> None:
    assert light(text, field) == "green"
