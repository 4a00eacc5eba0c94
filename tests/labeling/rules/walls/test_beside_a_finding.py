"""What stands beside a finding and takes nothing back: other names, walls and kinds, and old infarcts."""

from __future__ import annotations

import pytest
from readings import light

from db.labels import RwmaSeverity
from labeling.rules.report import read_report_text

PRESENT = [
    # Another name is normal or absent.
    ("Inferior HK (no thinning). EF 48", ["inferior"]),
    ("Normal sized LV with RWMA in inferior wall, EF 45", ["inferior"]),
    ("Hypokinetic septum with normal LV cavity, EF 48", ["septal"]),
    ("Apex akinetic w/o clot, EF 30", ["apical"]),
    ("Inferior wall hypokinesia with no clot at apex", ["inferior"]),
    ("RWMA: present PAH: nil Clot: nil EF: 40", []),
    ("Normal valves inferior HK EF 45", ["inferior"]),
    # Another wall is.
    ("Hypokinetic inferior wall with normal motion of the remaining walls.", ["inferior"]),
    (
        "Anterior wall and septum hypokinetic while inferior and lateral walls are normal",
        ["anterior", "septal"],
    ),
    (
        "Inferior and posterior walls severely hypokinetic\nRest of the walls normal",
        ["inferior", "posterior"],
    ),
    ("Wall motion is normal except for hypokinesia of the apex. EF 48%.", ["apical"]),
    ("Apex akinetic, rest hypokinetic. LVEF 25%.", ["apical"]),
    # Another kind is.
    ("Not akinetic, but hypokinetic inferior wall. EF 50", ["inferior"]),
    ("Septum not akinetic, only hypokinetic.", ["septal"]),
    ("No akinesia of apex but hypokinesia.", ["apical"]),
    ("Hypokinetic/akinetic apex", ["apical"]),
    # What is named alone, and said to be there.
    ("RWMA- LAD territory", []),
    ("Multiple RWMA. EF 30%.", []),
    ("RWMA with moderate LV systolic dysfunction", []),
    ("RWMA & PAH present. EF 45", []),
    ("RWMA in the form of apical akinesia", ["apical"]),
    ("RWMA\nPresent, inferior wall", ["inferior"]),
    # Words around a finding of today.
    ("Old IWMI with inferior wall akinesia", ["inferior"]),
    ("New anterior wall hypokinesis.", ["anterior"]),
    ("Severe mitral regurgitation due to hypokinesia of the inferior wall.", ["inferior"]),
    ("The inferior wall, from base to apex, is hypokinetic.", ["inferior"]),
    ("There is mild hypokinesia, confined to the basal inferior wall.", ["inferior", "basal"]),
    ("Distal septum, apex & distal anterior wall: hypokinetic.", ["anterior", "septal", "apical"]),
]
ABSENT = [
    "RWMA not there. EF 60",
    "Both ventricles normal in size; neither shows wall motion abnormality.",
    "RWMA: Nil (N = normal, H = hypokinetic, A = akinetic, D = dyskinetic)\nEF 60%",
    "Wall motion - nothing regional",
    "No abnormality of regional contraction was noted.",
    "Regional WM: normal",
    "No hypokinesia / akinesia / dyskinesia\nEF 62 %",
    "IVS/AW/LW/IW/apex - normal",
    "Walls: Anterior normal, lateral normal, septum normal, inferior normal. EF 55%.",
    "RWMA: Anterior N, septum N, inferior N, lateral N\nEF 67%",
    "RWMA\nLAD : Nil\nRCA : Nil\nLCX : Nil",
    "RWMA  Apex:\nno  Septum: no  Inferior: no",
    "RWMA\nWall     Basal     Mid     Apical\nAnterior     Normokinetic     Normokinetic     Normokinetic\n"
    "Septal     Normokinetic     Normokinetic     Normokinetic\nLVEF 60%",
]
IN_PART = [
    ("LV contracts well except for the apex.", ["apical"]),
    ("Contractility good except apex.", ["apical"]),
    ("All segments other than the inferior contract normally.", ["inferior"]),
    ("No RWMA in LAD territory, but in RCA territory", []),
    ("Neither apex nor septum moves.", []),
]
# Not how a wall moves, or not of today.
OPEN = [
    "Wall thickness: anterior normal, septal normal, lateral normal, inferior normal",
    "Perfusion: anterior normal, septal normal, lateral normal, inferior normal",
    "Septal hypokinesia due to LBBB",
    "Septum dyskinetic (LBBB). No other regional abnormality.",
    "Hypokinesia inferior wall: not present",
    "Stress echo: rest - normal wall motion, EF 60%. Peak - hypokinesia of apex and mid septum.",
]


@pytest.mark.parametrize(("text", "walls"), PRESENT)
def test_a_finding_stays_green_whatever_is_normal_beside_it(text: str, walls: list[str]) -> None:
    findings = read_report_text(text).findings
    assert (findings.rwma, list(findings.rwma_walls)) == ("present", walls)
    assert light(text, "rwma") == "green"


@pytest.mark.parametrize("text", ABSENT)
def test_walls_that_are_all_normal_are_no_finding(text: str) -> None:
    assert read_report_text(text).findings.rwma == "absent"
    assert light(text, "rwma") == "green"


@pytest.mark.parametrize(("text", "walls"), IN_PART)
def test_what_is_normal_but_for_a_wall_is_for_a_person(text: str, walls: list[str]) -> None:
    findings = read_report_text(text).findings
    assert (findings.rwma, list(findings.rwma_walls)) == ("present", walls)
    assert light(text, "rwma") == "amber"


@pytest.mark.parametrize("text", OPEN)
def test_what_is_of_something_else_is_never_green(text: str) -> None:
    assert light(text, "rwma") != "green"


def test_a_grade_within_plain_words_is_the_walls_own() -> None:
    text = "Segmental analysis\nanterior: motility moderately diminished\ninferior: preserved"
    assert read_report_text(text).findings.rwma_severity is RwmaSeverity.MODERATE
    text = "The inferior wall does not move well."
    assert read_report_text(text).findings.rwma_severity is RwmaSeverity.NOT_STATED
