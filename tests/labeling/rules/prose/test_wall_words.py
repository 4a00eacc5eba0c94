"""Wall motion and what stands around it in plain sentences, and findings in a row with commas."""

from __future__ import annotations

import pytest
from readings import light

from labeling.rules.report import read_report_text

SAID = [
    ("The left ventricle contracts homogeneously.", "rwma", "absent"),
    ("LV contracts evenly.", "rwma", "absent"),
    ("Left ventricular contraction is uniform.", "rwma", "absent"),
    ("The walls of the LV contract equally well.", "rwma", "absent"),
    ("Good contraction of all LV walls.", "rwma", "absent"),
    ("No abnormality of segmental wall motion.", "rwma", "absent"),
    ("No kinetic disorders.", "rwma", "absent"),
    ("Regional kinetics preserved.", "rwma", "absent"),
    ("Contractility: normal in all segments", "rwma", "absent"),
    ("Regional wall motion, normal.", "rwma", "absent"),
    ("LVWM: normal", "rwma", "absent"),
    ("The examination did not show any regional wall motion abnormality.", "rwma", "absent"),
    ("No regional wall motion abnormality could be seen.", "rwma", "absent"),
    ("We could not see any regional wall motion abnormality.", "rwma", "absent"),
    ("RWMA: 0 EF 58%.", "rwma", "absent"),
    ("The posterior wall shows severely reduced motion.", "rwma_severity", "severe"),
    ("The inferior septum shows reduced motion.", "rwma", "present"),
    # Findings in a row.
    ("LVEF 33%, IVC normal, moderate pulmonary hypertension", "pah", "moderate"),
    ("Good LV function (EF 58%), IAS intact, mild PAH", "pah", "mild"),
    ("Severe PAH, no\npericardial effusion.", "pah", "severe"),
    ("Tricuspid regurgitation: mild, no PAH", "pah", "none"),
    ("LAVI 36 ml/m2, RWMA in the lateral wall", "rwma", "present"),
    ("No clot, grade II diastolic dysfunction, akinesia of the apex", "rwma", "present"),
    ("Quality of images: fair. EF 42%. Septum akinetic. Mild PAH.", "ef_percent", 42.0),
    ("sPAP ca. 39 mmHg", "rvsp_mmhg", 39.0),
    ("Normal PASP, 27 mmHg.", "rvsp_mmhg", 27.0),
    ("Normal PASP, estimated at 27 mmHg.", "rvsp_mmhg", 27.0),
    ("Normal right ventricular systolic pressure: 27 mmHg", "rvsp_mmhg", 27.0),
    ("PASP normal: 27 mmHg.", "pah", "none"),
    ("Normal\nRVSP of 27 mmHg.", "pah", "none"),
    ("Moderately raised\nPASP, 55 mmHg.", "pah", "moderate"),
    ("Severe\nPAH - 70 mmHg", "pah", "severe"),
    ("TR is mild\nPulmonary hypertension, severe", "pah", "severe"),
    # Several things that are normal at once.
    ("Normal: chamber size, wall motion, valves and pulmonary pressure.", "rwma", "absent"),
    ("Normal: chamber size, wall motion, valves and pulmonary pressure.", "pah", "none"),
    ("Valves are normal, as are wall motion and pulmonary artery pressure.", "pah", "none"),
    ("Wall motion, valves and pulmonary artery pressure are all normal.", "rwma", "absent"),
    ("Wall motion, valves and pulmonary artery pressure are all normal.", "pah", "none"),
    (
        "1) Clinical information: palpitations\n2) EF 52%.\n3) The PA pressure is mildly raised.",
        "pah",
        "mild",
    ),
    ("PA pressure about\n43 mmHg", "rvsp_mmhg", 43.0),
]
OPEN = [
    ("- LV SYSTOLIC FUNCTION\nMildly reduced\n44%\n- No clot", "ef_percent"),
    ("Wall motion, chambers and valves were looked at and are not all normal.", "rwma"),
    ("Normal, mild, moderate, severe PAH", "pah"),
    ("PAH: no, mild, moderate, severe", "pah"),
    ("Wall motion: normal, hypokinetic, akinetic", "rwma"),
    ("Normal RVSP: 35 mmHg\nPatient: not measured", "rvsp_mmhg"),
    ("Poor echo windows might not show a regional wall motion abnormality.", "rwma"),
    ("Regional wall motion abnormality could not be excluded.", "rwma"),
]


def _value(text: str, field: str) -> object:
    return read_report_text(text).findings.model_dump(mode="json")[field]


@pytest.mark.parametrize(("text", "field", "value"), SAID)
def test_it_is_read_in_plain_words(text: str, field: str, value: object) -> None:
    assert _value(text, field) == value


@pytest.mark.parametrize(("text", "field"), OPEN)
def test_what_is_left_open_is_not_read_in_green(text: str, field: str) -> None:
    is_silent = _value(text, field) in (None, "not_stated")
    assert (is_silent and field != "ef_percent") or light(text, field) != "green"
