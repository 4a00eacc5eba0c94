"""Tables, lists of choices, blocks and items of forms: the answer that counts, behind its own name."""

from __future__ import annotations

from typing import Any

import pytest

from labeling.rules.report import read_report_text

TABLES: list[tuple[str, dict[str, Any]]] = [
    # A row a day, a state or a ventricle.
    ("Visit;PAH;LVEF\nPrevious;severe;63\nToday;mild;24", {"ef_percent": 24, "pah": "mild"}),
    ("Study | RWMA | PASP\nPeak | yes | 58\nRest | no | 31", {"rwma": "absent", "rvsp_mmhg": 31}),
    (
        "Side   Ejection fraction   Wall motion\n"
        "RV     38                  normal\nLV     56                  inferior hypokinesia",
        {"ef_percent": 56, "rwma": "present"},
    ),
    ("Date | EF | PASP\nOct-22 | 35 | 40\nMar-26 | 51 | 30", {"ef_percent": 51}),
    # A column a day, and columns of no value.
    (
        "Test,Previous,Current\nLVEF,60,52\nPAH,Nil,Mild\nRVSP,28,40",
        {"ef_percent": 52, "pah": "mild", "rvsp_mmhg": 40},
    ),
    (
        "Item | Reference | Grade | Value | Unit\nEF | >=55 | N | 61 | %\nPASP | <35 | N | 22 | mmHg",
        {"ef_percent": 61, "rvsp_mmhg": 22},
    ),
    (
        "| Item | Result | Comment |\n| RVSP | 26 mmHg | no pulmonary hypertension |",
        {"rvsp_mmhg": 26, "pah": "none"},
    ),
    # Rows without a head; a comma that parts cells is no decimal.
    ("LVEF,>55,52,%\nRVSP,<35,40,mmHg", {"ef_percent": 52, "rvsp_mmhg": 40}),
    # Marks below choices.
    (
        "Finding | Yes | No\nRWMA |  | x\nPAH | x | \nClot |  | x",
        {"rwma": "absent", "pah": "present_unspecified"},
    ),
    (
        " | None | Mild | Moderate | Severe\nMR |  |  | + | \nPulmonary hypertension |  | + |  | ",
        {"pah": "mild"},
    ),
    ("Finding,Pos,Neg\nMR,+,\nRWMA,,+", {"rwma": "absent"}),
]
CHOICES: list[tuple[str, dict[str, Any]]] = [
    ("RWMA\n  Present\n  -> Absent\nPAH\n  none\n  <mild>\n  moderate", {"rwma": "absent", "pah": "mild"}),
    ("Wall motion   Normal\n   **Abnormal**\nLVEF: 24 %", {"rwma": "present", "ef_percent": 24}),
    ("PH:  nil  mild \u2714  moderate  severe", {"pah": "mild"}),
    ("MR: none\n   x mild\nPAH: none\n   mild\n   x severe", {"pah": "severe"}),
]
ITEMS: list[tuple[str, dict[str, Any]]] = [
    ("Clot\nNo\nRWMA\nPresent\nPulmonary hypertension\nSevere", {"rwma": "present", "pah": "severe"}),
    ("MR;Mild;AS;Nil;Regional wall motion abnormality;yes", {"rwma": "present"}),
    ("DM   No              AR   Mild\nHR   74              RWMA   Present", {"rwma": "present"}),
    ("PS:\nNo; RWMA:\nPresent; MR:\nMild; EF:\n43%", {"rwma": "present", "ef_percent": 43}),
    ("PAH = No, regional wall motion abnormality = present, EF = 55 %",
     {"pah": "none", "rwma": "present", "ef_percent": 55}),
]  # fmt: skip
BLOCKS: list[tuple[str, dict[str, Any]]] = [
    (
        "Then\nEF: 57 %\nPAH: none\nRVSP: 40 mmHg\n\nNow\nEF: 23 %\nPAH: mild\nRVSP: 43 mmHg",
        {"ef_percent": 23, "pah": "mild", "rvsp_mmhg": 43},
    ),
    (
        "At peak stress: EF 69 %, RVSP 58 mmHg\nAt rest: EF 57 %, RVSP 31 mmHg",
        {"ef_percent": 57, "rvsp_mmhg": 31},
    ),
    # What the right ventricle's block says of the pressure counts.
    (
        "RV\nEF: 60 %\nRVSP: 33 mmHg\n\nLV\nEF: 41 %\nRWMA: yes",
        {"ef_percent": 41, "rvsp_mmhg": 33, "rwma": "present"},
    ),
]


MARKED: list[tuple[str, dict[str, Any]]] = [
    ("EF: 65% (peak), 55% (rest)\nPAH: moderate (peak), mild (rest)", {"ef_percent": 55, "pah": "mild"}),
    ("EF: RV 38 %, LV 56 %", {"ef_percent": 56}),
    ("RWMA   nil - today; present - earlier", {"rwma": "absent"}),
    ("Stage | 20 ug | 10 ug | Baseline\nHR | 115 | 100 | 70\nLVEF | 61 | 61 | 66", {"ef_percent": 66}),
    ("LVEF class: [ ] <30 %  [x] 30-39 %  [ ] 40-49 %\nLVEF: 32 %", {"ef_percent": 32}),
    ("LVEF: 61 %\nPASP normal < 35 mmHg", {"pah": "not_stated", "rvsp_mmhg": None}),
]


@pytest.mark.parametrize(("text", "expected"), [*MARKED, *TABLES, *CHOICES, *ITEMS, *BLOCKS])
def test_the_answer_that_counts_is_read(text: str, expected: dict[str, Any]) -> None:
    found = read_report_text(text).findings.model_dump(mode="json")
    assert {field: found[field] for field in expected} == expected


@pytest.mark.parametrize(
    "text",
    [
        "PH nil <35 | mild 36-50 | mod 51-70 | sev >70\nLVEF: 44 %",
        "PAH\n  none\n  mild\n  moderate\n  severe\nLVEF: 44 %",
        "Wall motion   normal | hypo | a- | dys\nPAH   N.A.\nLVEF: 44 %",
    ],
)
def test_a_key_and_choices_that_nobody_made_are_no_grade(text: str) -> None:
    found = read_report_text(text).findings
    assert (found.pah.value, found.rwma.value, found.ef_percent) == ("not_stated", "not_stated", 44)


@pytest.mark.parametrize(
    ("text", "ef_percent"),
    [
        # Names above, one of them a field's, and prose that only looks like names and answers.
        ("EDV ESV SV EF FS\n173 107 66 38 17", 38),
        ("EF = 0,55   FS = 0,29   GLS = -19,4", 55),
        ("RVSP thresholds of this clinic\n 30 or less: leave alone\nMeasured today\n LVEF 51 %", 51),
    ],
)
def test_what_only_looks_like_a_form_is_left_as_it_is(text: str, ef_percent: float) -> None:
    assert read_report_text(text).findings.ef_percent == ef_percent


@pytest.mark.parametrize(
    "row",
    [
        "RWMA;",
        "no\n",
        "RWMA\nno\n",
        "EF | 55 | ",
        "PAH: none  mild  ",
        "Rest\nEF 50\n",
        "a  ",
        "RWMA [ ] Yes ",
    ],
)
def test_a_form_without_an_end_is_read_at_once(row: str) -> None:
    assert read_report_text(row * (12_000 // len(row))).findings is not None
