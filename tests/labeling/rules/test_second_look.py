"""A second, plain look at a page: what is left over beside a value, and what a silent field is spoken of in,
is a person's.
"""

from __future__ import annotations

import pytest
from readings import light

from labeling.readers.rules import RulesReader
from labeling.rules.surroundings.sentences import SENTENCES, DoubtKind

SPOKEN_OF = [
    ("Item; Entry\nRVSP; 61; mmHg\nPHT; severe;", "pah"),
    ("Pul. vasc. press. : normal", "pah"),
    ("LVEDD  RVSP  PH\n 51     44   2+", "pah"),
    ("ph_class: moderate", "pah"),
    ("LV segs squeeze evenly", "rwma"),
    ("Every segs of the LV contracting nicely", "rwma"),
    ("Adding 5 gives a right ventricular systolic of 49 mmHg", "rvsp_mmhg"),
    ("P A systolic about 62", "rvsp_mmhg"),
    ("Anterior  N\nSeptal    N\nInferior  H\nLateral   N\nEF 50", "rwma"),
]
LEFT_OVER = [
    ("Septal kinesia of the LV - akinesia: normal", "rwma"),
    ("Inferior wall hypokinesia, grade of it moderate on all views", "rwma"),
    ("No RWMA.\nThe apex is scarred and bulges.", "rwma"),
    ("LVEF 45%-or-so-50%.\nEF 38 by the second reader", "ef_percent"),
    ("EF 40-to 45 %", "ef_percent"),
    ("PASP at least 55 mmHg", "rvsp_mmhg"),
    ("RVSP 44-or-50 mmHg", "rvsp_mmhg"),
]
BELOW_THE_SIGNATURE = [
    ("LVEF 60 %\nNo PAH\nDr. A. Rao\nFor teaching: akinesia of the apex", "rwma"),
    ("No RWMA.\nAbbreviations in use: LA - left atrium.\nLVEF 35 %", "ef_percent"),
]
# Nothing is left over, and nobody speaks of the field.
PLAIN = [
    ("Inferior wall hypokinesia, no clot. Mild MR.", "rwma"),
    ("Hypokinesia of the apex. Aorta normal.", "rwma"),
    ("LVEF 60 %. RV normal. Moderate TR.", "rwma"),
    ("LVEF 60 %. TR gradient 30 mmHg. BP 130/80 mmHg.", "rvsp_mmhg"),
    ("LVEF 60 %. Pulmonary valve normal. Normal pulmonary venous flow.", "pah"),
    ("RVSP 38 mmHg (normal < 35)", "rvsp_mmhg"),
    ("Dr. A. Rao\nLVEF 60 %. No RWMA. No PAH.", "rwma"),
]


@pytest.mark.parametrize(("text", "field"), [*SPOKEN_OF, *LEFT_OVER, *BELOW_THE_SIGNATURE])
def test_what_is_left_over_is_looked_at(text: str, field: str) -> None:
    assert light(text, field) != "green"


@pytest.mark.parametrize(("text", "field"), PLAIN)
def test_an_ordinary_page_stays_green(text: str, field: str) -> None:
    assert light(text, field) == "green"


def test_a_person_is_told_why() -> None:
    said = RulesReader().read_text("LVEF 60 %\nRVSP up to 44 mmHg")
    assert SENTENCES[DoubtKind.BOUND] in [check.reason for check in said.checks]


HEADS = [
    ("Listing criteria: EF > 40 %; no severe pulmonary hypertension.\nPASP 36 mmHg", "pah"),
    ("LV WM n. RV free wall hypok.\nEF 55.", "rwma"),
]


@pytest.mark.parametrize(("text", "field"), HEADS)
def test_a_head_reaches_over_semicolons_and_short_words_are_words(text: str, field: str) -> None:
    assert light(text, field) != "green"
