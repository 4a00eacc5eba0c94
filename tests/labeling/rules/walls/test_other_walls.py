"""Walls that a sentence names and that don't move badly: spared ones, and those another thing is named by."""

from __future__ import annotations

import pytest
from readings import light

from labeling.rules.report import read_report_text

# Text, walls of the abnormality, grade.
PRESENT = [
    # Spared, excepted, or normal beside what moves badly.
    ("Hypokinesia except the lateral wall.", [], "not_stated"),
    ("Akinesia sparing the base.", [], "severe"),
    ("All segments akinetic except the basal inferior wall.", [], "severe"),
    ("Inferior hypokinesia not involving the apex.", ["inferior"], "not_stated"),
    ("Global hypokinesia, base spared.", [], "not_stated"),
    ("Global hypokinesia with sparing of the basal segments.", [], "not_stated"),
    ("Septum and apex hypokinetic with preserved lateral wall.", ["septal", "apical"], "not_stated"),
    ("Septum spared, lateral wall hypokinetic.", ["lateral"], "not_stated"),
    ("Except for the base, all segments are hypokinetic.", [], "not_stated"),
    ("Anterior hypokinesia with apical sparing.", ["anterior"], "not_stated"),
    ("The inferior wall, but not the lateral wall, is hypokinetic.", ["inferior"], "not_stated"),
    ("Apical hypokinesia (base hyperdynamic).", ["apical"], "not_stated"),
    ("Inferior wall akinetic and the anterior wall normal.", ["inferior"], "severe"),
    ("Inferior: akinetic, anterior: normokinetic, lateral: normokinetic", ["inferior"], "severe"),
    ("RWMA anterior wall (septum spared).", ["anterior"], "not_stated"),
    ("RWMA (+) inferior, (-) anterior", ["inferior"], "not_stated"),
    ("Inferior, lateral walls normal, anterior wall, apex akinetic.", ["anterior", "apical"], "severe"),
    # Both are meant.
    (
        "Not only the inferior but also the lateral wall is hypokinetic.",
        ["inferior", "lateral"],
        "not_stated",
    ),
    ("Inferior hypokinesia but lateral akinesia.", ["inferior", "lateral"], "severe"),
    # Of the wall itself, and of what lies elsewhere.
    ("Akinetic apex | good LV function (EF 56%)", ["apical"], "severe"),
    ("RV normal inferior wall hypokinetic.", ["inferior"], "not_stated"),
    # Another thing has its name from a wall.
    ("Septal hypertrophy, inferior akinesia.", ["inferior"], "severe"),
    ("Hypertrophied septum and hypokinetic inferior wall.", ["inferior"], "not_stated"),
    ("Inferior akinesia with apical thrombus.", ["inferior"], "severe"),
    ("Clot at apex, lateral hypokinesia.", ["lateral"], "not_stated"),
    ("Atrial septal defect, lateral hypokinesia.", ["lateral"], "not_stated"),
    ("RV apical lead, lateral hypokinesia.", ["lateral"], "not_stated"),
    ("Posterior leaflet prolapse, lateral hypokinesia.", ["lateral"], "not_stated"),
    ("Septal e' 5, lateral hypokinesia.", ["lateral"], "not_stated"),
    ("Septum 14, lateral hypokinesia.", ["lateral"], "not_stated"),
    ("Paradoxical septal motion, inferior akinesia.", ["inferior"], "severe"),
    ("Septal hypertrophy with apical aneurysm.", ["apical"], "severe"),
    # The same wall is ill.
    ("Septum hypertrophied and hypokinetic.", ["septal"], "not_stated"),
    ("Thrombus in akinetic apex.", ["apical"], "severe"),
    ("Apical thrombus with akinesia.", ["apical"], "severe"),
    # Walls behind an answer or a number.
    ("RWMA: yes (inferior wall)", ["inferior"], "not_stated"),
    ("RWMA - anterior, septal.", ["anterior", "septal"], "not_stated"),
    ("Hypokinetic segments: 2 (basal inferior, mid inferior)", ["inferior", "basal", "mid"], "not_stated"),
]
ABSENT = [
    "Global hypokinesia, septum intact.",
    "Global hypokinesia with apical thrombus.",
    "Global hypokinesia, anterior mitral leaflet thickened.",
    "Global hypokinesia with normal septal thickness.",
    "Septal hypertrophy, no RWMA.",
    "Septal hypertrophy, no akinesia.",
    "No apical thrombus or akinesia.",
]
OPEN = [
    "Global hypokinesia, lateral wall normal.",
    "Septal hypertrophy with hypokinesia.",
    "No hypokinesia except at the apex.",
    "Apart from the base all segments are normal.",
]


@pytest.mark.parametrize(("text", "walls", "grade"), PRESENT)
def test_only_walls_that_move_badly_are_named(text: str, walls: list[str], grade: str) -> None:
    found = read_report_text(text).findings.model_dump(mode="json")
    assert (found["rwma"], found["rwma_walls"], found["rwma_severity"]) == ("present", walls, grade)


@pytest.mark.parametrize("text", ABSENT)
def test_a_wall_named_for_something_else_is_no_region(text: str) -> None:
    assert read_report_text(text).findings.rwma == "absent"


@pytest.mark.parametrize("text", OPEN)
def test_what_a_person_has_to_say_is_not_green(text: str) -> None:
    assert light(text, "rwma") != "green"
