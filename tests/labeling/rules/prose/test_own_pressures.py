"""Short, scattered and borrowed words for a pulmonary pressure; aneurysms beside other findings."""

from __future__ import annotations

import pytest

from labeling.readers.rules import RulesReader

PRESSURES = [
    ("PASP: N\nEF: 60 %", "none"),
    ("PA pressures nl. EF 60 %", "none"),
    ("PAP ok, EF 60 %", "none"),
    ("N PA pressure, EF 60 %", "none"),
    ("Pulm pr normal. EF 60 %", "none"),
    ("Normal\nPASP. EF 60 %", "none"),
    ("Pulmonary artery pressure\nMildly raised\nLVEF\n60 %", "mild"),
    ("High PA pressure. EF 55 %", "present_unspecified"),
    ("PASP high. EF 60 %", "present_unspecified"),
    # The word before is the chamber's, or the valve's.
    ("RV normal PA pressure raised EF 60 %", "present_unspecified"),
    ("RA/RV normal PAP mildly raised EF 60 %", "mild"),
    ("LV function normal PA pressure moderately elevated", "moderate"),
    ("TR severe PA pressure raised EF 60 %", "present_unspecified"),
    ("TR mild PA pressure normal EF 60 %", "none"),
    # A dash is no minus, and "n.m." no "N".
    ("LVEF- 45 %\nPAH- mild\nPASP- 40 mmHg", "mild"),
    ("sPAP        n.m.        55 mmHg", "not_stated"),
    ("Pulm PR mild. EF 60 %", "not_stated"),
]
ANEURYSMS = [
    "LV apical aneurysm no MR EF 30 %",
    "LV aneurysm - no clot - EF 30 %",
    "Apical aneurysm (no clot). EF 30 %",
    "Apical aneurysm, IAS intact, EF 30 %",
    "LV apical aneurysm with dilated aorta, EF 35 %",
    "EF 30 %, no clot, apical aneurysm",
    "Apical aneurysm     IAS intact\nEF 30 %              No PAH",
    "No PAH, apical aneurysm, EF 30 %",
]
NO_ANEURYSMS = [
    "IAS aneurysmal, LV normal. EF 60 %",
    "Aneurysm of the ascending aorta. LV normal. EF 60 %",
    "No clot or aneurysm at the apex. EF 60 %",
    "LV aneurysm: no. EF 60 %",
]


def read(text: str) -> dict[str, object]:
    """The values of a text by field."""
    return RulesReader().read_text(text).findings.model_dump(mode="json")


@pytest.mark.parametrize(("text", "pah"), PRESSURES)
def test_a_word_for_a_pressure_is_read_beside_its_own_name(text: str, pah: str) -> None:
    assert read(text)["pah"] == pah


@pytest.mark.parametrize("text", ANEURYSMS)
def test_an_aneurysm_of_the_ventricle_is_found_whatever_stands_beside_it(text: str) -> None:
    found = read(text)
    assert (found["rwma"], found["rwma_severity"]) == ("present", "severe")


@pytest.mark.parametrize("text", NO_ANEURYSMS)
def test_another_aneurysm_or_none_is_no_finding(text: str) -> None:
    assert read(text)["rwma"] != "present"


@pytest.mark.parametrize("text", ["LVEF >55-60 %", "EF > 55 - 60 %", "EF more than 55-60 %"])
def test_a_range_behind_a_comparator_is_a_range(text: str) -> None:
    assert read(text)["ef_percent"] == 57.5
