"""A report that answers a field twice, or of another day, is a person's: never green, whichever was taken."""

from __future__ import annotations

import pytest
from readings import light

from db.labels import Findings, Pah, Rwma
from labeling.rules.report import read_report_text

# Several values, and only words or columns that say which is today's.
LOOKED_AT = [
    ("The last EF known was 57 percent. It has come to 33 percent.", "ef_percent"),
    ("LVEF (%)     48        61", "ef_percent"),
    ("LVEF | 63 % | 51 % | 44 %\nGLS | -19 | -16 | -14", "ef_percent"),
    ("Course of the ejection fraction\n Mar 2018 ... 36 %\n Sep 2018 ... 47 %\n This study ... 58 %",
     "ef_percent"),
    ("EF at peak 71 percent against 59 percent before exercise", "ef_percent"),
    ("Treadmill: EF 66 -> 75 (rest -> 100 W)", "ef_percent"),
    ("Outside reports for information: EF 52 %.\nToday: LV function not quantified.", "ef_percent"),
    ("Indication: syncope. TTE on 3/4: EF 57 %, no RWMA.", "ef_percent"),
    ("Clinical notes: breathless, EF 22% on MUGA, severe PAH on cath.\nStudy stopped.", "ef_percent"),
    ("Before surgery: severe PAH. After surgery: no residual PAH.", "pah"),
    ("PAH    severe    mild", "pah"),
    ("PAH   Nil   Mild   >>Moderate<<   Severe", "pah"),
    ("PA pressure   normal\n   mild raised\n   severe raised <-", "pah"),
    ("Pulmonary pressure: A. Normal  B. Mild PH  C. Severe PH   Answer: B", "pah"),
    ("No PAH\nMild PAH\nSevere PAH", "pah"),
    ("PASP 62 mmHg before, PASP 38 mmHg after the procedure", "rvsp_mmhg"),
    ("All segments 1. EF 57.", "rwma"),
    ("EF by grade: >50 good / 30-40 moderate / <30 severe\nThis patient: 60", "ef_percent"),
    ("Echo 11/2023 in another hospital: EF 37%.\nNow: LV looks good, nothing measured.", "ef_percent"),
    ("After exercise: EF 75-80%. Resting EF not measured.", "ef_percent"),
    ("Date    LVEF\n12/01/2024    55 %\n03/06/2024    48 %", "ef_percent"),
    ("Peak exercise. RVSP rose from 26 mmHg to 41 mmHg.", "rvsp_mmhg"),
    ("PASP     48 mmHg     30 mmHg", "rvsp_mmhg"),
    ("Contractility regionally fine.", "rwma"),
]  # fmt: skip
# One answer, printed twice or beside other percentages: nobody has to look.
PLAIN = [
    ("LVEF 60 %. Conclusion: LVEF 58 %.", "ef_percent"),
    ("LVEF 60 %, FS 31 %", "ef_percent"),
    ("EF 60 %. 90 % stenosis of the LAD on angiography.", "ef_percent"),
    ("EF 55-60 % (normal 52-72 %)", "ef_percent"),
    ("Moderate PAH. RVSP 52 mmHg. PAH present.", "pah"),
    ("RVSP 42 mmHg. Impression: RVSP 42 mmHg.", "rvsp_mmhg"),
]
# Denied is something else.
AKINESIA_STANDS = [
    "No improvement in the apical akinesia.", "No recovery of the akinetic anterior wall.",
    "No thrombus in the akinetic apex.", "No clot over the akinetic apical segment.",
    "There is no change in the severe inferior hypokinesia.",
]  # fmt: skip
AKINESIA_DENIED = [
    "No clot, vegetation or RWMA.",
    "No RWMA or thrombus in the LV.",
    "No akinesia of the apex.",
]
EXPLAINED = [
    "Severe pulmonary hypertension means a pressure above 60 mmHg.",
    "This laboratory reports RWMA when two adjoining segments are hypokinetic.",
    "Codes used: PAH mild = code 1, severe = code 3",
    "Study protocol: inclusion EF < 40 %, exclusion severe pulmonary hypertension.",
    "An ejection fraction below 40% may be a sign of heart failure.",
]  # fmt: skip


def findings(text: str) -> Findings:
    return read_report_text(text).findings


@pytest.mark.parametrize(("text", "field"), LOOKED_AT)
def test_two_answers_are_looked_at(text: str, field: str) -> None:
    assert light(text, field) != "green"


@pytest.mark.parametrize(("text", "field"), PLAIN)
def test_one_answer_said_twice_is_green(text: str, field: str) -> None:
    assert light(text, field) == "green"


@pytest.mark.parametrize("text", AKINESIA_STANDS)
def test_what_is_not_there_may_lie_in_a_wall_that_does_not_move(text: str) -> None:
    assert findings(text).rwma is Rwma.PRESENT


