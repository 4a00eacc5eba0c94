"""Plans, relatives, other versions and days, open sentences: wordings of our own; plain lines stay."""

from __future__ import annotations

from typing import Any

import pytest

from labeling.readers.rules import RulesReader
from labeling.rules.report import read_report_text
from labeling.trust.light import light_of_fields

PLANNED = [
    ("PASP 33 mmHg. PASP > 55 mmHg: call the registrar.", {"rvsp_mmhg": 33}),
    ("LVEF 38 %. ICD to be considered with LVEF 35 % or below.", {"ef_percent": 38}),
    ("EF 44 %, PASP 30 mmHg. Surgery when LVEF drops to 60 % or PASP exceeds 50 mmHg.", {"ef_percent": 44}),
    ("EF 49%. Stop trastuzumab once EF < 45 %.", {"ef_percent": 49}),
    ("EF 52 %. We hope for an EF of 60 % by spring.", {"ef_percent": 52}),
    ("RVSP 28 mmHg. RVSP must stay under 40 mmHg for the flight.", {"rvsp_mmhg": 28}),
    ("EF 61%. Fitness criteria: EF 50% or more, PASP below 40 mmHg.", {"ef_percent": 61, "rvsp_mmhg": None}),
    (
        "Alarm limits\n- EF under 45 %\n- PASP over 50 mmHg\n\nResult\nEF 57 %, PASP 31 mmHg",
        {"ef_percent": 57, "rvsp_mmhg": 31},
    ),
    ("EF is 55 % and if needed repeat in a year.", {"ef_percent": 55}),
]
ALSO_PLANNED = [
    ("Plan: come back to see EF > 45 % before the drug.", {"ef_percent": None}),
    (
        "Surgery is advised when EF is 60% or less or PASP above 50 mmHg. Now: EF 65%.",
        {"ef_percent": 65, "rvsp_mmhg": None},
    ),
    (
        "If RVSP exceeds 50 mmHg later consider a catheter for PAH. PASP 34 mmHg.",
        {"pah": "not_stated", "rvsp_mmhg": 34},
    ),
    (
        "Camp officer please to refer if: EF < 50, RWMA yes. LVEF 60 %",
        {"ef_percent": 60, "rwma": "not_stated"},
    ),
]
ELSEWHERE = [
    (
        "Mother had severe pulmonary hypertension and EF 20 %. LVEF here 60 %.",
        {"ef_percent": 60, "pah": "not_stated"},
    ),
    ("His brother's EF was 15 %. His own EF is 63 %, no RWMA.", {"ef_percent": 63, "rwma": "absent"}),
    (
        "Compared to the scan of 2019 (EF 30 %, akinetic apex, mild PAH) EF is now 45 %, no RWMA.",
        {"ef_percent": 45, "rwma": "absent", "pah": "not_stated"},
    ),
    ("Baseline: EF 64 %.\nAfter cycle 3: EF 58 %.\nThis visit: EF 50 %.", {"ef_percent": 50}),
    ("First echo EF 25 %, akinetic apex. Echo today EF 48 %, no RWMA.", {"ef_percent": 48, "rwma": "absent"}),
    (
        "GP letter: known EF 30 %, apical akinesia. Echo: EF 52 %, wall motion normal.",
        {"ef_percent": 52, "rwma": "absent"},
    ),
    ("Earlier version said EF 70 %. Correct value: EF 40 %.", {"ef_percent": 40}),
    (
        "Prior results 2022\nEF 40 %, mild PAH\nThis echo 2025\nEF 50 %, no PAH",
        {"ef_percent": 50, "pah": "none"},
    ),
    ("Last month EF was 46%: today 48%", {"ef_percent": 48}),
]
OPEN = [
    "Might represent RWMA of the apex versus artefact. EF 60 %",
    "This could be apical hypokinesia or foreshortening. EF 60 %",
    "RWMA of the lateral wall to be ruled out. EF 60 %",
    "Note that echo can miss RWMA and PAH. EF 60 %.",
    "RWMA = an area of heart muscle that moves less\nEF 58 %",
]
PLAIN = [
    ("None of the walls is akinetic. EF: 60. No PAH", {"ef_percent": 60, "rwma": "absent", "pah": "none"}),
    ("No basal segment looks hypokinetic", {"rwma": "absent"}),
    ("There is n't any RWMA. Doesn't have PAH.", {"rwma": "absent", "pah": "none"}),
    ("Wall motion has normalised. EF 60 %.", {"ef_percent": 60, "rwma": "absent"}),
    ("AR mild\nPAH no\nRWMA no", {"rwma": "absent", "pah": "none"}),
    ("TR moderate\nPAH nil\nEF 55 %", {"pah": "none", "ef_percent": 55}),
    ("a) EF 60\nb) RWMA no\nc) PAH no\nd) IAS intact", {"ef_percent": 60, "rwma": "absent", "pah": "none"}),
    ("No e/o PAH", {"pah": "none"}),
    ("EF 50 %, sev. P.H.", {"ef_percent": 50, "pah": "severe"}),
    (
        "Norma1 regiona1 wa11 motion. No PAI-I. EF on transgastric views 62%.",
        {"rwma": "absent", "pah": "none"},
    ),
    ("IMPRESSION\nOld inferior wall MI, k/c/o CAD\nLateral wall, apex akinetic\nEF 25%", {"rwma": "present"}),
]


