"""Lines that end in the middle of what they say: between a name and its number, in a name, in a bracket."""

from __future__ import annotations

import pytest
from readings import light

from labeling.rules.report import read_report_text

TORN = [
    # A name, and its number on the next line.
    ("Doppler study.\nTR trivial, RVSP\n27 mmHg. Pericardium normal.", "rvsp_mmhg", 27.0),
    ("Moderate PAH (PASP\n54 mmHg).\nNo clot.", "rvsp_mmhg", 54.0),
    ("RVSP\n38 mmHg, mild PAH.\nModerate MR.", "rvsp_mmhg", 38.0),
    ("PASP\n41 mmHg (normal range up to 35 mmHg)\nTAPSE 19 mm", "rvsp_mmhg", 41.0),
    ("PA pressure:\n24 mmHg, no PAH.\nPericardium: normal.", "rvsp_mmhg", 24.0),
    ("RVSP, normal:\n22 mmHg. No clot.", "rvsp_mmhg", 22.0),
    ("Left ventricular ejection fraction,\n48%, is lower than last year.", "ef_percent", 48.0),
    ("Ejection fraction LV:\n61%\nsPAP\n29 mmHg\nNo effusion.", "ef_percent", 61.0),
    ("Ejection fraction LV:\n61%\nsPAP\n29 mmHg\nNo effusion.", "rvsp_mmhg", 29.0),
    ("Peak PA pressure\n44 mmHg.", "rvsp_mmhg", 44.0),
    # A word that wants a number.
    ("The ejection fraction is greater than\n55%.", "ef_percent", 55.0),
    ("LVEF was visually estimated to be\n52 percent. No clot.", "ef_percent", 52.0),
    ("The ejection fraction is between\n40 and 45%.", "ef_percent", 42.5),
    ("Ejection fraction is only\n25%.", "ef_percent", 25.0),
    ("Severe LV dysfunction, LVEF around\n20 %.\nSevere MR.", "ef_percent", 20.0),
    # A word that no sentence ends with, or none begins with.
    ("EF has\ndropped to 35%.", "ef_percent", 35.0),
    ("LVEF is moderately\nreduced at 38 %.\nMild MR.", "ef_percent", 38.0),
    ("The EF is within\nnormal limits at 58%.", "ef_percent", 58.0),
    ("Moderate hypokinesia\nof the lateral wall with trace MR.\nThe ejection fraction is 42%.",
     "rwma_severity", "moderate"),
    ("Mild akinesia\nis seen in the apex. LVEF is 45%.", "rwma", "present"),
    ("A small area of akinesia\ninvolves the lateral wall and\nthe apex.", "rwma", "present"),
    # A name.
    ("Ejection\nFraction.......... 57%\nRegional wall motion....... Normal", "ef_percent", 57.0),
    ("TR with moderate\nPAH (PASP = 52 mm Hg)\nGrade 1 diastolic dysfunction", "pah", "moderate"),
    ("6. TV: Mild TR.\n7. PA: Moderate\nPAH.\n8. Pericardium: Normal.", "pah", "moderate"),
    ("Moderate residual\nPAH, RVSP 51 mmHg.\nINR 2.5.", "pah", "moderate"),
    ("LV EF by biplane\nSimpson, 51%.\nNo clot.", "ef_percent", 51.0),
    # A bracket.
    ("RVSP: 31 mmHg (normal\n< 35 mmHg)", "pah", "not_stated"),
    ("EF (Teichholz) 66%, EF (biplane\nSimpson) 59%.", "ef_percent", 59.0),
    ("Ejection fraction 42% (previously\n55%).", "ef_percent", 42.0),
    # A name, and its answer on the next line.
    ("Pulmonary hypertension\nAbsent\nIntracardiac thrombus\nAbsent", "pah", "none"),
    ("Regional wall motion.......\nNormal\nPA systolic pressure.......\n22 mmHg", "rwma", "absent"),
    ("Regional wall motion abnormality:\nAbsent\nDiastolic function: Normal", "rwma", "absent"),
    ("Pulmonary hypertension:\nmild (44 mmHg)\nPericardium: normal", "pah", "mild"),
    ("PA pressures:\nnormal.\nNo clot.", "pah", "none"),
    ("Parameter | Result | Reference\nLVEF\n| 63 % | 55 - 70\nLA | 33 mm | 19 - 40", "ef_percent", 63.0),
]  # fmt: skip
# Names below each other and their numbers below them belong together in the order in which they stand.
STACKED = [
    ("FS\nEF\n32 %\n60 %", "ef_percent", 32.0),
    ("RVSP\nPASP at rest\n70 mmHg\n35 mmHg", "rvsp_mmhg", 70.0),
    ("LVOT PG\nRVSP\n12 mmHg\n36 mmHg\nTAPSE 18 mm", "rvsp_mmhg", 12.0),
    ("RWMA\nPAH\nabsent\nmild", "pah", "none"),
]
# Lines that are whole, one below the other.
WHOLE = [
    ("No RWMA\nPAH mild\nMR severe", "pah", "mild"),
    ("MR moderate\nPAH severe\nEF 40 %", "pah", "severe"),
    ("Mitral regurgitation: severe\nPAH: absent", "pah", "none"),
    ("Apex: akinetic\nSeptum normal\nEF 40 %", "rwma", "present"),
    ("RVSP\nnot measurable\nBP 120/80 mmHg", "rvsp_mmhg", None),
    ("TR present, RVSP not obtained\n35 mmHg is the mean gradient of the aortic valve.", "rvsp_mmhg", None),
]


def _value(text: str, field: str) -> object:
    return read_report_text(text).findings.model_dump(mode="json")[field]


@pytest.mark.parametrize(("text", "field", "value"), TORN)
def test_a_line_torn_in_two_is_read_as_one(text: str, field: str, value: object) -> None:
    assert _value(text, field) == value


@pytest.mark.parametrize(("text", "field", "value"), WHOLE)
def test_lines_that_are_whole_stay_apart(text: str, field: str, value: object) -> None:
    assert _value(text, field) == value


@pytest.mark.parametrize(("text", "field", "wrong"), STACKED)
def test_no_number_goes_to_the_name_just_above_it_where_names_are_stacked(
    text: str, field: str, wrong: object
) -> None:
    assert _value(text, field) != wrong or light(text, field) != "green"


@pytest.mark.parametrize(
    ("text", "field", "answer"),
    [
        ("Wall motion: No\nsegmental wall motion abnormality was found. Valves: No MR.", "rwma", "absent"),
        ("Wall motion: no\nobvious regional abnormality. EF 55", "rwma", "absent"),
        ("Pulmonary pressure: No\nevidence of pulmonary hypertension.", "pah", "none"),
        ("LV clot: No\nApex akinetic", "rwma", "present"),
        ("PDA: no\nMild PAH", "pah", "mild"),
    ],
)
def test_a_no_at_the_end_of_a_line_opens_what_it_denies_or_closes_its_own_name(
    text: str, field: str, answer: str
) -> None:
    assert getattr(read_report_text(text).findings, field) == answer
    assert light(text, field) == "green"
