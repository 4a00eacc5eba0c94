"""Values of plain sentences that nobody has reason to doubt, and some that somebody has."""

from __future__ import annotations

import pytest
from readings import light

CLEAR = [
    ("- Mild PAH\n- No clot", "pah"),
    ("- Severe TR, moderate PAH\n- No vegetation", "pah"),
    ("- No PAH\n- Mild AR", "pah"),
    ("There is hypokinesia of the septum and the right ventricle is normal.", "rwma"),
    ("The inferior wall is hypokinetic with good RV function.", "rwma"),
    ("The apex is akinetic although there is no pulmonary hypertension.", "rwma"),
    ("The inferior wall is hypokinetic and there is no pericardial effusion.", "rwma"),
    ("Pulmonary hypertension is severe, the inferior wall is hypokinetic.", "rwma"),
    ("The pulmonary artery pressure is moderately raised, and the septum is hypokinetic.", "rwma"),
    ("Akinetic apex | good LV function (EF 56%)", "rwma"),
    ("RWMA in the inferior wall\nNormal PA pressure", "rwma"),
    ("Est. PASP = 41 mmHg", "rvsp_mmhg"),
    ("There is mild PAH, whereas the RVSP is 41 mmHg.", "rvsp_mmhg"),
    ("No rise in the pulmonary artery pressure.", "pah"),
    ("There is hypokinesia affecting the lateral wall.", "rwma"),
    ("The LVEF was 33% and right ventricular function is preserved.", "ef_percent"),
    ("The LV is not dilated although the ejection fraction is 44%.", "ef_percent"),
    ("Mean PA pressure 21 mmHg. RVSP of 38 mmHg", "rvsp_mmhg"),
    ("Peak gradient 42 mmHg, LVEF 58%", "ef_percent"),
    ("Left ventricle EF 57%, right ventricle EF 47%.", "ef_percent"),
    ("Limited bedside echo: EF 38%, moderate PAH.", "pah"),
]
DOUBTED = [
    ("- Mild PAH\n- None\n- No clot", "pah"),
    ("EF not above 45%, at peak exercise 30%", "ef_percent"),
    ("LV function is normal. LVEF 33%.", "ef_percent"),
    ("Limited echo windows, EF about 40%, if correct", "ef_percent"),
    ("At peak the EF is 70%.", "ef_percent"),
    ("PASP 38 mmHg. PA systolic pressure 61 mmHg", "rvsp_mmhg"),
    ("PAH mild - no", "pah"),
    ("Asynergy of the LV wall: mild\nHypokinesia of the septum: none", "rwma"),
    ("The inferior wall is hypokinetic and contraction is normal.", "rwma"),
    ("Hypokinesia of the inferior wall\nNormal study", "rwma"),
]


@pytest.mark.parametrize(("text", "field"), CLEAR)
def test_a_plain_finding_is_green(text: str, field: str) -> None:
    assert light(text, field) == "green"


@pytest.mark.parametrize(("text", "field"), DOUBTED)
def test_a_second_answer_beside_it_is_not(text: str, field: str) -> None:
    assert light(text, field) != "green"