@pytest.mark.parametrize(("text", "said"), [*PLANNED, *ALSO_PLANNED, *ELSEWHERE, *PLAIN])
def test_what_is_planned_or_told_of_elsewhere_gives_no_value(text: str, said: dict[str, Any]) -> None:
    findings = read_report_text(text).findings
    assert {field: getattr(findings, field) for field in said} == said


@pytest.mark.parametrize(("text", "said"), PLAIN)
def test_a_plain_line_is_green(text: str, said: dict[str, Any]) -> None:
    lights = light_of_fields(RulesReader().read_text(text))
    assert {field: lights[field] for field in said} == dict.fromkeys(said, "green")


@pytest.mark.parametrize("text", OPEN)
def test_a_sentence_that_leaves_wall_motion_open_wants_a_person(text: str) -> None:
    reading = RulesReader().read_text(text)
    assert (reading.findings.rwma, light_of_fields(reading)["rwma"]) == ("not_stated", "amber")


def test_a_form_with_long_gaps_is_read_at_once() -> None:
    form = "\n".join(
        f"LVEF (strike out what does not apply){' ' * 60}: GOOD / REDUCED{' ' * 40}" for _ in range(4)
    )
    assert read_report_text(f"{form}\nEF {' ' * 40}: 62%").findings.ef_percent == 62


@pytest.mark.parametrize("blank", ["." * 90, "_" * 90, "-" * 90, " " * 90, ". " * 45, "= " * 45])
def test_a_blank_to_write_on_is_read_at_once(blank: str) -> None:
    form = "".join(
        f"{label}:{blank}\n" for label in ("RWMA", "PAH", "LVEF", "PASP", "LV wall motion N", "EF normal")
    )
    assert read_report_text(f"{form}Date: {blank}").findings.ef_percent is None


def test_boxes_around_an_endless_word_are_read_at_once() -> None:
    form = f"RWMA: [ ] yes [x] no {'a' * 900}\nPAH: [x] nil [ ] mild {'b' * 900}\nEF: 62 %"
    findings = read_report_text(form).findings
    assert (findings.rwma, findings.ef_percent) == ("absent", 62)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (
            "Previous echo dated 4.2.2022:\nLVEF 35 %\nModerate PAH\nCurrent echo: not done, patient left.",
            "ef_percent",
        ),
        ("Prior report:\nEF 41 %\nRVSP 55 mmHg", "rvsp_mmhg"),
        ("Wall motion: normal -- correction: apical akinesia", "rwma"),
        ("Pre-PCI: EF 30 %, apical akinesia. Post-PCI (today): 45 %, apical hypokinesia.", "rwma"),
    ],
)
def test_values_of_an_earlier_study_or_corrected_ones_want_a_person(text: str, field: str) -> None:
    assert light_of_fields(RulesReader().read_text(text))[field] != "green"


def test_a_deviation_is_no_lower_bound() -> None:
    findings = read_report_text("EF: 44 +/- 6 %").findings
    assert (findings.ef_percent, findings.ef_operator) == (44, "=")