@pytest.mark.parametrize("text", AKINESIA_DENIED)
def test_a_denial_reaches_its_own_finding(text: str) -> None:
    assert findings(text).rwma is Rwma.ABSENT


@pytest.mark.parametrize("text", EXPLAINED)
def test_what_explains_a_word_answers_nothing(text: str) -> None:
    found = findings(text)
    assert (found.ef_percent, found.rwma, found.pah, found.rvsp_mmhg) == (
        None, Rwma.NOT_STATED, Pah.NOT_STATED, None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("No_RWMA ; LVEF_52% ; Mild_PAH ; RVSP_38_mmHg", "ef_percent", 52),
        ("No_RWMA ; LVEF_52% ; Mild_PAH ; RVSP_38_mmHg", "rvsp_mmhg", 38),
        ("lvef_pct=49\nrvsp_mmhg=41", "rvsp_mmhg", 41),
        ("Apical aneurysm of LV. EFsimpson=41%", "ef_percent", 41),
        ("3. LV function : [x] good [ ] fair [ ] poor    EF : 60 %", "ef_percent", 60),
        ("Ejection fraction (EF) 59 %. No regional wall motion abnormality (RWMA).", "ef_percent", 59),
        ("LVEF (lower limit 50%) 55%.", "ef_percent", 55),
        ("PAP syst 22 + 5 = 27.", "rvsp_mmhg", 27),
        ("RVSP is 30 mmHg above right atrial pressure.", "rvsp_mmhg", None),
        ("RVSP (excluding RA pressure): 42 mmHg.", "rvsp_mmhg", None),
        ("All seventeen segments show normal motion.", "rwma", Rwma.ABSENT),
        ("Wall motion unremarkable. Pulmonary pressures unremarkable.", "rwma", Rwma.ABSENT),
        ("Wall motion unremarkable. Pulmonary pressures unremarkable.", "pah", Pah.NONE),
        ("S.No 14 | IWMI | inf wall hypo | RVSP-36", "rwma", Rwma.PRESENT),
        ("Dx 1. HFpEF 2. mild PH 3. CKD", "pah", Pah.MILD),
        ("No PAH clinic on Sunday.", "pah", Pah.NOT_STATED),
        ("No P. HTN.", "pah", Pah.NONE),
        ("FEVI 20 %", "ef_percent", 20),
        ("L V E F  3 5 %    R V S P  4 8  m m H g", "ef_percent", 35),
        ("L V E F  3 5 %    R V S P  4 8  m m H g", "rvsp_mmhg", 48),
        ("LVEF      40 %\nRWMA      Present, apex\nMR        Mild\nRVSP      28 mmHg", "rvsp_mmhg", 28),
        ("Date     LVEF\n12/01/2024  55 %\n10/02/2025  35 %  (today)", "ef_percent", 35),
        ("In case of EF<30% or new RWMA, call the consultant.", "ef_percent", None),
        ("In case of EF<30% or new RWMA, call the consultant.", "rwma", Rwma.NOT_STATED),
        ("PA pressure (circle): normal - mildly raised - severely raised", "pah", Pah.NOT_STATED),
        ("Wall motion: normal / RWMA (specify)", "rwma", Rwma.NOT_STATED),
        ("Subtle inferior hypokinesis is questionable.", "rwma", Rwma.NOT_STATED),
        ("Expected: EF >=55%. Found: EF 50%.", "ef_percent", 50),
        ("RWMA     LVEF     PAH      MR\nNo       60%      No       Trace", "rwma", Rwma.ABSENT),
        ("RWMA     LVEF     PAH      MR\nNo       60%      No       Trace", "pah", Pah.NONE),
        ("| LVEF | Wall motion | PH grade |\n| 30 % | anterior akinesis | severe |", "pah", Pah.SEVERE),
        ("| LVEF | Wall motion | PH grade |\n| 30 % | anterior akinesis | severe |", "rwma", Rwma.PRESENT),
        ("       14 May 2025   02 Nov 2025 (current)\nEF     40 %   52 %", "ef_percent", 52),
        ("       Last (Mar 2025)   This study\nRVSP     26   40", "rvsp_mmhg", 40),
        ("RWMA (regional wall motion abnormality): nil", "rwma", Rwma.ABSENT),
        ("EF   [norm: greater than 55]   64", "ef_percent", 64),
        ("TR and PAH both mild.", "pah", Pah.MILD),
        ("Moderate PAH (48 mmHg by TR jet).", "rvsp_mmhg", 48),
        ("Cannot say with confidence that wall motion is normal.", "rwma", Rwma.NOT_STATED),
    ],
)
def test_a_value_is_read_however_it_is_joined(text: str, field: str, value: object) -> None:
    assert getattr(findings(text), field) == value
