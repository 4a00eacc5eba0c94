"""Wall motion in a roundabout way: "no longer", "looked for and not found", "no RWMA but mild PAH"."""

from __future__ import annotations

import pytest
from readings import light

from db.labels import RwmaSeverity
from labeling.rules.report import read_report_text

ABSENT = [
    # What was, is sought or is not there.
    "Wall motion abnormalities were looked for and not found.",
    "We looked for wall motion abnormalities and found none.",
    "No longer any RWMA. EF 55%.",
    "Wall motion is no longer abnormal.",
    "RWMA no longer present.",
    "Neither ventricle shows a wall motion abnormality.",
    "RWMA in neither LAD nor RCA territory.",
    "None of the segments shows a wall motion abnormality.",
    # All over.
    "Hypokinesia, not regional but global.",
    "Mild global hypokinesia, no regional component",
    "Global hypokinesia rather than RWMA.",
    "Hypokinesia: global\nEF: 30%",
    "Wall motion: globally reduced\nEF: 30%",
    "RWMA: No, global hypokinesia",
    "No global or regional hypokinesia",
    # "But" opens no exception from the walls.
    "No RWMA but mild PAH.",
    "LV normal in size. No RWMA but EF only 45%",
    "No RWMA but apical hypertrophy.",
    "No RWMA but RV free wall hypokinetic.",
    "All segments contract normally, but the septum is thickened.",
    "Wall motion normal apart from RV free wall.",
    # One denial for several names.
    "Regional wall motion abnormality, pulmonary hypertension, thrombus and effusion are all absent.",
    "RWMA, PAH, clot, PE: nil",
    "All nil: MR, TR, PAH, RWMA.",
    "Both RWMA and clot are absent.",
    "No RWMA, clot or apical aneurysm.",
    # Normal in one breath with something else.
    "Wall motion and EF normal.",
    "LV: size, wall motion and function normal",
    "Normal LV size, function & wall motion. EF 60",
    "Wall thickness normal, so is wall motion.",
    "Wall motion now normal.",
    "RWMA: all walls normal",
    # The right heart beside the left.
    "No RV or LV wall motion abnormality.",
    "RV hypokinesia without LV wall motion abnormality.",
    "LV: normal size, no RWMA\nRV: dilated, hypokinetic",
    # Signs.
    "RWMA(N)",
    "RWMA \u00d8",
    "(-) RWMA, (+) mild PAH",
    "LVEF 45% (mildly reduced), no RWMA",
    "Hypokinesia - Nil\nAkinesia - Nil",
]
PRESENT = [
    ("Hypokinesia in the RCA territory", []),
    ("RWMA in LAD territory, EF 40", []),
    ("Clot not seen, RWMA in LAD territory", []),
    ("No RWMA save septal dyskinesia.", ["septal"]),
    ("No RWMA but the apex is akinetic.", ["apical"]),
    # A denial of another kind, or of more.
    ("No akinesia. Mild inferior hypokinesia.", ["inferior"]),
    ("Akinesia: none\nHypokinesia: lateral wall\nDyskinesia: none", ["lateral"]),
    ("Hypokinesia: Nil\nAkinesia: Apex\nDyskinesia: Nil", ["apical"]),
    ("Inferior HK. No other RWMA.", ["inferior"]),
    # Plain words.
    ("The inferior wall moves poorly.", ["inferior"]),
    ("Septal contractility reduced. EF 48", ["septal"]),
    ("Inferior wall moves less than the others.", ["inferior"]),
    ("Hardly any motion of the apex.", ["apical"]),
    ("Wall motion remains abnormal in the inferior wall.", ["inferior"]),
    ("Apicoseptal akinesia. EF 40", ["septal", "apical"]),
    # What is denied of the wall is no motion.
    ("Apex not aneurysmal but akinetic.", ["apical"]),
    ("The inferior wall was normal but is hypokinetic now.", ["inferior"]),
    ("Lateral wall not seen, inferior wall hypokinetic.", ["inferior"]),
    ("Inferior wall hypokinesia and mitral annular calcification", ["inferior"]),
    ("Hypokinesia of inferior wall and RV free wall.", ["inferior"]),
    ("Apical akinesia with RA clot", ["apical"]),
    # Line ends and signs between findings.
    ("Hypokinesia of the inferior wall\n\nGlobal hypokinesia of RV", ["inferior"]),
    ("There is hypokinesis of the anterior wall\nRight Ventricle\nNormal size", ["anterior"]),
    ("LVEF 45% with inferior and inferolateral\nhypokinesis; no clot", ["inferior", "inferolateral"]),
    ("EF 40 | inferior HK | No PAH", ["inferior"]),
    ("RWMA -> Present", []),
]
OPEN = [
    "No regional wall motion abnormality. Except: inferior wall.",
    "No regional wall motion abnormality outside the apex.",
    "Wall motion: normal; inferior excepted",
    "No RWMA but in the inferior wall.",
]
GRADED = [
    ("Lateral wall hypokinesia mild, EF 52", RwmaSeverity.MILD),
    ("Apex: bulges out in systole", RwmaSeverity.SEVERE),
    ("Anterior wall mildly hypokinetic, inferior wall severely.", RwmaSeverity.SEVERE),
    ("Hypokinesia of apex mild as before.", RwmaSeverity.MILD),
    ("Septum\nHK, apex\nAK, EF 35", RwmaSeverity.SEVERE),
    ("Apex hypokinetic, TR severe.", RwmaSeverity.NOT_STATED),
    ("Apex without any contraction.", RwmaSeverity.SEVERE),
    ("Mild hypokinesia of the apex, MR severe.", RwmaSeverity.MILD),
]
GONE = [
    "Inferior hypokinesia has resolved. EF 58%.",
    "Inferior akinesia gone.",
    "The inferior wall is no longer hypokinetic.",
    "CONCLUSION: SIMILAR TO PREVIOUS STUDY, EF 55%, NO RWMA",
]
STAYS = [
    "No akinesia/dyskinesia, hypokinesia of inferior wall.",
    "EF 45%/ inferior HK/ no PH",
    "The inferior wall hypokinesia has not resolved.",
    "Hypokinesia of the inferior wall has resolved; the apex is still akinetic.",
]


