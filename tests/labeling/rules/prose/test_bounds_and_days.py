"""Bounds, values of then and now, grades that two names may share, and marks that count a list."""

from __future__ import annotations

import pytest
from readings import light

from labeling.rules.report import read_report_text

BOUNDS = [
    ("LVEF is at best 35%.", 35, "<"),
    ("EF no better than 30 %", 30, "<"),
    ("EF no higher than 30 %", 30, "<"),
    ("EF not even 30 %", 30, "<"),
    ("EF 30 % at the most", 30, "<"),
    ("EF 35 % at best", 35, "<"),
    ("EF 30 % max", 30, "<"),
    ("EF does not reach 30 %", 30, "<"),
    ("EF just short of 50 %", 50, "<"),
    ("At best the EF is 30 %", 30, "<"),
    ("Not even 30 % ejection fraction", 30, "<"),
    ("EF upwards of 50 %", 50, ">"),
    ("EF easily 60 %", 60, ">"),
    ("EF 55 % at least", 55, ">"),
    ("EF nothing less than 55%", 55, ">"),
    ("EF no worse than 45 %", 45, ">"),
    ("EF min. 55 %", 55, ">"),
    ("LVEF 55 % and upwards", 55, ">"),
    ("EF 50 % or so", 50, "~"),
    ("EF in the region of 40 %", 40, "~"),
    ("EF close to 50 %", 50, "~"),
    ("EF some 45 %", 45, "~"),
    ("EF 30ish %", 30, "~"),
    # None of these is a bound.
    ("LVEF 33 % at best setting", 33, "="),
    ("EF easily measured: 55 %", 55, "="),
    ("EF 55 % max PG 30 mmHg", 55, "="),
    ("EF only 20 %", 20, "="),
]
DAYS = [
    ("PAH severe then, mild now", "pah", "mild"),
    ("PAH mild then, severe now", "pah", "severe"),
    ("PAH was severe then, mild now", "pah", "mild"),
    ("Then PAH severe, now mild", "pah", "mild"),
    ("PAH once severe, now moderate", "pah", "moderate"),
    ("PAH severe in 2019, mild now", "pah", "mild"),
    ("PAH severe (2019), mild (2024)", "pah", "mild"),
    ("Severe PAH has become mild", "pah", "mild"),
    ("PAH severe -> mild", "pah", "mild"),
    ("PAH has worsened from mild to severe", "pah", "severe"),
    ("PAH regressed from moderate to none", "pah", "none"),
    ("PAH no longer severe, now moderate", "pah", "moderate"),
    ("PAH no longer severe", "pah", "present_unspecified"),
    ("Severe PAH in the old report, mild PAH in this one", "pah", "mild"),
    ("No severe PH; it is mild", "pah", "mild"),
    ("PAH is not severe but moderate", "pah", "moderate"),
    ("RVSP 70 then, 45 now", "rvsp_mmhg", 45),
    ("RVSP 70 -> 45", "rvsp_mmhg", 45),
    ("RVSP 70 mmHg in 2019, 45 mmHg now", "rvsp_mmhg", 45),
    ("EF 25 then, 45 now", "ef_percent", 45),
    ("EF 45 % now, 25 % then", "ef_percent", 45),
    ("EF 25 % before PCI, 45 % after", "ef_percent", 45),
    ("Past history: PAH severe, EF 20 %\nLVEF 55 %", "ef_percent", 55),
    ("I50.22 Chronic systolic heart failure, LVEF 35 %", "ef_percent", 35),
    ("I25.5 Ischaemic cardiomyopathy, EF 30 %", "ef_percent", 30),
    ("I27.20 PH", "pah", "present_unspecified"),
]
TODAY = [
    ("EF (old) 20 %\nEF (new) 45 %", "ef_percent", 45),
    ("EF 50 %, previously 30 %", "ef_percent", 50),
    ("EF at admission 25 %, at discharge 40 %", "ef_percent", 40),
    ("Pre-PCI EF 30 %. Post-PCI EF 45 %.", "ef_percent", 45),
    ("LVEF has improved by 10 points to 45 %", "ef_percent", 45),
    ("Told EF 25 % at another hospital. LVEF here 45 %.", "ef_percent", 45),
    ("Previous: EF 30 %, RVSP 60, severe PAH\nCurrent: EF 50 %, RVSP 35, no PAH", "rvsp_mmhg", 35),
    ("Previous: EF 30 %, RVSP 60, severe PAH\nCurrent: EF 50 %, RVSP 35, no PAH", "pah", "none"),
    ("Request: known severe PAH, EF?\nLVEF 55 %. No PAH.", "pah", "none"),
    ("I50.22 LVEF 35 %\nI27.20 RVSP 55 mmHg", "rvsp_mmhg", 55),
    ("PAH has resolved", "pah", "none"),
    ("No trace of PAH", "pah", "none"),
    ("No relevant PAH", "pah", "none"),
    ("Neither PAH nor effusion", "pah", "none"),
    ("PAH at least moderate", "pah", "moderate"),
    ("PAH not more than mild", "pah", "mild"),
    ("PAH quite severe", "pah", "severe"),
    ("PAH yes, severity moderate", "pah", "moderate"),
    ("Pulmonary hypertension, which is moderate", "pah", "moderate"),
    ("Borderline PAH", "pah", "not_stated"),
    ("PAH unlikely", "pah", "not_stated"),
    ("If PAH has resolved, stop the drug", "pah", "not_stated"),
]
LISTS = [
    ("a. LVEF 45 %\nb. No RWMA\nc. Mild PAH", 45, "absent", "mild"),
    ("A) LVEF 45 % B) No RWMA C) PAH nil", 45, "absent", "none"),
    ("(i) No RWMA; (ii) EF 58 %; (iii) no PAH", 58, "absent", "none"),
    ("1a. EF 55 %\n1b. No RWMA\n2a. No PAH", 55, "absent", "none"),
    ("(1) EF 55 %, (2) no RWMA, (3) mild PAH", 55, "absent", "mild"),
    ("[1] EF 55 % [2] No RWMA [3] Mild PAH", 55, "absent", "mild"),
    ("#1 EF 55 % #2 no RWMA #3 no PAH", 55, "absent", "none"),
    ("EF || 45 %\nRWMA || none\nPAH || mild", 45, "absent", "mild"),
]
ELSEWHERE = [
    ("EF / 55-80 / L / 41", "ef_percent", 41),
    ("Ejection fraction / usual: 54 to 74 / yours: 31", "ef_percent", 31),
    ("what . . . ideal . . . hers\nEF . . . 55-70 . . . 41\nRVSP . . . <35 . . . 48", "ef_percent", 41),
    ("what . . . ideal . . . hers\nEF . . . 55-70 . . . 41\nRVSP . . . <35 . . . 48", "rvsp_mmhg", 48),
    ("EF normal > 55; this man 41", "ef_percent", 41),
    ("EF min 55 max 70 value 41", "ef_percent", 41),
    ("Q: pulmonary hypertension (yes/no)? Answer: no", "pah", "none"),
    ("Request: RWMA? PAH?\nReply to the request: neither is present", "pah", "none"),
    ("Request: RWMA? PAH?\nReply to the request: neither is present", "rwma", "absent"),
    ("Right ventricle            Left ventricle\nEF 50 %                    EF 35 %", "ef_percent", 35),
    ("TR gradient 36 mmHg, RAP 10 mmHg, total 46 mmHg", "rvsp_mmhg", 46),
    ("Gradient 36 + CVP 8 = 44 mmHg", "rvsp_mmhg", 44),
    ("RV-RA gradient 36 mmHg + 10 = 46 mmHg", "rvsp_mmhg", 46),
    ("RVSP (36 + 10) 46 mmHg", "rvsp_mmhg", 46),
    # No sum, or one that doesn't come out.
    ("TR gradient 36 mmHg + RAP 10 mmHg", "rvsp_mmhg", None),
    ("TR gradient 36 mmHg, LA 40 = 46 mmHg", "rvsp_mmhg", None),
]
UNSURE = [
    ("Severe AS / PAH", "pah"),
    ("Severe TR / PAH", "pah"),
    ("RHD: severe MS / moderate MR / PAH", "pah"),
    ("There is severe aortic stenosis / pulmonary hypertension.", "pah"),
    ("PAH no longer severe", "pah"),
    ("EF barely 30 %", "ef_percent"),
    ("Borderline PAH", "pah"),
    ("PAH unlikely", "pah"),
    ("I50.22 Chronic systolic heart failure, LVEF 35 %", "ef_percent"),
    ("I27.20 PH", "pah"),
    ("Past history: PAH severe, EF 20 %\nLVEF 55 %", "pah"),
]


