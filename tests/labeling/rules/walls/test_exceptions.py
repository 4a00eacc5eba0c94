"""What a "no" or a "normal" does not reach: exceptions, walls behind "and", walls beside the right heart."""

from __future__ import annotations

import pytest
from readings import light

from labeling.rules.report import read_report_text

PRESENT = [
    # The denial is of another name.
    ("No clot, RWMA only in the apex.", ["apical"]),
    ("No PAH, RWMA: inferior.", ["inferior"]),
    ("No clot, RWMA unchanged.", []),
    ("LA clot: no\nApex hypokinetic.", ["apical"]),
    ("VSD no\nHypokinesia of the septum", ["septal"]),
    ("LV not dilated and apex akinetic.", ["apical"]),
    ("MR absent and inferior wall hypokinetic.", ["inferior"]),
    ("Apex (no clot) akinetic.", ["apical"]),
    ("No akinesia, just inferior hypokinesia.", ["inferior"]),
    ("No clot, effusion or vegetation and apex akinetic.", ["apical"]),
    # What is excepted.
    ("Apart from apical akinesia the walls move normally.", ["apical"]),
    # Walls that share what is said.
    ("Anterior wall hypokinetic, septum likewise.", ["anterior", "septal"]),
    ("Anterior wall hypokinetic; so is the septum.", ["anterior", "septal"]),
    ("The inferior wall is hypokinetic. The septum too.", ["septal", "inferior"]),
    ("Anterior: hypokinetic\nInferior: same\nLateral: normal", ["anterior", "inferior"]),
    ("RWMA: Yes. Inferior wall.", ["inferior"]),
    ("RWMA: Yes, apex only.", ["apical"]),
    # The first piece is of its own.
    ("Apex moves, inferior wall akinetic.", ["inferior"]),
    ("Apex thin, akinetic, with clot.", ["apical"]),
    ("RWMA of the inferior wall sparing the septum.", ["inferior"]),
    ("Inferior wall hypokinetic from base to apex", ["inferior"]),
    # The right heart beside the left.
    ("RV and inferior wall hypokinetic.", ["inferior"]),
    ("Hypokinesia of the inferior wall and of the RV.", ["inferior"]),
    ("Inferior wall hypokinesia with RV free wall akinesia", ["inferior"]),
    ("Apex akinetic with RV nearly normal.", ["apical"]),
    ("Septal hypokinesia with RV lead", ["septal"]),
]
ABSENT = [
    "Not a single segment is hypokinetic.",
    "Every wall is hypokinetic, none is spared.",
    "Global hypokinesia from base to apex.",
    "Global hypokinesia with a thin septum.",
    "Global hypokinesia seen in apical and parasternal views.",
    "Moderate global hypokinesia without regional variation",
    "LV and RV wall motion normal.",
    "No LV or RV wall motion abnormality.",
    "No hypokinesia or akinesia of the inferior wall.",
]
OPEN = [
    "No RWMA seen except at the apex.",
    "RWMA: none (except inferior wall).",
    "RWMA nil, apex only.",
    "Wall motion normal in all segments except the inferior wall.",
    "With the exception of the inferior wall, LV wall motion is normal.",
    "All walls contract well, but not the inferior.",
    "All but the inferior wall contract normally.",
    "Nearly all segments contract normally.",
    "No hypokinesia of the inferior wall, only of the lateral.",
    "Inferior wall not hypokinetic, lateral wall is.",
    "No clot and apex akinetic.",
    "Hypokinesia not global but regional.",
    "Generalised hypokinesia, best at base.",
    "Global hypokinesia, worse inferiorly.",
    "The inferior wall is far from normal.",
    "Inferior wall normal, not the lateral.",
]


@pytest.mark.parametrize(("text", "walls"), PRESENT)
def test_a_denial_of_something_else_leaves_the_wall(text: str, walls: list[str]) -> None:
    found = read_report_text(text).findings.model_dump(mode="json")
    assert (found["rwma"], found["rwma_walls"]) == ("present", walls)


@pytest.mark.parametrize("text", ABSENT)
def test_a_weakness_all_over_or_a_denial_is_no_region(text: str) -> None:
    assert read_report_text(text).findings.rwma == "absent"


@pytest.mark.parametrize("text", OPEN)
def test_an_exception_is_for_a_person_to_see(text: str) -> None:
    assert light(text, "rwma") != "green"
