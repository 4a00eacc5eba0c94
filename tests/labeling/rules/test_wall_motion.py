"""Regional wall motion: denials, findings, global-only weakness, hedges, and what belongs to other
structures.
"""

from __future__ import annotations

import pytest

from db.labels import Rwma, RwmaSeverity
from labeling.rules.report import read_report_text

ABSENT = [
    "No regional wall motion abnormalities.",
    "normal wall motion and wall thickening",
    "NO RWMA OF LV",
    "No segmental wall motion abnormalities were noted",
    "Regional wall motion was normal.",
    "normal global and regional wall motion",
    "RWMA : NIL",
    "RWMA - not seen",
    "Regional wall motion abnormality: None",
    "No clot, RWMA or effusion",
    "without evidence of regional wall motion abnormality",
    "All segments contract normally.",
    "Segmental contractility is preserved throughout.",
    "PARADOXICAL SEPTAL MOTION. NO RWMA",
    "No wall motion\n\nabnormalities are noted.",
]

PRESENT = [
    ("mild apical and distal inferoseptal hypokinesis", RwmaSeverity.MILD),
    ("akinesis of the inferior and inferoseptal wall", RwmaSeverity.SEVERE),
    ("There was an akinetic apical wall.", RwmaSeverity.SEVERE),
    ("inferobasal hypokinesis", RwmaSeverity.NOT_STATED),
    ("RWMA+", RwmaSeverity.NOT_STATED),
    ("RWMA: Hypokinesia of anterior wall and apex", RwmaSeverity.NOT_STATED),
    ("moderate global hypokinesis and akinesis of the anterior wall", RwmaSeverity.SEVERE),
    ("NO RWMA EXCEPT BASAL INFERIOR HYPOKINESIA", RwmaSeverity.NOT_STATED),
    ("No LV clot, RWMA present", RwmaSeverity.NOT_STATED),
    ("Anterior wall is hypokinetic, remaining segments contract normally.", RwmaSeverity.NOT_STATED),
    ("Mild hypokinesia of basal inferior wall. Severe MR.", RwmaSeverity.MILD),
    ("Moderate TR. Hypokinesia of septum.", RwmaSeverity.NOT_STATED),
    ("RWMA+, mild LV dysfunction, hypokinesia inferior segment", RwmaSeverity.NOT_STATED),
    ("Apex and anterior septum are severely hypokinetic.", RwmaSeverity.SEVERE),
    ("LV apical aneurysm noted with clot", RwmaSeverity.SEVERE),
    ("Global hypokinesia, more marked in the inferior wall", RwmaSeverity.NOT_STATED),
    ("The inferior wall moves poorly.", RwmaSeverity.NOT_STATED),
    ("NO PAH, HYPOKINESIA OF THE ANTEROSEPTAL WALL, NO CLOT", RwmaSeverity.NOT_STATED),
    ("NO PULMONARY HYPERTENSION, MODERATE HYPOKINESIA OF THE INFERIOR WALL", RwmaSeverity.MODERATE),
]

GLOBAL_ONLY = [
    "Global hypokinesis.",
    "EF 28%, global hypokinesia.",
    "Diffuse hypokinesis of the LV",
    "Global LV hypokinesia",
]

NOT_STATED = [
    "RV wall motion is severely hypokinetic.",
    "RV enlargement with severe hypokinesia of RV",
    "no demonstrated ventricular wall abnormalities",
    "Aneurysm of the ascending aorta, 4.8 cm.",
    "Atrial septal aneurysm.",
    "Large fixed perfusion defect of the inferior wall.",
    "much better regional wall motion of all segments when compared to previous study",
    "RWMA could not be assessed due to a poor window.",
    "Wall motion abnormality cannot be excluded.",
    "Septal motion is consistent with conduction abnormality.",
    "History of tardive dyskinesia.",
    "LV systolic function is normal.",
]


@pytest.mark.parametrize("text", ABSENT)
def test_a_denial_is_absent(text: str) -> None:
    findings = read_report_text(text).findings
    assert (findings.rwma, findings.rwma_severity) == (Rwma.ABSENT, RwmaSeverity.NONE)


@pytest.mark.parametrize(("text", "severity"), PRESENT)
def test_a_regional_finding_is_present_with_its_own_grade_only(text: str, severity: RwmaSeverity) -> None:
    findings = read_report_text(text).findings
    assert (findings.rwma, findings.rwma_severity) == (Rwma.PRESENT, severity)


@pytest.mark.parametrize("text", GLOBAL_ONLY)
def test_global_hypokinesia_alone_is_never_regional(text: str) -> None:
    assert read_report_text(text).findings.rwma is Rwma.ABSENT


@pytest.mark.parametrize("text", NOT_STATED)
def test_what_says_nothing_of_lv_wall_motion_is_not_stated(text: str) -> None:
    assert read_report_text(text).findings.rwma is Rwma.NOT_STATED


def test_walls_are_named_in_the_vocabulary() -> None:
    findings = read_report_text(
        "Hypokinesia of the anterior wall, apex and basal inferolateral segments."
    ).findings
    assert findings.rwma_walls == ("anterior", "inferolateral", "apical", "basal")


def test_the_quote_holds_the_words_that_decide() -> None:
    text = "Dilated LV. No regional wall motion abnormality seen. Mild MR."
    start, end = read_report_text(text).spans["rwma"]
    assert text[start:end] == "No regional wall motion abnormality"


def test_a_contradiction_is_flagged() -> None:
    reading = read_report_text("FINDINGS: Inferior wall hypokinesia.\nIMPRESSION: No RWMA.")
    assert any(check.name == "rwma_against_text" and check.is_issue for check in reading.checks)


def test_a_grade_quotes_the_sentence_it_is_from() -> None:
    text = "Akinesia of apex and anterior septum.\nImpression: RWMA in LAD territory."
    reading = read_report_text(text)
    assert reading.findings.rwma_severity is RwmaSeverity.SEVERE
    start, end = reading.spans["rwma_severity"]
    assert "kinesia" in text[start:end].lower()


@pytest.mark.parametrize(
    ("text", "territory"),
    [
        ("RWMA in LAD territory.", "LAD"),
        ("Hypokinesia in RCA territory", "RCA"),
        ("Regional wall motion abnormality, LAD and LCx territories", "LAD and LCx"),
    ],
)
def test_a_territory_is_no_wall_that_the_report_names_and_the_line_says_so(text: str, territory: str) -> None:
    reading = read_report_text(text)
    assert (reading.findings.rwma, reading.findings.rwma_walls) == (Rwma.PRESENT, ())
    (told,) = [check for check in reading.checks if check.name == "walls_against_territory"]
    assert not told.is_issue
    assert told.reason == f"The report names the {territory} territory, and no wall."


def test_a_territory_beside_a_wall_asks_nothing_and_adds_nothing() -> None:
    reading = read_report_text("Apex akinetic. Impression: RWMA in LAD territory.")
    assert reading.findings.rwma_walls == ("apical",)
    assert not any(check.name == "walls_against_territory" for check in reading.checks)