def _value(text: str, field: str) -> object:
    return read_report_text(text).findings.model_dump(mode="json")[field]


@pytest.mark.parametrize(("text", "percent", "sign"), BOUNDS)
def test_a_bound_keeps_its_sign(text: str, percent: int, sign: str) -> None:
    assert (_value(text, "ef_percent"), _value(text, "ef_operator")) == (percent, sign)


@pytest.mark.parametrize(("text", "field", "value"), [*DAYS, *TODAY, *ELSEWHERE])
def test_the_value_of_today_is_read(text: str, field: str, value: object) -> None:
    assert _value(text, field) == value


@pytest.mark.parametrize(("text", "percent", "rwma", "pah"), LISTS)
def test_items_of_a_list_are_told_apart(text: str, percent: int, rwma: str, pah: str) -> None:
    assert (_value(text, "ef_percent"), _value(text, "rwma"), _value(text, "pah")) == (percent, rwma, pah)
    assert {light(text, field) for field in ("ef_percent", "rwma", "pah")} == {"green"}


@pytest.mark.parametrize(("text", "field"), UNSURE)
def test_what_may_be_meant_otherwise_wants_a_person(text: str, field: str) -> None:
    assert light(text, field) == "amber"


def test_one_grade_for_leaks_joined_by_bars_is_every_ones() -> None:
    assert (_value("Moderate MR/TR/PAH", "pah"), light("Moderate MR/TR/PAH", "pah")) == ("moderate", "green")


def test_a_list_of_patients_is_no_list_of_findings() -> None:
    text = "(1) Usha, 40 F: LVEF 60, no RWMA, no PAH\n(2) Pankaj, 66 M: LVEF 35, moderate PAH"
    assert light(text, "ef_percent") != "green"
    assert light(text, "pah") != "green"


def test_options_that_are_counted_stay_options() -> None:
    assert light("PAH: (1) none (2) mild (3) severe", "pah") != "green"
