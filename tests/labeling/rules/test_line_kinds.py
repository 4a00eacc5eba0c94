"""Every line has a kind before a rule takes a value: sentences of our own by kind, and what they leave."""

from __future__ import annotations

import pytest
from readings import light

from db.labels import EfOperator, Findings, Pah, Rwma
from labeling.readers.rules import RulesReader
from labeling.rules.kinds.passages import LineKind
from labeling.rules.kinds.sort_out import sort_out
from labeling.rules.normalise import normalise
from labeling.rules.report import read_report_text
from labeling.trust.light import light_of_fields

DENIED = [
    "N0 RWMA noted", "No: RWMA", "NO- RWMA", "no;RWMA", "N.O. RWMA", "RWMA : N O", "RWMA - N0", "RWMA (N0)",
    "w/o RWMA", "NlL RWMA", "RWMA= nil", "RWMA -> No", "No R W M A", "\u039d\u039f RWMA",
    "\uff2e\uff2f \uff32\uff37\uff2d\uff21", "RWMA neg", "No SWMA seen", "Wall motion - N", "RWM: Normal",
    "No regional dyssynergy", "Regional LV function normal", "Good contraction of all segments",
    "[x] No RWMA", "RWMA: [ ] Yes [x] No", "RWMA:\n[ ] Yes\n[x] No", "RWMA (present/absent): Absent",
    "RWMA was excluded",
]  # fmt: skip
MAY_BE_DENIED = ["Nc RWMA", "Mo RWMA", "HO RWMA", "N9 RWMA", "RWMA: NQ", "RWMA: lo"]
NO_WALL_FINDING = [
    "RWMA [ ] Present [ ] Absent", "RWMA (Yes/No)", "RWMA: present or absent", "RWMA - Nil / Present",
    "Wall motion: Normal/Hypokinetic/Akinetic/Dyskinetic", "RWMA: ____",
    "RWMA stands for regional wall motion abnormality.",
    "Regional wall motion abnormality = RWMA",
    "Abbreviations: LV, left ventricle; RWMA, regional wall motion abnormality",
    "Key:\nRWMA  regional wall motion abnormality\nEF  ejection fraction",
    "The study includes: LVEF, RWMA and PASP.",
    "We assess LVEF, RWMA and PAH in every study.",
    "Scoring: 1 normal, 2 hypokinesis, 3 akinesis, 4 dyskinesis",
    "It is not possible to exclude RWMA", "No comment can be made on RWMA",
    "Image quality precludes assessment of RWMA",
    "Absence of RWMA cannot be confirmed", "This study does not exclude inducible RWMA.", "RWMA - N/A",
    "Request: ?RWMA\nReport: LVEF 61 %", "K/C/O inferior wall hypokinesia\nECHO: LVEF 61 %",
    "Old records: anterior wall akinesia.\nFindings: LVEF 61%",
    "Echo 2018: RWMA of inferior wall. Current study: LVEF 61 %.",
    "Past history: PAH, RWMA\nFindings: LVEF 61%", "RWMA: Yes   No", "RWMA: Yes O No X", "RWMA Yes' []No M",
]  # fmt: skip
NO_PRESSURE_WORD = [
    "PAH: Nil | Mild | Moderate | Severe", "PAH Y/N", "PAH: ] Nil ] Mild ] Moderate ] Severe",
    "PAH: [ ] None [ ] Mild [ ] Moderate [ ] Severe",
    "PAH means pulmonary arterial hypertension.", "PHT - pulmonary hypertension", "PAH : -----",
    "Mild PAH 36-50 mmHg, moderate PAH 51-70 mmHg, severe PAH >70 mmHg", "PAH can not be commented upon",
    "Absence of TR does not exclude pulmonary hypertension", "PAH is not ruled out", "Doubtful PAH",
    "Indication: severe PAH\nFINDINGS: LV normal. LVEF 61 %",
    "Clinical impression: PAH\nMEASUREMENTS\nLVEF 61%",
]  # fmt: skip
PRESSURE_WORDS = [
    ("No:pulmonary hypertension", Pah.NONE), ("PAH - N O", Pah.NONE), ("No P.A.H.", Pah.NONE),
    ("PAH: [ ] None [x] Mild [ ] Moderate [ ] Severe", Pah.MILD),
    ("PAH (nil/mild/moderate/severe): Mild", Pah.MILD),
    ("PAH Nil[ ] Mild[ ] Moderate[x] Severe[ ]", Pah.MODERATE), ("Severe TR/PAH", Pah.SEVERE),
    ("Moderate MR/TR, mild PAH", Pah.MILD), ("Mild MR/mild TR/no PAH", Pah.NONE),
    ("MR/TR/PAH: mild", Pah.MILD),
    ("Moderate pulm. art. HTN", Pah.MODERATE), ("Severe P.H.T.", Pah.SEVERE), ("Mild P H T", Pah.MILD),
    ("Near systemic PA pressure", Pah.PRESENT_UNSPECIFIED), ("Mild Pulm.HTN", Pah.MILD),
]  # fmt: skip
WALLS_PRESENT = [
    "Inf wall hypok", "Apex akin", "Lat wall hypo", "Hypo-kinetic anterior wall", "Apical ballooning seen",
    "RWMA [x] Yes [ ] No", "RWMA (present/absent): Present", "SWMA+",
]  # fmt: skip
OF_THE_PATIENT = [
    "EF (Normal: 52-71 %) 43 %", "LVEF [N: 52-75] 43", "EF Ref 50-71 43", "EF | 52-75 | 43", "EF|43|52-75",
    "EF 43% [52-75%]", "Normal EF 52-71 %. Patient EF 43 %.", "Parameter  Normal  Patient\nEF  52-75  43",
    "Name  Min  Max  Value\nLVEF  52  72  43", "Name  Value  Min  Max\nLVEF  43  52  72",
    "EF (M 52-72, F 54-74) 43",
    "LVEF normal = 52-71 %, observed = 43 %", "EF \u226552 43", "EF: 52-75 / 43", "LVEF\t52-75\t43",
    "EF grading: mild 45-54, moderate 30-44, severe <30. EF: 43 %", "LVEF 43%; ICD if LVEF <35%",
    "LVEF 43 %\nNormal >55, mild 45-54, moderate 30-44, severe <30", "EDV ESV EF\n100 57 43",
    "EF FS EDV\n43 19 110",
    "EDV (ml) | ESV (ml) | EF (%)\n110 | 63 | 43", "View EDV ESV EF\nBiplane 110 63 43", "EF%\n43",
    "Parameter  Previous  Today\nLVEF  30  43", "Parameter  Today  Previous\nLVEF  43  30", "EF 40/46%",
    "EF 40~46%",
    "02/01/2020: LVEF 30 %\n07/06/2022: LVEF 43 %", "Ej. Fraction 43 %", "LVEJF 43%", "LVEF \uff14\uff13 %",
    "RVEF/LVEF: 51/43", "LVEF \u096a\u0969 %",
]  # fmt: skip
OF_NOBODY = [
    "EF (normal 52-75 %)", "Reference range: LVEF 52-72 %", "N.V. EF 55-75",
    "LV function (tick): Normal EF>55 / Mild EF 45-54",
    "HFpEF: EF >= 50 %; HFmrEF: EF 41-49 %; HFrEF: EF <= 40 %",
    "Severity of LV dysfunction\nMild: EF 45-54%\nSevere: EF <30%",
    "Aim: LVEF above 50 %", "Consider CRT when EF <= 35 %", "EF of < 35 % is a criterion for ICD",
    "Note: EF < 40% is considered reduced; EF 40-49% mildly reduced.", "LVEF: ____ %",
    "No depressed EF (below 50 %)",
]  # fmt: skip
COMPARED = [
    ("LVEF no less than 51%", EfOperator.ABOVE), ("EF not exceeding 31%", EfOperator.BELOW),
    ("EF 31 % or less", EfOperator.BELOW),
    ("EF 61%+", EfOperator.ABOVE), ("LVEF 56% and above", EfOperator.ABOVE),
    ("EF doesn't exceed 31 %", EfOperator.BELOW),
]  # fmt: skip
PRESSURES = [
    ("PASP: TR PG 33 + RAP 8 = 41 mmHg", 41), ("TRPG + RAP: 41 mmHg", 41), ("PASP (with RAP 8) 41 mmHg", 41),
    ("syst PAP 41", 41), ("Peak exercise PASP 62 mmHg; resting PASP 41 mmHg", 41), ("R.V.S.P. 41 mmHg", 41),
    ("PASP [15-30] 41 mmHg", 41), ("Parameter  Normal  Patient\nPASP  <35  41", 41),
    ("RVSP = 33 + RAP", None),
]  # fmt: skip


