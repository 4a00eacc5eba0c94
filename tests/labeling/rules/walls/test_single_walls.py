"""One letter or answer for each of several walls, and numbers of segments."""

from __future__ import annotations

import pytest
from readings import light

from labeling.rules.report import read_report_text

SAID = [
    ("Inferior wall H, others N.", "present", ["inferior"], "not_stated"),
    ("Anterior - N, inferior - H, apex - A", "present", ["inferior", "apical"], "severe"),
    ("Ant (N) Inf (H) Lat (N) Apex (A)", "present", ["inferior", "apical"], "severe"),
    ("Anterior: N\nInferior: H\nLateral: N\nSeptal: N", "present", ["inferior"], "not_stated"),
    ("Ant & Sep - A, Lat & Inf - N", "present", ["anterior", "septal"], "severe"),
    ("IW A, AW N, LW N", "present", ["inferior"], "severe"),
    ("Septum mild H, anterior H, others N", "present", ["anterior", "septal"], "mild"),
    ("Ant: N, Inf: N, Lat: N, Sep: N", "absent", [], "none"),
    ("RWMA: Anterior no, apex yes, inferior no", "present", ["apical"], "not_stated"),
    ("RWMA\nSeptum - no\nApex - yes\nLateral - no", "present", ["apical"], "not_stated"),
    ("RWMA: inferior +, anterior -, lateral -", "present", ["inferior"], "not_stated"),
    ("RWMA: anterior wall - no, inferior wall - no", "absent", [], "none"),
    ("Akinesia: inferior yes, rest no", "present", ["inferior"], "severe"),
    ("Hypokinetic segments 3, akinetic segments 0.", "present", [], "not_stated"),
    ("Segments: normal 14, hypokinetic 0, akinetic 3", "present", [], "severe"),
    ("14 normokinetic, 3 hypokinetic, 0 akinetic segments.", "present", [], "not_stated"),
    ("Hypokinetic segments 0, akinetic segments 0.", "absent", [], "none"),
    ("All walls ok.", "absent", [], "none"),
    ("All LV segments fine.", "absent", [], "none"),
]
OPEN = [
    "IW - H",
    "Inf: II, others: I",
    "Inferior wall + , others -",
    "Anterior wall normal, inferior not.",
    "Lateral, septal: normal; inferior: abnormal",
    "Walls N",
    "LV walls normal.",
    "14/17 segments normal.",
    "Abnormal segments: 4",
    "16 segments analysed, 4 abnormal.",
    "No wall is affected.",
    "Only 5 segments contract normally.",
    "Wall motion:\nInferior wall: yes, rest: no",
]
SILENT = [
    "IVSd 11\nLVIDd 54\nPWd 10",
    "IVS N, PW N",
    "MV N, AV N, TV N, PV N",
    "Chest wall normal.",
    "Posterior wall (d) 11 mm",
    "HR rest 70 peak 139\nMR rest 1 peak 2",
    "All walls of normal thickness",
    "1 = normal, 2 = hypokinetic, 3 = akinetic segments",
]


@pytest.mark.parametrize(("text", "rwma", "walls", "grade"), SAID)
def test_each_wall_has_its_own_answer(text: str, rwma: str, walls: list[str], grade: str) -> None:
    found = read_report_text(text).findings.model_dump(mode="json")
    assert (found["rwma"], found["rwma_walls"], found["rwma_severity"]) == (rwma, walls, grade)


@pytest.mark.parametrize("text", OPEN)
def test_an_answer_no_rule_reads_is_not_passed_over(text: str) -> None:
    assert light(text, "rwma") != "green"


@pytest.mark.parametrize("text", SILENT)
def test_thickness_and_scales_are_no_motion(text: str) -> None:
    assert read_report_text(text).findings.rwma == "not_stated"
