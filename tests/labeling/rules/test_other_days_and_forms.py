"""Lines of another day beside today's, and forms that set labels, lists and numbers in ways of their own."""

from __future__ import annotations

import pytest
from readings import light

from labeling.rules.report import read_report_text

# What another day says is not taken where today says something of its own; a person looks all the same.
OF_TODAY = [
    ("Prev. study 3/2/2025: LVEF 31 %, RVSP 66 mmHg\nLVEF 44 %\nRVSP 39 mmHg", "ef_percent", 44.0),
    ("Prev. study 3/2/2025: LVEF 31 %, RVSP 66 mmHg\nLVEF 44 %\nRVSP 39 mmHg", "rvsp_mmhg", 39.0),
    ("Before AVR: LVEF 33 %, PASP 70 mmHg.\nLVEF 51 %\nPASP 36 mmHg", "rvsp_mmhg", 36.0),
    ("Yesterday's figures: EF 58, RVSP 64\nEF 49 %\nRVSP 41 mmHg", "rvsp_mmhg", 41.0),
    ("DONOR RECORD  female 28, echo EF 67 %\nAutoLV: EF 55 %", "ef_percent", 55.0),
    ("She had a stent; at that time her ejection fraction was 29%.\nThe ejection fraction is 46%.",
     "ef_percent", 46.0),
    ("History: stent in 2020, EF then 33%.\nLV EF (Simpson): 50 %\nFindings:\nNo RWMA", "ef_percent", 50.0),
]  # fmt: skip
READ = [
    ("Wall motion: no regional disorder", "rwma", "absent"),
    ("LV contracts well without regional disturbance.", "rwma", "absent"),
    ("Wall motion regular in all segments", "rwma", "absent"),
    ("Regional function: no abnormality.", "rwma", "absent"),
    ("No wall motion abnormality, regional or global.", "rwma", "absent"),
    ("I find no regional or global wall motion abnormality.", "rwma", "absent"),
    ("WM: hypokinetic mid inferior segment, other segments normal", "rwma", "present"),
    ("Findings, none: RWMA, thrombus", "rwma", "absent"),
    ("RV free wall: moderately hypokinetic\nLV: normal wall motion", "rwma", "absent"),
    ("RWMA : Present / *Absent", "rwma", "absent"),
    ("RVSP: 41 mm Hg   PAH: mild", "pah", "mild"),
    ("Findings, moderate: TR, RA dilatation, PAH", "pah", "moderate"),
    ("PAH : *Nil / Mild / Moderate / Severe", "pah", "none"),
    ("Pulmonary artery pressure normal: RVSP = 27 mmHg + RAP 3 mmHg.", "pah", "none"),
    ("Pulmonary hypertension: absent (moderate in report 12, withdrawn)", "pah", "none"),
    ("Pul. art. press. : normal", "pah", "none"),
    ("LVEF / RVEF (3D): 52 % / 40 %", "ef_percent", 52.0),
    ("RVSP / RAP: 43 mmHg / 8 mmHg", "rvsp_mmhg", 43.0),
    ("EF biplane  L 38  {52-72}", "ef_percent", 38.0),
    ("L.V. Ejectn. Fractn.: 51 %", "ef_percent", 51.0),
    ("LV Ejec.Fraction 40%-to-45%", "ef_percent", 42.5),
    ("Method      EF\nTeichholz   64\nBiplane     53", "ef_percent", 53.0),
    ("RVSP\n44\n", "rvsp_mmhg", 44.0),
    ("LV pumping 61 % (ejection fraction)", "ef_percent", 61.0),
    ("Assessment: moderate AS, mild pulmonary hypertension.", "pah", "mild"),
    ("LV walls normal in movement.", "rwma", "absent"),
    ("Inf WMA+ : basal inf hypok.\nConcl: LVSD mild-mod, WMA as above.", "rwma_severity", "not_stated"),
    ("Date        LVEF  RVSP  PH        Wall\n02/2024     50    32    none      inferior hypo\n"
     "12/2025     40    44    mild      inferior hypo\nthis visit  34    51    moderate  inferior akinetic",
     "pah", "moderate"),
    ("Adding 8, a right ventricular systolic of 52 mmHg", "rvsp_mmhg", 52.0),
]  # fmt: skip
NOT_TODAYS = [
    ("Type      EF\nHFrEF     40 or less\nHFmrEF    41 to 49\nHFpEF     50 or more\nNot done.", "ef_percent"),
    ("PH grade 0 / 1 / 2 / 3 : 2", "pah"),
]


def _value(text: str, field: str) -> object:
    return read_report_text(text).findings.model_dump(mode="json")[field]


@pytest.mark.parametrize(("text", "field", "value"), OF_TODAY)
def test_another_day_is_left_out_and_looked_at(text: str, field: str, value: object) -> None:
    assert (_value(text, field), light(text, field)) == (value, "amber")


@pytest.mark.parametrize(("text", "field", "value"), READ)
def test_forms_are_read_as_they_are_meant(text: str, field: str, value: object) -> None:
    assert _value(text, field) == value


@pytest.mark.parametrize(("text", "field"), NOT_TODAYS)
def test_what_nobody_measured_is_not_green(text: str, field: str) -> None:
    assert light(text, field) != "green"
