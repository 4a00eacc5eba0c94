"""Findings in one line that slashes, bars or dashes part."""

from __future__ import annotations

import pytest
from readings import light

from labeling.rules.report import read_report_text

LISTS = [
    ("No vegetation {} EF 42% {} hypokinesia of the lateral wall", "rwma", "present"),
    ("Echo showed no effusion {} LVEF about 40% {} akinetic septum {} no PAH", "rwma", "present"),
    ("Echo showed no effusion {} LVEF about 40% {} akinetic septum {} no PAH", "pah", "none"),
    ("IVC normal {} RWMA in the anterior wall {} LVEF = 38 %", "ef_percent", 38.0),
    ("Dilated LV {} EF 30%", "ef_percent", 30.0),
    ("Moderate PAH {} no RWMA", "pah", "moderate"),
    ("No RWMA {} severe pulmonary hypertension", "rwma", "absent"),
    ("Normal valves {} no clot {} normal PA pressure {} grade II diastolic dysfunction", "pah", "none"),
    ("Impression: Mild MR {} good LV function (EF 58%) {} inferior wall hypokinetic", "rwma", "present"),
    ("PASP 38 mmHg {} no effusion {} grade I diastolic dysfunction {} mild PAH", "rvsp_mmhg", 38.0),
]
# Options, names with their answers, and cells of a table.
NO_LISTS = [
    ("No PAH / mild PAH / moderate PAH / severe PAH", "pah"),
    ("PAH: nil / mild / moderate / severe", "pah"),
    ("No RWMA / RWMA present (strike out)", "rwma"),
    ("Wall motion: normal / hypokinetic / akinetic", "rwma"),
]


@pytest.mark.parametrize("sign", ["/", "|", "-"])
@pytest.mark.parametrize(("text", "field", "value"), LISTS)
def test_each_finding_of_a_line_stands_for_itself(text: str, sign: str, field: str, value: object) -> None:
    assert read_report_text(text.format(*[sign] * 5)).findings.model_dump(mode="json")[field] == value


@pytest.mark.parametrize(("text", "field"), NO_LISTS)
def test_options_are_no_findings(text: str, field: str) -> None:
    value = read_report_text(text).findings.model_dump(mode="json")[field]
    assert value == "not_stated" or light(text, field) != "green"


def test_a_dash_between_a_name_and_its_answer_stays() -> None:
    found = read_report_text("LV - EF 62% RWMA - no RV - mildly dilated\nPAH - mild").findings
    assert (found.rwma.value, found.pah.value) == ("absent", "mild")
