"""Lists and columns of walls, names and answers in rows, values of two days, denials in other languages."""

from __future__ import annotations

import pytest

from db.labels import Light
from labeling.readers.rules import RulesReader
from labeling.rules.report import read_report_text
from labeling.trust.light import light_of_fields

LISTS_OF_WALLS = [
    ("Inferior wall, lateral wall: hypokinetic", ["inferior", "lateral"]),
    ("Anterior, septal and apical walls: akinetic. EF 30%", ["anterior", "septal", "apical"]),
    ("Apex, anterior wall - hypokinetic", ["anterior", "apical"]),
    ("Inf, post, lat walls HK. EF 40", ["inferior", "posterior", "lateral"]),
    ("Walls: anterior normal, septum hypokinetic, inferior normal", ["septal"]),
    ("Hypokinetic segments:\n- basal inferior\n- mid inferior\n- basal inferolateral\nEF 45%",
     ["inferior", "inferolateral", "basal", "mid"]),
    ("Akinetic segments: apex, distal septum\nEF 35 %", ["septal", "apical"]),
    # What stands below the list is no part of it.
    ("Hypokinetic walls:\n1. Inferior\n2. Posterior\nNo clot.", ["inferior", "posterior"]),
    ("RWMA:\n- anterior wall\n- septum\nEF: 40%", ["anterior", "septal"]),
    ("Septum | Apex | Inferior | Lateral\nN | AK | HK | N", ["inferior", "apical"]),
    ("Wall motion\nAnterior   Septal   Inferior\nnormal     hypokinetic   normal", ["septal"]),
    ("Wall     Anterior   Septal   Inferior\nMotion   normal   mild hypo   normal", ["septal"]),
    ("ANT   SEP   INF   LAT   APEX\nAK    AK    HK    N     DK",
     ["anterior", "septal", "inferior", "apical"]),
    ("Wall | Basal | Mid\nInferior | HK | HK\nAnterior | N | N", ["inferior", "basal", "mid"]),
    ("N = normal, H = hypokinetic, A = akinetic\n        Ant   AntSep   Inf\nBasal   N     N        N\n"
     "Mid     H     A        N", ["anterior", "anteroseptal", "mid"]),
]  # fmt: skip
VALUES = [
    ("Anterior | Septal | Inferior | Lateral\nNormal | Normal | Normal | Normal", "rwma", "absent"),
    ("Hypokinetic segments:\nnone", "rwma", "absent"),
    ("Akinetic segments: nil\nDyskinetic segments: nil", "rwma", "absent"),
    # One row of names, one of answers.
    ("LVEF / RWMA / PAH / PASP: 55 % / nil / mild / 40", "ef_percent", 55.0),
    ("LVEF / RWMA / PAH / PASP: 55 % / nil / mild / 40", "rwma", "absent"),
    ("LVEF / RWMA / PAH / PASP: 55 % / nil / mild / 40", "pah", "mild"),
    ("LVEF / RWMA / PAH / PASP: 55 % / nil / mild / 40", "rvsp_mmhg", 40.0),
    ("EF / RVSP : 55 / 45", "rvsp_mmhg", 45.0),
    ("EF, RWMA, PAH : 60%, nil, mild", "pah", "mild"),
    ("RWMA / PAH / clot : nil / mild / nil", "rwma", "absent"),
    ("LVEF/RVSP 35%/60mmHg", "ef_percent", 35.0),
    ("LVIDd/LVIDs/EF: 48/32/60", "ef_percent", 60.0),
    ("Valves normal, RWMA / PHT: nil / mild", "pah", "mild"),
    ("RWMA + / PAH -", "rwma", "present"),
    ("RWMA + / PAH -", "pah", "none"),
    ("Clot 0, WMA +, PH 0", "pah", "none"),
    ("RWMA 0 PAH 0", "rwma", "absent"),
    # Names and answers without a sign between them.
    ("MR mild PAH nil TR trivial", "pah", "none"),
    ("MR moderate PAH mild TR trivial", "pah", "mild"),
    ("TR mild PAH no RWMA no EF 60", "pah", "none"),
    ("TR mild PAH no RWMA no EF 60", "rwma", "absent"),
    ("MR nil PAH present EF 60", "pah", "present_unspecified"),
    ("MR nil RWMA inferior EF 45", "rwma", "present"),
    ("MR - nil RWMA - present PAH - mild EF - 45", "rwma", "present"),
    ("RWMA: nil PAH: moderate Clot: nil EF: 60", "pah", "moderate"),
    ("RWMA + PAH - EF 45", "pah", "none"),
    ("No MR TR mild PAH nil", "pah", "none"),
    ("RWMA no PAH no clot", "pah", "none"),
    ("mild MR no PAH", "pah", "none"),
    ("Mild MR TR mild PAH. EF 50", "pah", "mild"),
    # Another name's word, and a right heart before the EF.
    ("RV normal PA pressure raised EF 60", "pah", "present_unspecified"),
    ("LV function normal PA pressure moderately elevated", "pah", "moderate"),
    ("PA pressure: N\nEF: 60", "pah", "none"),
    ("TR is mild\nPAH is moderate", "pah", "moderate"),
    ("There is mild\nPAH", "pah", "mild"),
    ("Normal RV - EF 60 - no RWMA", "ef_percent", 60.0),
    ("Dilated LA/RA   EF 30%   Global HK", "ef_percent", 30.0),
    ("RVEF 45 %", "ef_percent", None),
    ("EF > 55-60 %", "ef_percent", 57.5),
    ("LV/RV EF 60", "ef_percent", 60.0),
    ("Fair LV function, EF\n45. Inferior RWMA.", "ef_percent", 45.0),
    ("Severe PH: no other abnormality. EF 60", "pah", "severe"),
    ("Pulmonary hypertension: Yes, moderate", "pah", "moderate"),
    ("EF45 inf hypo MR mild PAH nil", "pah", "none"),
    ("ef 40, inferior akinesia, no ph", "pah", "none"),
    ("PAH- mild. EF 60", "pah", "mild"),
    ("PAH- nil. EF 60", "pah", "none"),
    ("PAH -> mild. EF 60", "pah", "mild"),
    ("Moderate TR, PAH present, EF 60", "pah", "present_unspecified"),
    ("severe ph, rvsp 80 mmhg, ef 60", "pah", "severe"),
    ("urine ph 6, ef 60", "pah", "not_stated"),
    ("EF ca. 45%", "ef_percent", 45.0),
    ("EF: 60% (Teich), 52% (Simpson)", "ef_percent", 52.0),
    ("PASP 30 mmHg, normal LV function", "pah", "not_stated"),
    ("EF 60. RWMA 0. PAH 0.", "pah", "none"),
    ("Ph No. 9845012345\nEF 60", "pah", "not_stated"),
    # Of two values the one of now, at rest, or by the better method.
    ("EF 25 > 41 %", "ef_percent", 41.0),
    ("LVEF peak / rest 50 / 66", "ef_percent", 66.0),
    ("EF peak 70, rest 60", "ef_percent", 60.0),
    ("EF pre-op 25, post-op 41", "ef_percent", 41.0),
    ("RVSP 70 before surgery, now 45", "rvsp_mmhg", 45.0),
    ("EF A4C, A2C, BP: 50, 54, 52", "ef_percent", 52.0),
    ("EF: A4C 50, A2C 54, BP 52", "ef_percent", 52.0),
    ("View, A4C, A2C, BP\nEF, 50, 54, 52", "ef_percent", 52.0),
    ("View,A4C,A2C,BP\nEF,50,54,52", "ef_percent", 52.0),
    ("EF; normal 52-72; 55", "ef_percent", 55.0),
    ("EF, normal 52-72, 55", "ef_percent", 55.0),
    ("RVSP; normal <35; 48", "rvsp_mmhg", 48.0),
    ("PH severe before surgery, now moderate", "pah", "moderate"),
    ("PAH was severe, now mild", "pah", "mild"),
    ("PAH severe at admission, moderate today", "pah", "moderate"),
    ("Pre PTMC severe PAH, post PTMC mild PAH", "pah", "mild"),
    ("PAH mild now, severe before surgery", "pah", "mild"),
    ("PAH has come down from severe to moderate", "pah", "moderate"),
    ("PH moderate last year; now none", "pah", "none"),
]
SIDE_BY_SIDE = [
    # The right heart beside a wall of the left one.
    ("Inferior akinesis with RV dysfunction, EF 40%", "present"),
    ("Hypokinetic septum with normal RV, EF 40", "present"),
    ("Inferior wall and RV hypokinetic. EF 45%.", "present"),
    ("RA RV normal apex akinetic LVEF 35", "present"),
    ("RV dilated and there is hypokinesia of the septum.", "present"),
    ("The RV is normal with no regional wall motion abnormality.", "absent"),
    ("LVEF 60%, TAPSE 22 mm, RV normal, no regional wall motion abnormalities.", "absent"),
    ("LV and RV hypokinetic globally. EF 20%", "absent"),
    ("RV dilated and hypokinetic. EF 60", "not_stated"),
    ("Mild RV free wall hypokinesia. EF 60%", "not_stated"),
    ("RV function reduced, free wall akinetic. LVEF 60", "not_stated"),
    ("Lateral wall hypokinesia of the RV", "not_stated"),
    # Columns, and numbers within a line.
    ("No clot       Inferior wall HK\nNo PE         EF 45%", "present"),
    ("LV not dilated      RWMA present\nLVEF 50%            PAH nil", "present"),
    ("AV: no AS, no AR     Apex akinetic\nMV: no MS            EF 30%", "present"),
    ("1) No LVH 2) RWMA involving apex 3) EF 42", "present"),
    ("(1) No MR (2) Inferior hypokinesia (3) EF 45%", "present"),
    ("No      RWMA", "absent"),
    ("No regional wall      motion abnormality", "absent"),
    ("No clot / LVEF = 45 % / akinetic apex", "present"),
    ("Inferior HK | no MR | EF 48", "present"),
    ("Inferior wall hypokinetic | no PE", "present"),
    ("No MR & inferior hypokinesia, EF 48", "present"),
    # Only the name before is denied.
    ("No MR inferior hypokinesia EF 48", "present"),
    ("No PE RWMA+ EF 40", "present"),
    ("No akinesia, mild inferior hypokinesia. EF 50", "present"),
    ("LV apical aneurysm no MR EF 30%", "present"),
    ("No PAH, apical aneurysm, EF 30%", "present"),
    ("Apical aneurysm, IAS intact, EF 30%", "present"),
    ("LV apical aneurysm with dilated aorta, EF 35%", "present"),
    ("Aneurysm of the ascending aorta. LV apex normal", "not_stated"),
    ("Normal RV with hypokinetic inferior wall, EF 45.", "present"),
    ("Inferior akinesia without RV involvement, EF 45", "present"),
    ("ICD lead in RV apex, anterior wall akinetic, EF 25", "present"),
    ("Inferior RWMA - normal RV function - EF 48", "present"),
    ("Global hypokinesia of RV, No regional wall motion abnormality", "absent"),
    ("Apical akinesis\tno thrombus\tEF 25%", "present"),
    ("2D echo: EF 40%, No clot, RWMA\n+", "present"),
    ("LVWM: normal", "absent"),
    ("RWMA+ No PAH", "present"),
    ("RWMA and PAH absent. EF 60", "absent"),
    ("RWMA, PAH, clot not seen. EF 60", "absent"),
    ("Negative for RWMA, PAH, clot. EF 60", "absent"),
    ("Wall motion grossly normal. EF 60.", "absent"),
    ("PW hypokinetic. EF 45", "present"),
    ("Akin. apex. EF 35", "present"),
    ("RV apical hypokinesia, LV normal", "not_stated"),
    ("No MR, AR, TR, PAH, RWMA.", "absent"),
    ("No MR, AR, TR, PAH, RWMA in apex.", "present"),
    ("Wall motion: no hypokinetic, akinetic or dyskinetic segments.", "absent"),
    ("Inferior wall: normal\nAnterior wall: normal\nLateral wall: normal\nSeptum: normal", "absent"),
    ("Anterior: normal\nInferior: hypokinetic\nLateral: normal\nSeptum: normal\nApex: normal", "present"),
    ("IVS normal\nPW normal\nLA normal\nRA normal", "not_stated"),
    ("Anterior | Posterior | Lateral\n10 | 11 | 12\nEF 60", "not_stated"),
    # Hypokinesia in two letters, and short.
    ("A/K apex, H/K septum, EF 35", "present"),
    ("Hypo inf wall, EF 45", "present"),
    ("LV global hypo, EF 25", "absent"),
    ("HK - inf, inf-lat. EF 45", "present"),
    ("LAD terr HK, EF 42", "present"),
    ("HK seen in septum. EF 45", "present"),
    ("No HK, EF 60", "absent"),
    ("Gen. HK, EF 30", "absent"),
    ("Dr HK Rao, EF 60. No RWMA", "absent"),
]
# Another name's grade is not the one of now, and printed options are no answers.
UNSURE = [
    ("Severe PAH now, moderate TR", "pah", "severe"),
    ("Severe PAH before, now moderate TR", "pah", "severe"),
    ("RWMA / LV clot : present / absent", "rwma", "present"),
]
DENIED = [
    "Keine RWMA. Keine PAH.",
    "RWMA: keine\nPAH: keine",
    "EF 55 %. Pas de RWMA. Pas de PAH.",
    "Sin RWMA, sin PAH. LVEF 60",
    "No hay RWMA. No hay PAH",
    "RWMA: no hay\nPAH: no hay",
    "Nessuna RWMA, nessuna PAH",
    "RWMA non presente, PH non presente",
    "Sem RWMA. Sem PAH.",
    "RWMA yok. PAH yok.",
    "RWMA nahi hai. PAH nahi.",
    "No se observa RWMA ni PAH",
]
LOST_WALLS = [
    "Old anterior infarct with thinning",
    "Old IWMI. Inferior wall thin and echogenic",
    "Thinning of the anterior septum",
    "Healed infarct, posterior wall",
    "Anterior wall, septum, apex: normal",
]


