"""Sentences on lines of their own, without full stops: what the line above says is not of the next one."""

from __future__ import annotations

import pytest

from labeling.rules.report import read_report_text

ABOVE = [
    "Aortic regurgitation is mild",
    "The mitral regurgitation is moderate",
    "LV hypertrophy was severe",
    "Left atrial dilatation appears mild",
    "The degree of tricuspid regurgitation is mild",
    "Pericardial effusion is small and RA dilatation is moderate",
    "MR is mild to moderate",
    "Diastolic dysfunction remains mild",
    "The mitral valve is thick and the stenosis is severe",
    "RV dysfunction: mild",
]
BELOW = [
    ("Pulmonary hypertension is absent", "pah", "none"),
    ("Pulmonary hypertension was not seen", "pah", "none"),
    ("PAH - absent", "pah", "none"),
    ("Pulmonary artery pressure is normal", "pah", "none"),
    ("Hypokinesia of the inferior wall", "rwma_severity", "not_stated"),
    ("Hypokinetic septum", "rwma_severity", "not_stated"),
]


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
@pytest.mark.parametrize("above", ABOVE)
@pytest.mark.parametrize(("below", "field", "value"), BELOW)
def test_a_grade_that_closes_its_line_is_not_of_the_next(
    above: str, gap: str, below: str, field: str, value: str
) -> None:
    found = read_report_text(f"{above}{gap}{below}").findings.model_dump(mode="json")
    assert found[field] == value
    assert field != "rwma_severity" or found["rwma"] == "present"


@pytest.mark.parametrize(
    ("text", "pah"),
    [
        ("The pulmonary hypertension is mild\nto moderate.", "moderate"),
        ("There is mild\npulmonary hypertension.", "mild"),
        ("Right heart: dilated, with moderate\nPulmonary Hypertension.", "moderate"),
        ("Pulmonary hypertension is moderate\nTricuspid regurgitation is trivial", "moderate"),
        ("Pulmonary hypertension is severe\nRV function is normal", "severe"),
    ],
)
def test_a_grade_before_its_name_runs_on(text: str, pah: str) -> None:
    assert read_report_text(text).findings.pah.value == pah