@pytest.mark.parametrize("text", ABSENT)
def test_what_is_denied_in_a_roundabout_way_is_absent_in_green(text: str) -> None:
    assert read_report_text(text).findings.rwma == "absent"
    assert light(text, "rwma") == "green"


@pytest.mark.parametrize(("text", "walls"), PRESENT)
def test_what_is_there_is_read_with_its_walls_in_green(text: str, walls: list[str]) -> None:
    findings = read_report_text(text).findings
    assert (findings.rwma, list(findings.rwma_walls)) == ("present", walls)
    assert light(text, "rwma") == "green"


@pytest.mark.parametrize("text", OPEN)
def test_an_exception_without_its_motion_is_for_a_person(text: str) -> None:
    assert read_report_text(text).findings.rwma == "present"
    assert light(text, "rwma") != "green"


@pytest.mark.parametrize(("text", "severity"), GRADED)
def test_a_grade_behind_and_no_motion_at_all_are_graded(text: str, severity: RwmaSeverity) -> None:
    assert read_report_text(text).findings.rwma_severity is severity


@pytest.mark.parametrize("text", GONE)
def test_what_has_gone_or_is_compared_is_absent_and_asks_a_person(text: str) -> None:
    assert read_report_text(text).findings.rwma == "absent"
    assert light(text, "rwma") == "amber"


@pytest.mark.parametrize("text", STAYS)
def test_what_has_not_gone_is_still_there(text: str) -> None:
    assert read_report_text(text).findings.rwma == "present"