def _findings(text: str) -> dict[str, object]:
    return RulesReader().read_text(text).findings.model_dump(mode="json")


@pytest.mark.parametrize(("text", "walls"), LISTS_OF_WALLS)
def test_every_wall_of_a_list_or_a_table_is_read(text: str, walls: list[str]) -> None:
    read = _findings(text)
    assert (read["rwma"], read["rwma_walls"]) == ("present", walls)


@pytest.mark.parametrize(("text", "field", "value"), VALUES)
def test_an_answer_is_taken_for_the_name_it_is_of(text: str, field: str, value: object) -> None:
    assert _findings(text)[field] == value


def test_a_value_of_a_row_keeps_its_own_place_on_the_page() -> None:
    text = "LVEF / RWMA / PAH / PASP: 55 % / nil / mild / 40"
    read = read_report_text(text)
    assert text[slice(*read.number_spans["ef_percent"])] == "55 %"
    assert text[slice(*read.spans["pah"])].endswith("mild")


@pytest.mark.parametrize(("text", "rwma"), SIDE_BY_SIDE)
def test_a_wall_is_read_whatever_stands_beside_it(text: str, rwma: str) -> None:
    assert _findings(text)["rwma"] == rwma


@pytest.mark.parametrize(("text", "field", "value"), UNSURE)
def test_an_answer_that_may_be_another_names_is_never_taken_for_sure(
    text: str, field: str, value: object
) -> None:
    read = RulesReader().read_text(text)
    is_green = light_of_fields(read)[field] is Light.GREEN
    assert read.findings.model_dump(mode="json")[field] == value or not is_green


