"""How far a "no" reaches, whose a grade is in a run of labels, and weak all over but worse in one wall."""

from __future__ import annotations

import pytest

from db.labels import Light
from labeling.readers.rules import RulesReader
from labeling.trust.light import light_of_fields

DENIED = [
    ("No clot, effusion or significant pulmonary hypertension.", "pah", "none"),
    ("There was no shunt nor any evidence of PAH.", "pah", "none"),
    ("No evidence of pericardial effusion or raised pulmonary pressure.", "pah", "none"),
    ("No vegetation, thrombus or relevant RWMA.", "rwma", "absent"),
    ("No tricuspid\nstenosis, relevant regurgitation or pulmonary hypertension is seen.", "pah", "none"),
    ("No aneurysm,\nscar or hypokinesia of the left ventricle was noted.\nEF 60 %", "rwma", "absent"),
    ("No signs\nof raised pulmonary pressure.", "pah", "none"),
    ("No AS, MS, PAH. EF 60 %", "pah", "none"),
]
NOT_DENIED = [
    ("No AS, no MS, RWMA seen in inferior wall. EF 40 %", "rwma", "present"),
    ("No clot, RWMA in LCX territory, EF 44 %", "rwma", "present"),
    ("No TR, RWMA (+), EF 39 %", "rwma", "present"),
    ("No MR, RWMA as described, EF 42 %", "rwma", "present"),
    ("No clot seen, RWMA seen, EF 38 %", "rwma", "present"),
    ("No MS, mild RWMA, EF 45 %", "rwma", "present"),
    ("LV not dilated, RWMA in anterior wall, LVEF 50 %", "rwma", "present"),
    ("No AS, PAH noted (mild), EF 55 %", "pah", "mild"),
    ("No clot or effusion, hypokinesia of the apex. EF 45 %", "rwma", "present"),
    ("No LV thrombus despite apical akinesia. EF 30 %", "rwma", "present"),
    # The next name's "no".
    ("EF 45 % - apical akinesia - no clot - mild MR", "rwma", "present"),
    ("Lateral wall akinetic (no clot). EF 40 %.", "rwma", "present"),
    ("Apex akinetic w/o thrombus, EF 30 %", "rwma", "present"),
    ("Apical HK                 No PH\nEF 45 %                   No clot", "rwma", "present"),
    ("RWMA (+) no MR EF 40 %", "rwma", "present"),
    ("RWMA+\nMR-nil\nEF-40", "rwma", "present"),
    ("Hypokinetic inferior wall with normal RV function, EF 48 %", "rwma", "present"),
]
STILL_ANSWERS = [
    ("RWMA - no   RV - dilated   EF 60 %", "rwma", "absent"),
    ("Wall motion: normal, RWMA (no RWMA). EF 60 %", "rwma", "absent"),
    ("Weak part of the wall          No weak part\nEF               60 %", "rwma", "absent"),
]
RUNS = [
    ("MR mild PAH nil TR trivial EF 60", "pah", "none"),
    ("MR moderate PAH mild TR trivial", "pah", "mild"),
    ("TR mild PAH no RWMA no EF 60", "pah", "none"),
    ("AS nil RWMA present EF 45", "rwma", "present"),
    ("MR nil RWMA inferior EF 45", "rwma", "present"),
    ("MR mild    PAH severe    TR trivial", "pah", "severe"),
    ("MR - nil RWMA - present PAH - mild EF - 45", "rwma", "present"),
    ("LVEF=45% RWMA+ PAH-nil", "rwma", "present"),
    # The grade stands before its name here.
    ("Moderate MR + TR + PAH", "pah", "moderate"),
]
WORSE_IN_A_WALL = [
    "Diffuse hypokinesia of the left ventricle, more marked in the lateral wall, EF 35 %.",
    "Global hypokinesia, worst at the apex. EF 30 %",
    "Global HK, more in anterior wall, EF 30 %",
    "Global hypokinesia, inferior wall more. EF 30 %",
    "The left ventricle is globally hypokinetic, more so in the septum. EF 30 %",
    "Global hypokinesia, accentuated in the inferior segments, EF 30 %.",
    "Severe global hypokinesia, with the apex being the most affected. EF 25 %",
    "Diffuse hypokinesia. The lateral wall is the worst affected. EF 30 %",
]


def read(text: str) -> tuple[dict[str, object], dict[str, Light]]:
    """The values of a text by field, and their lights."""
    reading = RulesReader().read_text(text)
    return reading.findings.model_dump(mode="json"), light_of_fields(reading)


@pytest.mark.parametrize(("text", "field", "value"), [*DENIED, *NOT_DENIED, *STILL_ANSWERS, *RUNS])
def test_a_denial_and_an_answer_belong_to_their_own_name(text: str, field: str, value: str) -> None:
    assert read(text)[0][field] == value


@pytest.mark.parametrize("text", WORSE_IN_A_WALL)
def test_weak_all_over_and_worse_in_a_wall_is_regional(text: str) -> None:
    assert read(text)[0]["rwma"] == "present"


@pytest.mark.parametrize("text", ["Global hypokinesia of all walls. EF 30 %", "Diffuse hypokinesia, EF 30 %"])
def test_weak_all_over_alone_is_not(text: str) -> None:
    assert read(text)[0]["rwma"] == "absent"


@pytest.mark.parametrize(
    ("text", "field"), [("No clot, RWMA seen, EF 38 %", "rwma"), ("No MR, PAH present, EF 55 %", "pah")]
)
def test_whether_both_names_are_denied_is_for_a_person(text: str, field: str) -> None:
    assert read(text)[1][field] is Light.AMBER


OF_A_PART = [
    "Only the lateral wall contracts normally. EF 25 %",
    "Normal wall motion only at the base.",
    "Apart from the apex, normal wall motion.",
    "Aside from the septum, no RWMA.",
    "No RWMA, except maybe the inferior wall.",
    "Lateral wall contracts normally, the others do not.",
    "14 of 17 segments contract normally.",
    "Most segments contract normally.",
    "Wall motion normal anteriorly, abnormal inferiorly.",
]


@pytest.mark.parametrize("text", OF_A_PART)
def test_what_is_normal_in_part_is_never_a_green_denial(text: str) -> None:
    values, lights = read(text)
    assert values["rwma"] != "absent"
    assert lights["rwma"] is not Light.GREEN


@pytest.mark.parametrize("text", ["17 of 17 segments contract normally.", "All walls move normally.",
                                  "Global rather than regional hypokinesia."])  # fmt: skip
def test_what_is_normal_in_all_parts_or_weak_in_all_is_one(text: str) -> None:
    assert read(text)[0]["rwma"] == "absent"


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("LVEF - 45 % - 52-72", "ef_percent", 45.0),
        ("LVEF 45% - 55-70%", "ef_percent", 45.0),
        ("RVSP 48 - 15-35 mmHg", "rvsp_mmhg", 48.0),
        ("EF 30 - 35 - 38 %", "ef_percent", 30.0),
    ],
)
def test_of_three_numbers_with_dashes_the_first_is_read_in_doubt(text: str, field: str, value: float) -> None:
    values, lights = read(text)
    assert values[field] == value
    assert lights[field] is Light.AMBER
