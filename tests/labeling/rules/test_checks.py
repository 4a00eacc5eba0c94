"""Consistency checks and the light they switch."""

from __future__ import annotations

from db.labels import EfOperator, EfState, Evidence, Findings, Light, Pah, Rwma, RwmaSeverity
from labeling.readers.base import Reading
from labeling.rules.checks import check_findings
from labeling.trust.light import light_of_fields

EF_35 = Findings(ef_percent=35, ef_operator=EfOperator.EQUAL, ef_state=EfState.STATED)
SURE = {"ef_percent": 0.95, "rwma": 0.95, "pah": 0.95, "rvsp_mmhg": 0.95}


def test_a_low_ef_beside_good_function_is_an_issue_in_words() -> None:
    (check,) = check_findings(EF_35, function_band="normal")
    assert check.is_issue
    assert check.reason == "EF 35, but the text calls the function normal or good."


def test_a_low_ef_beside_moderate_dysfunction_is_no_issue() -> None:
    (check,) = check_findings(EF_35, function_band="moderately_reduced")
    assert not check.is_issue


def test_severe_pah_beside_a_low_pressure_is_an_issue() -> None:
    (check,) = check_findings(Findings(pah=Pah.SEVERE, rvsp_mmhg=30))
    assert check.is_issue
    assert check.field == "pah"


def test_a_sure_value_with_evidence_is_green() -> None:
    reading = Reading(EF_35, {"ef_percent": Evidence(quote="EF 35%")}, SURE)
    assert light_of_fields(reading)["ef_percent"] is Light.GREEN


def test_a_value_without_evidence_is_red() -> None:
    assert light_of_fields(Reading(EF_35, {}, SURE))["ef_percent"] is Light.RED


def test_a_contradicted_value_is_red() -> None:
    checks = check_findings(EF_35, function_band="normal")
    reading = Reading(EF_35, {"ef_percent": Evidence(quote="EF 35%")}, SURE, checks)
    assert light_of_fields(reading)["ef_percent"] is Light.RED


def test_a_doubtful_value_is_amber() -> None:
    reading = Reading(EF_35, {"ef_percent": Evidence(quote="EF 35%")}, {**SURE, "ef_percent": 0.6})
    assert light_of_fields(reading)["ef_percent"] is Light.AMBER


def test_unreadable_fields_are_red() -> None:
    findings = Findings(
        ef_state=EfState.UNREADABLE,
        rwma=Rwma.UNREADABLE,
        rwma_severity=RwmaSeverity.NOT_STATED,
        pah=Pah.UNREADABLE,
    )
    reading = Reading(findings, {}, SURE, unreadable_reason="The letters are too small.")
    assert set(light_of_fields(reading).values()) == {Light.RED}
