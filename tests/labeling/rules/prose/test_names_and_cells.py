"""Names in short, answers before their names, empty cells with a range, and findings parted by signs."""

from __future__ import annotations

import pytest
from readings import light

from labeling.rules.report import read_report_text

VALUES = [
    ("RVSP est. 46 mmHg", "rvsp_mmhg", 46),
    ("Preserved EF 56%. PA syst 34 mmHg.", "rvsp_mmhg", 34),
    ("PA sys pr 46 mmHg", "rvsp_mmhg", 46),
    ("Pulm art syst pressure 46 mmHg", "rvsp_mmhg", 46),
    ("Elevated PAP (50 mmHg)", "rvsp_mmhg", 50),
    ("RVSP by TR jet:\n45 mmHg", "rvsp_mmhg", 45),
    ("sPAP\nabout 42 mmHg", "rvsp_mmhg", 42),
    ("Mild pulmonary arterial hypertension, pressure 40 mmHg", "rvsp_mmhg", 40),
    ("RVSP 30 mmHg, BP 130/80 mmHg", "rvsp_mmhg", 30),
    ("TR PG/RVSP: 26/31 mmHg", "rvsp_mmhg", 31),
    ("42 mmHg RVSP", "rvsp_mmhg", 42),
    ("34 mm : LA\n60 % : EF\n28 mmHg : RVSP", "rvsp_mmhg", 28),
    ("34 mm : LA\n60 % : EF\n28 mmHg : RVSP", "ef_percent", 60),
    ("RVSP = TRPG (30) + RAP", "rvsp_mmhg", None),
    ("RVSP normal < 35 mmHg", "rvsp_mmhg", None),
    ("RVSP | NA | < 35 mmHg", "rvsp_mmhg", None),
    ("Prev. echo: RVSP 80 mmHg\nEF 60%, no RWMA", "rvsp_mmhg", None),
    ("LV fn good 60%", "ef_percent", 60),
    ("LVF: 60%", "ef_percent", 60),
    ("LV contractility good, 60%", "ef_percent", 60),
    ("LV systolic function: 45-50%", "ef_percent", 47.5),
    ("Mild LV dysfunction (45%)", "ef_percent", 45),
    ("AutoEF 52%", "ef_percent", 52),
    ("EF c. 45%", "ef_percent", 45),
    ("EF between 40 & 45%", "ef_percent", 42.5),
    ("EF 35 or 40%", "ef_percent", 37.5),
    ("35% E.F.", "ef_percent", 35),
    ("RWMA? Yes. PAH? No. EF? 45%.", "ef_percent", 45),
    ("LVEF fell from 45-50% to 30-35%.", "ef_percent", 32.5),
    ("Compared with the previous examination the ejection fraction is unchanged at 45%.", "ef_percent", 45),
    ("Baseline EF 62%, today 50%. GLS -14%.", "ef_percent", 50),
    ("EF: 55-70 normal; patient: 48", "ef_percent", 48),
    ("EF |  | 55-75\nRVSP |  | <35\nLA | 34 | 19-40", "ef_percent", None),
    ("EF: % (55 - 75)\nLA: 34 mm", "ef_percent", None),
    ("EF     Normal     55-75 %", "ef_percent", None),
    ("EF | Normal | 55-60 %", "ef_percent", 57.5),
    ("EF | 60 | 55-75", "ef_percent", 60),
    ("EF normal, on 40% FiO2", "ef_percent", None),
    ("EF normal, LMCA 50 %, LAD 70 %", "ef_percent", None),
    ("EF preserved, MR RF 45%", "ef_percent", None),
    ("R/o EF 25%\nLV size normal, good LV systolic function", "ef_percent", None),
    ("EF 45%/ inferior HK/ no PH", "pah", "none"),
    ("EF 40 | inferior HK | No PAH", "pah", "none"),
    ("- EF 45% - inferior HK - no PH", "rwma", "present"),
    ("PAH/mild. EF 60", "pah", "mild"),
    ("D8. RV pressure        22 mmHg\nD9. Pulmonary hypertension?      No", "pah", "none"),
    ("D8. RV pressure        22 mmHg\nD9. Pulmonary hypertension?      No", "rvsp_mmhg", 22),
    ("Pulmonary hypertension?   yes / no", "pah", "not_stated"),
    ("8.  Is RVSP above 50 mmHg?      No\n9.  RVSP            38 mmHg", "rvsp_mmhg", 38),
    ("TR: trace; pulmonary pressures within physiological bounds", "pah", "none"),
    ("PAH / moderate TR", "pah", "present_unspecified"),
    ("PulHTN - sev. EF 55", "pah", "severe"),
    ("Scleroderma screening: RVSP 48 mmHg, mild PAH, EF 60", "pah", "mild"),
    ("RVSP high 55 mmHg. EF 60", "pah", "present_unspecified"),
    ("Pulmonary artery\nNo hypertension", "pah", "none"),
    ("Past history: MI 2016\nInferior wall hypokinetic, EF 45%\nNo PAH", "pah", "none"),
    ("Since the last study EF has risen to 55%, PAH is no longer present.", "pah", "none"),
    ("MR    TR    PAH\nMild  Mod   Nil", "pah", "none"),
    ("RWMA      PAH    CLOT\nNil       Mild   Nil", "pah", "mild"),
    ("60 %   EF\nAbsent    RWMA\nNone      PAH", "pah", "none"),
    ("None: RWMA, PAH, clot.", "pah", "none"),
    ("Estimated systolic PA pressure is 53 mmHg. and is moderately increased.", "pah", "moderate"),
    # These stay lists with nothing chosen.
    ("PAH nil / mild / moderate", "pah", "not_stated"),
    ("RWMA present/absent", "rwma", "not_stated"),
]
LIGHTS = [
    ("EF not measured", "ef_percent", "green"),
    ("LVEF: not assessed", "ef_percent", "green"),
    ("EF not measured today; eyeball 45", "ef_percent", "amber"),
    ("EF not measured.\nVisually about 45", "ef_percent", "amber"),
    ("EF 40 | inferior HK | No PAH", "pah", "green"),
    ("EF preserved, no RWMA", "ef_percent", "green"),
    ("LVEF good", "ef_percent", "green"),
    ("EF normal, IVC collapses > 50 %", "ef_percent", "green"),
    ("LVEF:", "ef_percent", "amber"),
    ("Normal EF is 55-70", "ef_percent", "amber"),
    ("PA pressure normal, MPA 22 mm", "rvsp_mmhg", "green"),
    ("PA pressure normal, est 25", "rvsp_mmhg", "amber"),
    ("There is PAH.", "pah", "green"),
    ("PAH with PASP of 48 mmHg", "pah", "green"),
    ("PAH", "pah", "amber"),
    ("RVSP 30 mmHg, BP 130/80 mmHg", "rvsp_mmhg", "green"),
    ("3. Pulmonary artery pressures normal\n4. No vegetations", "rvsp_mmhg", "green"),
    ("EF 60 to 65 %, no RWMA, N RV, N PA pressure, no PE.", "rvsp_mmhg", "green"),
    ("Regional wall motion    Normal\nRVSP    30 mmHg", "pah", "green"),
    ("EF 63, WMA none, RVSP 29", "pah", "green"),
    ("Peak PA pressure 40 mmHg", "rvsp_mmhg", "green"),
    ("Peak exercise PA pressure 60 mmHg", "rvsp_mmhg", "amber"),
    ("RVSP: 36 mmHg [N < 35]", "rvsp_mmhg", "green"),
    ("RV pressure 46 mmHg", "rvsp_mmhg", "amber"),
    ("PA acceleration time 140 ms, PA not hypertensive.", "pah", "amber"),
    ("RV pressure 46 mmHg. PASP 30 mmHg", "rvsp_mmhg", "green"),
    ("EF 39%, TR mild with PASP 45 mmHg, LA 44.", "pah", "green"),
]


@pytest.mark.parametrize(("text", "field", "value"), VALUES)
def test_a_name_has_its_own_answer(text: str, field: str, value: float | str | None) -> None:
    assert getattr(read_report_text(text).findings, field) == value


@pytest.mark.parametrize(("text", "field", "colour"), LIGHTS)
def test_only_what_is_open_wants_a_person(text: str, field: str, colour: str) -> None:
    assert light(text, field) == colour