# What was there, and what is offered to choose from: never green.
CHANGED = [
    ("Septal akinesia seen before has resolved.", "rwma"),
    ("The apical hypokinesia has recovered fully.", "rwma"),
    ("RWMA was present, now none", "rwma"), ("RWMA : (+) / (-)", "rwma"), ("RWMA +ve / -ve", "rwma"),
    ("No RWMA / RWMA of inferior wall (strike out one)", "rwma"), ("PAH was severe, is mild", "pah"),
    ("RVSP was 60 mmHg, today 35 mmHg", "rvsp_mmhg"), ("PA pressure: Normal ( ) Mild ( ) Severe (X)", "pah"),
]  # fmt: skip


def findings(text: str) -> Findings:
    return read_report_text(text).findings


@pytest.mark.parametrize("text", DENIED)
def test_a_damaged_or_ticked_no_is_a_denial(text: str) -> None:
    assert findings(text).rwma is Rwma.ABSENT


@pytest.mark.parametrize("text", MAY_BE_DENIED)
def test_a_short_token_that_is_no_word_leaves_the_finding_to_a_person(text: str) -> None:
    assert findings(text).rwma is Rwma.NOT_STATED
    assert light(text, "rwma") == "amber"


@pytest.mark.parametrize("text", NO_WALL_FINDING)
def test_what_is_no_finding_says_nothing_of_the_walls(text: str) -> None:
    assert findings(text).rwma is Rwma.NOT_STATED


