"""Rows below a head, answers that stand out, ranges before values, damaged words: our own wordings."""

from __future__ import annotations

from typing import Any

import pytest

from labeling.readers.rules import RulesReader
from labeling.rules.report import read_report_text
from labeling.trust.light import light_of_fields

ROWS = [
    ("Date,EF,RVSP,RWMA\n2024-05-02,48,36,absent", {"ef_percent": 48, "rvsp_mmhg": 36, "rwma": "absent"}),
    ("Date;LVEF;PASP;PAH\n03/04/2025;61;24;none", {"ef_percent": 61, "rvsp_mmhg": 24, "pah": "none"}),
    (
        "Visit  EF  PASP  PAH\nBaseline  30  60  severe\n6 months  44  40  mild\nNow  50  32  none",
        {"ef_percent": 50, "rvsp_mmhg": 32, "pah": "none"},
    ),
    ("Stage  HR  BP  EF\nRest  66  120/70  58\nPeak  140  150/80  70", {"ef_percent": 58}),
    (
        "Time  LVEF  RWMA\nPre-op  35%  anterior hypokinesis\nToday  50%  none\nGoal  >55%  none",
        {"ef_percent": 50, "rwma": "absent"},
    ),
    ("Year  EF  PAH\n2019  40  moderate\nstent 2020\n2024  52  none", {"ef_percent": 52, "pah": "none"}),
    (
        "Cycle  Date  EF\n1  03/01/2023  64\n4  05/04/2023  60\n8  12/07/2023  55  <- this report",
        {"ef_percent": 55},
    ),
    (
        "S.No  Item  Result  Permissible\n1  LVEF  63 %  > 50 %\n2  PASP  24 mmHg  < 35\n3  RWMA  Nil  Nil",
        {"ef_percent": 63, "rvsp_mmhg": 24, "rwma": "absent"},
    ),
    ("Name  Age  EF  RWMA\nabcd  61  35  akinetic apex", {"ef_percent": 35, "rwma": "present"}),
]
STANDING_OUT = [
    ("PAH: nil / (mild) / moderate / severe\nRWMA: (no) / yes", {"pah": "mild", "rwma": "absent"}),
    ("RWMA: yes / **no**\nPAH: <none> / mild / severe", {"pah": "none", "rwma": "absent"}),
    ("RWMA: ~~absent~~ / present", {"rwma": "present"}),
    ("PAH: ~~nil / mild~~ / moderate / ~~severe~~", {"pah": "moderate"}),
    ("RWMA: present/absent   circled: absent", {"rwma": "absent"}),
    ("PAH : Yes / No = No", {"pah": "none"}),
    ("PAH (Nil / Mild / Moderate / Severe) -> Severe", {"pah": "severe"}),
    ("Regional wall motion abnormality?  Yes [ ]  No [x]", {"rwma": "absent"}),
    ("PAH: none / mild / moderate / severe [mild]", {"pah": "mild"}),
]
BELOW_HEADS = [
    (
        "              YES   NO\nRWMA                ✔\nPAH           ✔\n",
        {"rwma": "absent", "pah": "present_unspecified"},
    ),
    ("Finding      Normal   Abnormal\nPA pressure    X\nLVEF 60 %", {"pah": "none", "ef_percent": 60}),
    ("Question   Yes   No\nRWMA seen  [ ]   [x]\nPAH seen   [ ]   [x]", {"rwma": "absent", "pah": "none"}),
]
POINTED_AT = [
    ("PAH  :  no   mild   ->moderate   severe\nRWMA :  ->no   yes", {"pah": "moderate", "rwma": "absent"}),
    (
        "RWMA   present   <<absent>>\nPAH   <<present>>   absent",
        {"rwma": "absent", "pah": "present_unspecified"},
    ),
    ("Wall motion: *normal* | regional abnormality", {"rwma": "absent"}),
    ("Wall motion   normal ( )   abnormal (X)", {"rwma": "present"}),
    ("PAH   No [ ]  Yes [x]   Grade: mild [ ] moderate [x]", {"pah": "moderate"}),
    ("Akinesis:  basal [_] mid [_] apical [V]", {"rwma": "present"}),
    ("Akinesia: inferior, inferolateral. EF 40", {"rwma": "present", "ef_percent": 40}),
    ("Parameter / Norm / Found\nEF / 55..70 / 60\nPASP / 15..35 / 30", {"ef_percent": 60, "rvsp_mmhg": 30}),
    ("PAH (normal: absent): absent", {"pah": "none"}),
    ("LVEF; 58 %\nRVSP; 25 mmHg", {"ef_percent": 58, "rvsp_mmhg": 25}),
    ("EDV  ESV  EF\n98  33  66\nml  ml  %", {"ef_percent": 66}),
    ("Nothing to suggest RWMA or pulmonary hypertension", {"rwma": "absent", "pah": "none"}),
    (
        "Pul. art. pressure normal (ePASP 22 mmHg), ejn fraction 58%",
        {"pah": "none", "rvsp_mmhg": 22, "ef_percent": 58},
    ),
]
RANGE_FIRST = [
    ("EF\nNormal 55-70 %\nObserved 46 %", {"ef_percent": 46}),
    ("Normal LVEF is 52 to 72 %. Patient: 41 %.", {"ef_percent": 41}),
    ("RVSP reference up to 35 mmHg; measured 58 mmHg.", {"rvsp_mmhg": 58}),
    ("EF must stay above 50 % for the drug. Measured today 61 %.", {"ef_percent": 61}),
    ("LVEF%   52 - 72   31  L", {"ef_percent": 31}),
]
DAMAGED = [
    ("P A S P 40", "rvsp_mmhg"),
    ("Pulrnonary hypertens1on", "pah"),
    ("No reg1onal wa1l rnotion abnorma1ity", "rwma"),
    ("E j e c tion well kept", "ef_percent"),
    ("[Pulmonary artery] hypertension=severe", "pah"),
    ("PA pressure     X", "pah"),
    ("Inferior    hypo        hypo", "rwma"),
    ("EF: 1. 55 % 2. 50 %", "ef_percent"),
    ("RWMA: none   delete: present", "rwma"),
    ("PAH   nil / + / ++", "pah"),
]


@pytest.mark.parametrize(("text", "said"), [*ROWS, *STANDING_OUT, *BELOW_HEADS, *POINTED_AT, *RANGE_FIRST])
def test_the_answer_of_a_table_or_a_list_is_todays_and_the_marked_one(
    text: str, said: dict[str, Any]
) -> None:
    findings = read_report_text(text).findings
    assert {field: getattr(findings, field) for field in said} == said


def test_one_bracketed_option_alone_wants_a_person() -> None:
    assert light_of_fields(RulesReader().read_text("PAH: nil / (mild) / moderate"))["pah"] == "amber"


@pytest.mark.parametrize(("text", "field"), DAMAGED)
def test_a_damaged_or_doubled_answer_wants_a_person(text: str, field: str) -> None:
    assert light_of_fields(RulesReader().read_text(text))[field] == "amber"


@pytest.mark.parametrize("text", ["L V E F : 55 %", "L VE F = 55%", "LV E F 55"])
def test_letters_set_apart_are_the_label(text: str) -> None:
    assert read_report_text(text).findings.ef_percent == 55


def test_brackets_in_a_sentence_choose_nothing() -> None:
    findings = read_report_text("There is mild / (moderate) MR. EF (normal) 60 %, PAH (mild)").findings
    assert (findings.ef_percent, findings.pah) == (60, "mild")
