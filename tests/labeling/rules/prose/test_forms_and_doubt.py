"""Rows of forms, keys below a heading, words that prove nothing, and a "no" printed in parts."""

from __future__ import annotations

import pytest

from db.labels import Light
from labeling.readers.rules import RulesReader
from labeling.trust.light import light_of_fields

READ = [
    ("LV FUNCTION   [x] normal   [ ] reduced        EF 0.56\nMR   [x] none   [ ] mild", "ef_percent", 56.0),
    ("|EF(A4C S.P.)  |45.5 |%  |   |EF  |44.4  |%  |\n|EF(Bi.)  |46.0 |%  |   |FS |22.4 |%  |",
     "ef_percent", 46.0),
    ("14 Estimated PASP               54 mmHg\n15 Pulmonary hypertension       present, moderate\n"
     "16 Left-sided valves            none", "pah", "moderate"),
    ("NOTE PAH + , moderate", "pah", "moderate"),
    ("No_evidence_of_RWMA__EF_56_%", "rwma", "absent"),
    ("1. EF 64 %\n2. N-O  R-W-M-A\n3. N-O  P-A-H", "rwma", "absent"),
    ("RWMA : ab sent\nEF : 60 %", "rwma", "absent"),
    ("RWMA    NAD\nPAH     NAD\nLVEF    57 %", "pah", "none"),
    ("RWMA     0 of 16 segments\nEF       61 %", "rwma", "absent"),
    ("No RMWA. EF 60 %", "rwma", "absent"),
    ("16 of 16 segments score 1. EF 60 %", "rwma", "absent"),
    ("Kinetics  preserved in all territories\nEF   60 %", "rwma", "absent"),
    ("Hypertension, pulmonary: moderate", "pah", "moderate"),
    ("lvef 55 % no regional wall abnormality no clot", "rwma", "absent"),
    ("LAD area akinetic. EF 36 %.", "rwma", "present"),
    ("RCA-territory sluggish; EF 48 %", "rwma", "present"),
    ("Segments all fine. EF 51 %", "rwma", "absent"),
    ("Basal segments : normal\nMid segments : normal\nApical segments : normal\nEF : 63 %", "rwma", "absent"),
    ("Basal segments : normal\nMid segments : normal\nEF : 63 %", "rwma", "not_stated"),
    ("EF 51 % today, no RWMA, GLS -16, no effusion.", "ef_percent", 51.0),
    ("EF was 40 %, today 51 %.", "ef_percent", 51.0),
    ("no rwma. mild ph rvsp 38.", "pah", "mild"),
    ("P.A. pr. : N\nEF 57 %", "pah", "none"),
    ("Pulm. artery pr. - normal\nEF 57 %", "pah", "none"),
    ("Ejection fraction?   53 %", "ef_percent", 53.0),
    ("Ejection fraction: norm 60 \u00b1 6, found 34", "ef_percent", 34.0),
    ("Expected LVEF at this age: 55-70 per cent. Observed: 42 per cent.", "ef_percent", 42.0),
    ("Method         Teichholz    Area-length    Simpson biplane\nLVEF (%)       63           54         48",
     "ef_percent", 48.0),
]  # fmt: skip
NO_FINDING = [
    ("Class by EF:  A 50 and up   B 40-49   C 30-39\nClass of this patient: B", "ef_percent", None),
    ("Degrees: first = severe pulmonary hypertension, PASP over 60; second = moderate, 46 to 60; none = 45\n"
     "TAPSE 20 mm", "pah", "not_stated"),
    ("LV 50 mm. EF 47 %. Inferior wall hypokinetic.\n\nKey to the letters on this page\n"
     "EF    ejection fraction of the left ventricle, usual 55 and more\n"
     "RWMA  regional wall motion abnormality: akinesia, dyskinesia", "rwma_severity", "not_stated"),
    ("No usable TR envelope, hence no statement about pulmonary hypertension.", "pah", "not_stated"),
    ("Absence of a TR jet does not mean absence of PH.", "pah", "not_stated"),
    ("TR too faint. We can say nothing for or against PAH.", "pah", "not_stated"),
    ("The absence of a TR jet does not mean that pulmonary hypertension is absent.", "pah", "not_stated"),
    ("Can't swear there is no RWMA. EF 55 %", "rwma", "not_stated"),
    ("Coded diagnoses\n  I27.0 primary pulmonary hypertension\n  I25.2 old infarct with akinesia\n"
     "Echo during stay\n  EF 52 %", "rwma", "not_stated"),
    ("It would be unsafe to state that there is no RWMA.", "rwma", "not_stated"),
    ("A small inferior hypokinesia may have been missed.", "rwma", "not_stated"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "field", "value"), [*READ, *NO_FINDING])
def test_a_form_a_key_and_a_doubt_are_told_apart(text: str, field: str, value: object) -> None:
    assert RulesReader().read_text(text).findings.model_dump(mode="json")[field] == value


def test_no_better_is_no_denial() -> None:
    reading = RulesReader().read_text("PAH: no better\nEF: 45 %")
    assert reading.findings.pah.value != "none"
    assert light_of_fields(reading)["pah"] is not Light.GREEN


def test_a_denial_below_an_ef_of_the_study_is_no_history() -> None:
    text = "History: COPD\nLV size and function normal, LVEF 58 %\nNo RWMA\nRVSP 36 mmHg"
    reading = RulesReader().read_text(text)
    assert reading.findings.rwma.value == "absent"
    assert light_of_fields(reading)["rwma"] is Light.AMBER


def test_a_denial_below_an_ef_of_another_day_stays_history() -> None:
    text = "History\nAnterior MI, LVEF 35 % in 2019\nNo RWMA\nFINDINGS\nEF 55 %"
    assert RulesReader().read_text(text).findings.rwma.value == "not_stated"