@pytest.mark.parametrize("text", NO_PRESSURE_WORD)
def test_what_is_no_finding_says_nothing_of_pulmonary_hypertension(text: str) -> None:
    assert (findings(text).pah, findings(text).rvsp_mmhg) == (Pah.NOT_STATED, None)


@pytest.mark.parametrize(("text", "pah"), PRESSURE_WORDS)
def test_pulmonary_hypertension_is_read_in_the_words_wards_use(text: str, pah: Pah) -> None:
    assert findings(text).pah is pah


@pytest.mark.parametrize("text", WALLS_PRESENT)
def test_wall_motion_is_read_in_the_words_wards_use(text: str) -> None:
    assert findings(text).rwma is Rwma.PRESENT


@pytest.mark.parametrize("text", OF_THE_PATIENT)
def test_the_value_is_the_patients_wherever_a_range_or_key_is_printed(text: str) -> None:
    assert findings(text).ef_percent == 43


@pytest.mark.parametrize("text", OF_NOBODY)
def test_ranges_keys_and_plans_are_nobodys_value(text: str) -> None:
    assert findings(text).ef_percent is None


@pytest.mark.parametrize(("text", "operator"), COMPARED)
def test_a_turned_comparator_keeps_its_sense(text: str, operator: EfOperator) -> None:
    assert findings(text).ef_operator is operator


@pytest.mark.parametrize(("text", "mmhg"), PRESSURES)
def test_the_pressure_is_the_sum_at_rest(text: str, mmhg: float | None) -> None:
    assert findings(text).rvsp_mmhg == mmhg


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("LVEF could not be measured.", "ef_percent"), ("EF:", "ef_percent"),
        ("Eiection fractlon see above", "ef_percent"),
        ("RWMA:", "rwma"), ("Hypoknesia?", "rwma"), ("RWMA cannot be excluded.", "rwma"), ("? PAH", "pah"),
        ("Eisenmenger physiology", "pah"), ("RVSP: see trend", "rvsp_mmhg"),
        ("RVSP = 33 + RAP", "rvsp_mmhg"),
    ],
)  # fmt: skip
def test_silence_is_amber_where_a_word_of_the_field_stands(text: str, field: str) -> None:
    assert light(text, field) == "amber"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("RWMA = regional wall motion abnormality", LineKind.LEGEND), ("RWMA: Yes / No", LineKind.OPTIONS),
        ("LVEF (N 55-70) 43 %", LineKind.REFERENCE),
        ("EF mild 45-54, moderate 30-44, severe <30", LineKind.GRADING),
        ("H/O severe PAH. LVEF 61 %.", LineKind.HISTORY), ("Target EF > 50 %", LineKind.TARGET),
        ("Param  Normal  Patient\nEF  52-75  43", LineKind.HEADER_ROW),
        ("RWMA cannot be excluded", LineKind.UNDECIDED),
        ("Parameters: LVEF, RWMA, PASP", LineKind.BARE_LABEL),
    ],
)  # fmt: skip
def test_a_line_has_its_kind(text: str, kind: LineKind) -> None:
    assert kind in {passage.kind for passage in sort_out(normalise(text)).passages}


def test_the_quote_of_a_rewritten_row_is_verbatim() -> None:
    text = "EDV ESV EF\n100 57 43"
    start, end = read_report_text(text).spans["ef_percent"]
    assert text[start:end] == "EF\n100 57 43"


def test_a_plain_report_stays_green() -> None:
    reading = RulesReader().read_text("LVEF 61 %. No RWMA. No PAH. RVSP 28 mmHg.")
    assert {one.value for one in light_of_fields(reading).values()} == {"green"}


def test_the_newest_of_dates_without_a_year_is_taken_but_not_green() -> None:
    text = "ECHO 1 (4 Feb): LVEF 31 %\nECHO 2 (9 Apr): LVEF 52 %"
    assert findings(text).ef_percent == 52
    assert light(text, "ef_percent") == "amber"


@pytest.mark.parametrize(("text", "field"), CHANGED)
def test_what_has_changed_or_is_left_open_wants_a_person(text: str, field: str) -> None:
    assert light(text, field) != "green"


def test_of_what_was_and_what_is_the_newer_counts() -> None:
    assert findings("RVSP was 60 mmHg, today 35 mmHg").rvsp_mmhg == 35
    assert findings("LVEF was 30 %, now 45 %").ef_percent == 45
    assert findings("LVEF was 55 % and is normal").ef_percent == 55
