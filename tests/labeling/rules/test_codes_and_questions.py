"""What stands for an answer is read as one: coded segments, questions, crosses beside lines."""

from __future__ import annotations

from typing import Any

import pytest

from labeling.readers.rules import RulesReader
from labeling.rules.report import read_report_text
from labeling.trust.light import light_of_fields

CODED = [
    (
        "Wall motion score\nBasal inferior: 2\nMid inferior: 3\nApical lateral: 1",
        {"rwma": "present", "rwma_severity": "severe", "rwma_walls": ("inferior", "basal", "mid")},
    ),
    ("WMSI 1.2. Segments scored 2: basal septum, mid septum.", {"rwma": "present"}),
    ("1 = normal, 2 = hypokinetic, 3 = akinetic\nanterior wall 1\nlateral wall 1\ninferior wall 1",
     {"rwma": "not_stated"}),
]  # fmt: skip
ASKED = [
    ("Q: Any RWMA?  A: No.\nQ: Any PAH?  A: Mild.", {"rwma": "absent", "pah": "mild"}),
    ("Is there pulmonary hypertension? Ans: nil", {"pah": "none"}),
    ("Any wall motion abnormality? A: Yes - inferior wall, akinetic.", {"rwma": "present"}),
    ("RWMA:  X No   _ Yes\nPAH:  _ No   _ Mild   X Moderate   _ Severe",
     {"rwma": "absent", "pah": "moderate"}),
]  # fmt: skip
TOLD_APART = [
    ("MR MILD\nTR TRIVIAL, NO PAH\nPERICARDIUM NORMAL", {"pah": "none"}),
    ("There were no akinetic, hypokinetic or dyskinetic segments.", {"rwma": "absent"}),
    ("LV   Norm M   Norm F   Found\nLVEF   52-72   54-74   31 %", {"ef_percent": 31}),
    ("         Baseline   Cycle 3   Cycle 6 (this study)\nLVEF     66         60        49",
     {"ef_percent": 49}),
    ("The LVEF had been printed as 61 % by a typing error.\nLVEF 41 %", {"ef_percent": 41}),
    ("Stock form EF-70\nLVEF 48 %", {"ef_percent": 48}),
    ("Bay EF-40, echo at the bedside: LV good.", {"ef_percent": None}),
    ("Normal LVEF in our laboratory is 54-76 %.\nGood LV function.", {"ef_percent": None}),
    ("The apical akinesia of the earlier report was not confirmed by this study. Wall motion normal.",
     {"rwma": "absent"}),
    ("Portal hypertension (PHT) with varices. LVEF 64 %.", {"pah": "not_stated"}),
    ("Severe PAH is treated in few places. Mild PAH.", {"pah": "mild"}),
    ("Old values, do not use: severe PH.\nMild PH, EF 52 %.", {"pah": "mild", "ef_percent": 52}),
    ("Pre-ablation: LVEF 28 %\nWeek 6 (this study): LVEF 41 %", {"ef_percent": 41}),
    ("Hypokinesia of the post. wall, EF 44 %", {"rwma": "present"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), [*CODED, *ASKED, *TOLD_APART])
def test_what_stands_for_an_answer_is_read(text: str, said: dict[str, Any]) -> None:
    findings = read_report_text(text).findings
    assert {field: getattr(findings, field) for field in said} == said


@pytest.mark.parametrize("text", ["FS (EF): 31 (60) %", "LVEF 55-60 %, by biplane 46 %"])
def test_one_of_two_numbers_is_never_green(text: str) -> None:
    assert light_of_fields(RulesReader().read_text(text))["ef_percent"] == "amber"


def test_a_code_is_quoted_as_it_was_printed() -> None:
    text = "Wall motion score\nMid inferior: 3"
    reading = read_report_text(text)
    start, end = reading.spans["rwma"]
    assert text[start:end] == "Mid inferior: 3"
