"""Findings by rare names and in rare short forms: "P.A. pr. : N", "all walls eukinetic", "1-1-2-1"."""

from __future__ import annotations

import pytest
from readings import light

from labeling.rules.report import read_report_text

PRESSURE = [
    ("P.A. pr. : N\nEF 57", "none"),
    ("P.A. pr. normal", "none"),
    ("PA pr. : WNL", "none"),
    ("PA press. raised", "present_unspecified"),
    ("Pulm. art. pr: ok", "none"),
    ("Lung artery pressure: not raised", "none"),
    ("Lung pressure normal\nEF 60", "none"),
    ("No hypertension in the lung vessels", "none"),
    ("Moderate hypertension of the pulmonary circulation.", "moderate"),
    ("2) Severe pulm. a. hypertens.", "severe"),
    ("Pulm. art. hypertens., mild", "mild"),
    ("PAHT\ngrade II / moderate", "moderate"),
    ("PA pressure elevated (moderate), 52 mmHg", "moderate"),
    ("Pulmonary artery pressure raised a bit (mild), 38 mmHg systolic", "mild"),
]
WALLS = [
    ("R.W.M. : N\nEF 57", "absent", "none"),
    ("No L.W.M.A.\nEF 60", "absent", "none"),
    ("All segments eukinetic", "absent", "none"),
    ("LV contracts uniformly, EF 61", "absent", "none"),
    ("Contraction regular everywhere\nPAH absent", "absent", "none"),
    ("EF 0.58, no local disturbance of contractility.", "absent", "none"),
    ("No zonal disorders of the contractility. EF 60", "absent", "none"),
    ("Motion of all walls: good throughout\nEF 60", "absent", "none"),
    ("Wall motion is not impaired in any segment.", "absent", "none"),
    ("Contraction normal in RCA, LAD and LCx territory", "absent", "none"),
    ("ANT: normo\nSEP: hypo\nLAT: normo\nINF: normo", "present", "not_stated"),
    ("Segment scores\n1-1-1-2-1-1\n1-1-1-1-1-1\nEF 45", "present", "not_stated"),
    ("Segment scores: 1 1 3 3 1 1", "present", "severe"),
    ("Segment scores: 1-1-1-1-1-1", "absent", "none"),
]


@pytest.mark.parametrize(("text", "pah"), PRESSURE)
def test_a_pressure_is_known_by_its_rare_names(text: str, pah: str) -> None:
    assert read_report_text(text).findings.pah == pah


@pytest.mark.parametrize(("text", "rwma", "severity"), WALLS)
def test_walls_are_known_by_their_rare_names(text: str, rwma: str, severity: str) -> None:
    found = read_report_text(text).findings
    assert (found.rwma, found.rwma_severity) == (rwma, severity)


@pytest.mark.parametrize(
    "text",
    [
        "Contraction normal in LAD territory",
        "LV contracts uniformly except the apex",
        "Wall motion is not impaired in the basal segments",
        "LV contracts evenly, except the apex",
        "Normo-tensive, septum of normal thickness",
        "Segments: normal 10, hypokinetic 4, akinetic 2",
    ],
)
def test_a_part_that_is_normal_is_not_the_whole(text: str) -> None:
    assert read_report_text(text).findings.rwma != "absent" or light(text, "rwma") != "green"


@pytest.mark.parametrize(
    "text",
    [
        "Cardiac resynchronisation: EF 35 or lower with LBBB.",
        "CRT-D: EF under 35 %",
        "Defibrillators if the EF is below 35",
        "EF 35 or lower: ICD",
        "EF 40 % or less -> refer",
    ],
)
def test_a_rule_for_a_device_is_nobodys_value(text: str) -> None:
    assert read_report_text(text).findings.ef_percent is None


def test_a_key_with_its_numbers_behind_the_words_grades_no_wall() -> None:
    text = "Inferior wall hypokinetic\nWalls normokinetic 1; hypokinetic 2; akinetic 3; dyskinetic 4"
    assert read_report_text(text).findings.rwma_severity == "not_stated"


@pytest.mark.parametrize(
    ("text", "ef"),
    [
        ("L. V. E. F. -- 54 per cent", 54.0),
        ("Fraction ejected with each beat (LV) : 0.61", 61.0),
        ("Ejected fraction 57 %", 57.0),
        (
            "Pump function (EF of left ventricle), per cent:\n62\nThat of right ventricle, per cent:\n51",
            62.0,
        ),
        ("EF scale: 50 and more counts as normal\nMeasured: EF 47", 47.0),
    ],
)
def test_an_ef_is_known_by_its_rare_names(text: str, ef: float) -> None:
    assert read_report_text(text).findings.ef_percent == ef


def test_what_counts_as_raised_is_nobodys_pressure() -> None:
    text = "Lab scale (PASP): 40 and more counts as PAH\nMeasured: EF 51, PASP 37\nNo PAH"
    found = read_report_text(text).findings
    assert (found.rvsp_mmhg, found.pah) == (37.0, "none")


def test_a_scale_of_scores_is_no_finding_and_no_silence() -> None:
    text = "Segment scores: 1, 2, 3, 4"
    assert read_report_text(text).findings.rwma == "not_stated"
    assert light(text, "rwma") != "green"


@pytest.mark.parametrize(
    "text",
    [
        "Lung pressure     normal          raised          very high",
        "PA pressure: normal  raised  high",
        "Pulmonary pressure: normal / raised / severely raised",
    ],
)
def test_words_to_be_ringed_are_no_answer(text: str) -> None:
    assert read_report_text(text).findings.pah == "not_stated"


@pytest.mark.parametrize("text", ["E.J.F   = 64 /.", "E.J.F. : 64 %", "EJ.F 64 %", "LV EJF 64 %"])
def test_an_ejection_fraction_is_known_by_three_letters(text: str) -> None:
    assert read_report_text(text).findings.ef_percent == 64


def test_a_pressure_of_lung_vessels_is_not_silent() -> None:
    assert light("Lung vessels' pressure - not up", "pah") != "green"


def test_a_standard_of_fitness_is_nobodys_finding() -> None:
    text = "Standard: unfit underground if LVEF < 50%, any WMA, or moderate PHT\nLVEF 59 %\nWMA nil"
    found = read_report_text(text).findings
    assert (found.ef_percent, found.rwma, found.pah) == (59, "absent", "not_stated")


@pytest.mark.parametrize(
    "head",
    ["Last echo, March 2020:", "Old chart, 2009:", "Previous echo, 2019:", "Prior study of 3 May 2018:"],
)
def test_what_stands_below_an_older_day_is_not_todays(head: str) -> None:
    text = f"{head}\nEF 44\nPAH mild"
    assert light(text, "ef_percent") != "green" and light(text, "pah") != "green"
    assert read_report_text(f"{text}\nToday: EF 55, no PAH").findings.ef_percent == 55