@pytest.mark.parametrize("text", DENIED)
def test_a_denial_in_another_language_denies(text: str) -> None:
    read = _findings(text)
    assert (read["rwma"], read["pah"]) == ("absent", "none")


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("LV function: 45\nRWMA: nil", "ef_percent"),
        ("Severe PH with normal RV EF 60", "ef_percent"),
        ("LV systolic function is\nseverely impaired with an EF\nof no more than 30%.", "ef_percent"),
        ("PAP: 46", "rvsp_mmhg"),
        ("Normal right heart size and pressures.", "pah"),
        ("Normal\nRVSP of 25 mmHg.", "pah"),
    ],
)
def test_a_field_that_is_spoken_of_in_vain_is_for_a_person(text: str, field: str) -> None:
    read = RulesReader().read_text(text)
    value = read.findings.model_dump(mode="json")[field]
    assert value not in (None, "not_stated") or light_of_fields(read)[field] is not Light.GREEN


@pytest.mark.parametrize("text", LOST_WALLS)
def test_a_wall_that_was_lost_or_a_list_of_normal_ones_is_for_a_person(text: str) -> None:
    read = RulesReader().read_text(text)
    assert read.findings.rwma.value == "not_stated"
    assert light_of_fields(read)["rwma"] is not Light.GREEN
    beside = RulesReader().read_text("Interatrial septum thin, ECG: old inferior infarct. EF 60")
    assert light_of_fields(beside)["rwma"] is Light.GREEN
