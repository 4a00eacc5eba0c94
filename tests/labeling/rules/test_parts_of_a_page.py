"""Other studies, corrections, questions, asides, exports and coded letters on a page: wordings of our own."""

from __future__ import annotations

from typing import Any

import pytest

from labeling.readers.rules import RulesReader
from labeling.rules.parts.broken_words import join_broken_words
from labeling.rules.report import read_report_text
from labeling.trust.light import light_of_fields

STUDIES = [
    (
        "ECHO OF 04/05/2025 (current)\nEF 58 %, RWMA none, PAH none\n"
        "ECHO OF 11/06/2021 (outside copy)\nEF 31 %, apical akinesia, severe PAH, RVSP 64 mmHg",
        {"ef_percent": 58, "rwma": "absent", "pah": "none", "rvsp_mmhg": None},
    ),
    (
        "Study of 12-03-2020\nLVEF 33 %; PAH severe\nStudy of 14-03-2024\nLVEF 52 %; PAH mild",
        {"ef_percent": 52, "pah": "mild"},
    ),
    (
        "Course\n 2011 inferior MI, EF 41 %\n 2018 CABG, EF 37 %, mild PAH\nCurrent echo\n LVEF 32 %\n"
        " severe PAH, RVSP 66 mmHg\nOptions\n A. valve clip (needs EF 20-50 %)\n B. pump (EF < 25 %)",
        {"ef_percent": 32, "pah": "severe", "rvsp_mmhg": 66},
    ),
    # Two dates of one study, and one old study alone, are no two studies.
    (
        "Echo report 02/02/2024\nEF 47 %\nReport printed 05/02/2024\nmild PAH",
        {"ef_percent": 47, "pah": "mild"},
    ),
]
CORRECTIONS = [
    ("LVEF 64 %\nNo RWMA\nErratum: LVEF is 46 %, not 64 %.", {"ef_percent": 46, "rwma": "absent"}),
    ("PASP 55 mmHg\nCORRECTION 3/4: PASP 35 mmHg", {"rvsp_mmhg": 35}),
    (
        "Change to the wall motion part\n was: 'no RWMA'\n now: 'akinesia of the apex'\nEF 40 %",
        {"rwma": "present", "ef_percent": 40},
    ),
    (
        "Draft (trainee): EF 50-55 %, no PAH\nFinal (consultant): EF 38 %; mild PAH",
        {"ef_percent": 38, "pah": "mild"},
    ),
    ("PAH: ~~severe~~ mild (Dr K.)", {"pah": "mild"}),
    (
        "This copy replaces one in which the EF was printed as 75 % by a typing error.\nEF: 42 %",
        {"ef_percent": 42},
    ),
]
QUESTIONS = [
    ("EF below 35 %?  NO (58 %)", {"ef_percent": 58}),
    (
        "LVEF < 40 %?      No, LVEF 51 %\nPASP > 50 mmHg?   No, PASP 33 mmHg",
        {"ef_percent": 51, "rvsp_mmhg": 33},
    ),
    ("EF < 30 %?  NO", {"ef_percent": None}),
]
ASIDES = [
    ("PAH Heart Laboratory\nEF 61 %, no RWMA\nCopy to PAH records", {"pah": "not_stated", "rwma": "absent"}),
    ("RWMA Clinic (Riverside Western Medical Associates)\nNo RWMA", {"rwma": "absent"}),
    ("Mitral stenosis, pressure half time (PHT) 190 ms\nAR PHT 410 ms\nEF 60 %", {"pah": "not_stated"}),
    ("MVA by PHT 1.1 cm2, moderate PHT", {"pah": "moderate"}),
    (
        "ICD-10: I27.0 (primary pulmonary hypertension); I42.0\nEF 44 %",
        {"pah": "not_stated", "ef_percent": 44},
    ),
    ("Reason code list: AKINESIA / EF<40 / PAH SEVERE\nLVEF 57 %, no PAH", {"ef_percent": 57, "pah": "none"}),
    ("Clause 7: claims for PAH need severe PAH.\nEF 35 %\nMild PAH", {"pah": "mild"}),
    (
        "Key to PAH: PASP <36 nil, 36-45 mild, >60 severe\nPASP 41 mmHg",
        {"pah": "not_stated", "rvsp_mmhg": 41},
    ),
    ("Model confidence EF 92 %   RWMA 81 %\nLVEF 49 %", {"ef_percent": 49, "rwma": "not_stated"}),
    ("No PAH [severe PAH would shift the septum]\nEF 55 %", {"pah": "none", "ef_percent": 55}),
    ("For your information people with an EF of 55% or more\nare considered normal.", {"ef_percent": None}),
]
PEOPLE = [
    (
        "EF 63%\nno RWMA\nno PAH\ndont think of ur dads EF 25",
        {"ef_percent": 63, "rwma": "absent", "pah": "none"},
    ),
    ("Mother: LVEF 59%, no PAH\nFetus (22 wk): shortening fraction 35%", {"ef_percent": 59, "pah": "none"}),
    ("EF at implant 30 %\nNo echo today", {"ef_percent": None}),
]
FORMS = [
    ('<ef unit="%" low="52" high="72">44</ef>\n<pah>none</pah>', {"ef_percent": 44, "pah": "none"}),
    ('"lvef": 51,\n"rwma": false,\n"pah": true', {"ef_percent": 51, "rwma": "absent"}),
    (
        "          AI     Confirmed\nLVEF %     50     56\nRVSP mmHg  41     33",
        {"ef_percent": 56, "rvsp_mmhg": 33},
    ),
    (
        "         REST            | NOTES\nLVEF     46 %            | target was 55 %\n"
        "Ant wall mild hypokinesia| akinetic in 2014",
        {"ef_percent": 46, "rwma": "present", "rwma_severity": "mild"},
    ),
    (
        "LVEF   FS     LAVI E/E'    TAPSE   PASP\n62     35     29   8       21      24",
        {"ef_percent": 62, "rvsp_mmhg": 24},
    ),
    ("Wall motion (N/H/A/D):\n Ant N  AntSep N  InfSep H  Inf A  Lat N\nEF 41 %", {"rwma": "present"}),
    ("Anterior  N N N\nSeptal    N N N\nInferior  N N N\n(N = normal, H = hypokinetic)", {"rwma": "absent"}),
    ("PA pressure   normal / mild / moderate / **SEVERE**", {"pah": "severe"}),
    ("without: RWMA / clot / shunt\nwith: mild PAH", {"rwma": "absent", "pah": "mild"}),
]
DAMAGED = [
    ("Hypokin esia of the infer ior wa ll\nRV5P 41 rnmHg", {"rwma": "present", "rvsp_mmhg": 41}),
    ("mild pulmonary arte-\nrial hypertension", {"pah": "mild"}),
    ("RWMA no\nPAH no\nvalves: fine", {"rwma": "absent", "pah": "none"}),
    ("Wall motion and thickening are normal.", {"rwma": "absent"}),
    ("Inferior wall thinned (5 mm), bright and non-contractile", {"rwma": "present"}),
    ("PA pressure by duct gradient: systemic 80 - 50 = 30 mmHg", {"rvsp_mmhg": 30}),
    (
        "Compared with 2020 the EF has risen from 35% to 55%, the septal hypokinesis has resolved and "
        "there is no regional wall motion abnormality now.",
        {"ef_percent": 55, "rwma": "absent"},
    ),
]


