"""What goes on, what is no longer there, whose history it is, and what is only normal."""

from __future__ import annotations

import pytest
from readings import light

from labeling.rules.report import read_report_text

TODAYS_HEART = "\nLV size normal, good LV systolic function\nValves normal, no effusion"
READ = [
    ("PAH moderate, no longer severe.", "pah", "moderate"),
    ("Mild PAH, no longer severe.", "pah", "mild"),
    ("PAH severe, RV no longer compensated.", "pah", "severe"),
    ("Severe PAH, no longer operable.", "pah", "severe"),
    ("Mild PAH, clot no longer seen.", "pah", "mild"),
    ("PAH no longer present.", "pah", "none"),
    ("No longer any PAH.", "pah", "none"),
    ("PA pressure is no longer raised.", "pah", "none"),
    ("PA pressure again normal.", "pah", "none"),
    ("Pulmonary artery pressure is back to normal.", "pah", "none"),
    ("Pulmonary artery pressure only mildly raised.", "pah", "mild"),
    ("PAH unchanged (mild).", "pah", "mild"),
    ("PAH: improved to mild", "pah", "mild"),
    ("PAH is now only mild.", "pah", "mild"),
    ("PAH, although mild.", "pah", "mild"),
    ("PAH not worse, mild.", "pah", "mild"),
    ("PAH without change: mild.", "pah", "mild"),
    ("PAH worse than before: moderate.", "pah", "moderate"),
    ("Severe PAH is no longer seen, only mild.", "pah", "mild"),
    ("EF better than before: 45%.", "ef_percent", 45),
    ("EF similar to before (35%).", "ef_percent", 35),
    ("EF from 55% down to 45%.", "ef_percent", 45),
    ("EF from 60% to 45% over a year.", "ef_percent", 45),
    ("EF from 40 to 45 %", "ef_percent", 42.5),
    ("RVSP from 40 to 45 mmHg", "rvsp_mmhg", 42.5),
    ("EF 30% in June. Now 50%.", "ef_percent", 50),
    ("EF was 30% in June. Now it is 50%.", "ef_percent", 50),
    ("RVSP then 60 mmHg, now 40 mmHg.", "rvsp_mmhg", 40),
    ("RVSP last year 60, today 40 mmHg.", "rvsp_mmhg", 40),
    ("PASP went from 60 to 40 mmHg.", "rvsp_mmhg", 40),
    ("EF and FS 60 and 30%.", "ef_percent", 60),
    ("LVEF and RVEF 60 and 45%.", "ef_percent", 60),
    ("PASP and mean PAP 40 and 25 mmHg.", "rvsp_mmhg", 40),
    ("Clot? No\nRWMA? Yes\nPAH? Mild", "pah", "mild"),
    ("Clot? No\nRWMA? Yes\nPAH? Mild", "rwma", "present"),
    ("- Pulmonary artery\n-  Pressure: Normal", "pah", "none"),
    # Told of another day or by another test: no finding of this one.
    *((f"{lead} severe PAH{TODAYS_HEART}", "pah", "not_stated") for lead in (
        "Prev. echo:", "Prv echo -", "Echo done 2 yrs back:", "Known:", "Known", "On sildenafil for",
        "Admitted with", "Came with", "Seen for", "To confirm", "Susp.", "ECG suggests", "Cath report:",
        "Ward diagnosis: CCF,", "Presenting complaint: dyspnoea, known",
    )),
    ("Dx: severe PAH\nLVEF 60%\nNo PAH, RVSP 28 mmHg", "pah", "none"),
    ("MRI: EF 25%\nLVEF 60%", "ef_percent", 60),
    ("2021 echo: EF 25%, severe PAH\nLVEF 60%\nNo PAH", "ef_percent", 60),
    ("Diagnosis: DCM, EF 25% in 2020\nLVEF 52%", "ef_percent", 52),
    ("RHC 2022: PASP 80 mmHg\nLVEF 60%\nRVSP 28 mmHg", "rvsp_mmhg", 28),
    (f"Prev. echo: EF 25%{TODAYS_HEART}", "ef_percent", None),
    # What is told last, or alone, stays.
    ("LVEF 45%\nDiagnosis: mild PAH", "pah", "mild"),
    ("LV gram showed an LVEF that is good, EF of 60%.\nGood LV systolic function.", "ef_percent", 60),
    # Other signs and names, and what is normal together.
    ("EF >> 40%\nPAH >> mild\nRVSP => 42 mmHg", "rvsp_mmhg", 42),
    ("PA pr. 40 mm Hg", "rvsp_mmhg", 40),
    ("PAS pressure 40 mmHg", "rvsp_mmhg", 40),
    ("Normal PA pressure 25 mmHg", "rvsp_mmhg", 25),
    ("Normal RV and PA pressure", "pah", "none"),
    ("Normal RV and PA pressure raised", "pah", "present_unspecified"),
    ("PA pressure and RV size both normal.", "pah", "none"),
    ("Wall motion, EF and PA pressure all normal.", "pah", "none"),
    # What is normal is nobody's value.
    ("EF by biplane (normal >= 55%) :", "ef_percent", None),
    ("EF normal, N > 55 %", "ef_percent", None),
    ("EF | - | > 55 %", "ef_percent", None),
    ("RVSP by TR jet (normal < 35 mmHg)", "rvsp_mmhg", None),
    ("EF normal, carotid plaque 40%", "ef_percent", None),
    ("EF preserved and >50% IVC collapse", "ef_percent", None),
]  # fmt: skip
UNSURE = [
    (f"Prev. echo: PASP 80 mmHg{TODAYS_HEART}", "rvsp_mmhg"),
    (f"Cath report: PASP 80 mmHg{TODAYS_HEART}", "rvsp_mmhg"),
    ("LVEF ( > 55% )\nFS ( > 28% ) 32 %", "ef_percent"),
    ("Known PAH", "pah"),
    ("MRI: EF 25%\nLVEF 60%", "ef_percent"),
    (f"Prev. echo: EF 25%{TODAYS_HEART}", "ef_percent"),
    ("Normal PA pressure 25 mmHg", "rvsp_mmhg"),
]


def _value(text: str, field: str) -> object:
    return read_report_text(text).findings.model_dump(mode="json")[field]


@pytest.mark.parametrize(("text", "field", "value"), READ)
def test_what_is_of_today_is_told_from_the_rest(text: str, field: str, value: object) -> None:
    assert _value(text, field) == value


@pytest.mark.parametrize(("text", "field"), UNSURE)
def test_what_may_be_of_another_day_wants_a_person(text: str, field: str) -> None:
    assert light(text, field) == "amber"