@pytest.mark.parametrize(
    ("text", "expected"), [*STUDIES, *CORRECTIONS, *QUESTIONS, *ASIDES, *PEOPLE, *FORMS, *DAMAGED]
)
def test_parts_of_a_page_that_are_not_todays_report_give_no_value(
    text: str, expected: dict[str, Any]
) -> None:
    found = read_report_text(text).findings.model_dump(mode="json")
    assert {field: found[field] for field in expected} == expected


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("wa ll mot ion", "wall motion"),
        ("hyper tension of the lung", "hyper tension of the lung"),
        ("normal wall", "normal wall"),
        ("Infer ior", "Inferior"),
    ],
)
def test_only_words_with_a_half_that_is_none_are_put_together(text: str, joined: str) -> None:
    letters, came_from = join_broken_words(text, list(range(len(text))))
    assert letters == joined
    assert [text[at] for at in came_from] == list(joined)


TABLES = [
    ("EF | Wall Motion | PA Pressure | Pericardium\n66 % | Normal | 24 mmHg, normal | Normal",
     {"ef_percent": 66, "rwma": "absent", "pah": "none", "rvsp_mmhg": 24}),
    ("item;value;unit\nlvef;51;%\nrvsp;72;mmHg\nph;moderate;\ntr;severe;",
     {"ef_percent": 51, "rvsp_mmhg": 72, "pah": "moderate"}),
    ("<LVEF_BIPLANE> 61\n<RWMA_PRESENT> no\n<PASP> 25\n<PH_PRESENT> no\n<MR_GRADE> 1",
     {"ef_percent": 61, "rwma": "absent", "pah": "none", "rvsp_mmhg": 25}),
    ("              Feb 2023     May 2024 (today)\nLVEF %        31           47\n"
     "Apical wall akinetic     mildly hypokinetic",
     {"ef_percent": 47, "rwma": "present", "rwma_severity": "mild"}),
    ("Limits are printed in the grey column\nLVEF      >52      41      LOW\nRVSP      <36      44      HIGH",
     {"ef_percent": 41, "rvsp_mmhg": 44}),
    ("Men: LVEF 52-72; women: LVEF 54-74; sPAP up to 35 mmHg\nsPAP not measurable", {"rvsp_mmhg": None}),
    ("Cube formula: EF 49\nArea-length: EF 38\nMOD-BP: EF 34", {"ef_percent": 34}),
    ("LV function: <normal>  reduced\nNumber: 62 %", {"ef_percent": 62}),
    ("Today's report (top) and that of 2018 (bottom).\n-- top --\nEF 59 %. No PAH.\n-- bottom --\n"
     "EF 64 %. RVSP 47 mmHg, mild PAH.", {"ef_percent": 59, "pah": "none", "rvsp_mmhg": None}),
    ("Comparison: 03/02/2022 - EF 58%, no RWMA\nToday\nLVEF is 41%\nNew hypokinesia of the lateral wall",
     {"ef_percent": 41, "rwma": "present"}),
    ("History: MI 2018 with EF 28% and apical akinesia, PAH then severe.\nStudy of 09 June 2025:\nLVEF 51%.\n"
     "No wall motion abnormality is left.\nPA pressure normal.",
     {"ef_percent": 51, "rwma": "absent", "pah": "none"}),
    (
        "RWMA cannot be excluded in the poorly seen inferior wall\nEF 54%",
        {"ef_percent": 54, "rwma": "not_stated"},
    ),
    ("Contraction is diffusely reduced but clearly more so in the apical parts, EF 38%", {"rwma": "present"}),
    ("The left ventricle is of normal size and shows mild hypokinesis of the apex; all remaining segments "
     "thicken well.", {"rwma": "present", "rwma_severity": "mild"}),
    ("Kinetics of the walls homogeneous, no segmental deficit", {"rwma": "absent"}),
    ("SPAP 24 to 29 mm Hg = normal", {"pah": "none"}),
    ("Study | EF | RWMA | PH\nNow   | 51 | mild hypokinesis inferior | none\n"
     "Then  | 34 | akinesis inferior | moderate", {"ef_percent": 51, "rwma_severity": "mild", "pah": "none"}),
    ("Rest: no RWMA, EF 62. Stress: lateral hypokinesis, EF 51.", {"ef_percent": 62, "rwma": "absent"}),
    ("Wall motion score index = 1.0. LVEF 61.", {"rwma": "absent", "ef_percent": 61}),
    ("TR Vmax 2.8 m/s (31 mmHg) + RA 8 = 39 mmHg", {"rvsp_mmhg": 39}),
    ("Upper limit of normal for PASP is 35 mmHg; ours is 44.", {"rvsp_mmhg": 44}),
    ("Aim EF > 50 on tablets. Now 43 %. PASP goal < 40, measured 46 mmHg.", {"ef_percent": 43}),
    ("Report A (today): LVEF 57 %. No RWMA.\nReport B (2018): LVEF 33 %. Apical akinesis. Moderate PAH.",
     {"ef_percent": 57, "rwma": "absent", "pah": "not_stated"}),
    ("LVEF 58 %\nAddendum 6 May: EF by contrast 44 %, apical hypokinesis present.",
     {"ef_percent": 44, "rwma": "present"}),
    ("LVEF 58 %\nAddendum: Request form stated old EF of 25%. I see none of it.", {"ef_percent": 58}),
    ("lvef,rvsp,ph,rwma\n46,53,moderate,inferior hypokinesis", {"ef_percent": 46, "pah": "moderate"}),
    ("EF 48%\nCopied forward from 2021: Severe PAH, RVSP 80. Inferior wall akinetic. EF 36%.",
     {"ef_percent": 48, "rwma": "not_stated", "pah": "not_stated"}),
]  # fmt: skip
NOT_GREEN = [
    ("Anterior wall akinetic   hypokinetic   normal", "rwma"),
    ("RVSP 34 mmHg\nsPAP not measurable", "rvsp_mmhg"),
    ("--- one ---\nEF 55 %\n--- two ---\nEF 56 %, RVSP 48 mmHg", "rvsp_mmhg"),
    ("Visual EF 48\nArea-length EF 38", "ef_percent"),
    ("Pump: fair, 42 %", "ef_percent"),
    ("EF by: eye 52; Simpson 44; 3D 45", "ef_percent"),
    ("WALL MOTION | EF | LUNG PRESSURE\nsymmetric   | 61 | 24", "rwma"),
    ("WALL MOTION | EF | LUNG PRESSURE\nsymmetric   | 61 | 24", "rvsp_mmhg"),
    ("LV FUNCTION | RV FUNCTION | PULM. PRESSURE\nEF 61 %     | normal      | normal", "pah"),
    ("All of its walls pull equally. EF 60 %", "rwma"),
    ("Severe inferior hypokinesia. EF 40 %. Mild inferior hypokinesia.", "rwma"),
    ("Right-sided pressures fine", "pah"),
]


@pytest.mark.parametrize(("text", "expected"), TABLES)
def test_tables_and_narratives_give_the_value_of_today(text: str, expected: dict[str, Any]) -> None:
    found = read_report_text(text).findings.model_dump(mode="json")
    assert {field: found[field] for field in expected} == expected


@pytest.mark.parametrize(("text", "field"), NOT_GREEN)
def test_answers_side_by_side_and_silence_beside_words_want_a_person(text: str, field: str) -> None:
    assert light_of_fields(RulesReader().read_text(text))[field].value != "green"
