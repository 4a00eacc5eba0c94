"""Reasons in words: every code has a sentence, and nothing is claimed that was not so."""

from __future__ import annotations

import re
from typing import Any

import pytest

from db.labels import Light, ReasonCode
from db.tables.drafts import Draft
from review_ui.desk.reasons import readers_agree, reason_sentence
from review_ui.text.reasons import NEEDS_AN_ANSWER, REASONS, UNSURE

AGREE = {"code": "readers_agree", "values": {"readers": "2"}}
DIFFER = {
    "code": "readers_differ",
    "values": {"ours": "35-40", "theirs": "85-40", "reader": "rules_rapidocr"},
}


def draft(**columns: Any) -> Draft:
    values: dict[str, Any] = {
        "case_id": 1,
        "report_sha256": "0" * 64,
        "reader": "rules",
        "reader_version": "1",
    }
    return Draft.model_validate(
        {**values, "code_version": "1", "created_at": "2026-11-20T09:00:00Z", **columns}
    )


def said(
    *reasons: dict[str, Any], field: str = "ef_percent", light: Light = Light.RED, **columns: Any
) -> str:
    return reason_sentence(draft(reasons={field: list(reasons)}, **columns), [field], light)


def test_readers_that_differ_are_quoted_side_by_side() -> None:
    assert said(DIFFER) == "The two readers differ: one read 35-40, the other 85-40."


def test_stored_values_are_worded_as_the_desk_words_them() -> None:
    reason = {
        "code": "readers_differ",
        "values": {"ours": "present_unspecified", "theirs": "none", "reader": "x"},
    }
    assert said(reason, field="pah") == "The two readers differ: one read ungraded, the other none."
    found = {
        "code": "found_by_other",
        "values": {"ours": "not_stated", "theirs": "present (mild)", "reader": "x"},
    }
    assert said(found, field="rwma") == "One reader found nothing here; another read present (mild)."


VALUES = {"ours": "5", "theirs": "15", "page": "5", "reader": "rules", "check": "none", "detail": "walls"}


@pytest.mark.parametrize("code", [code for code in ReasonCode if code not in ("readers_agree", "one_reader")])
def test_every_reason_has_a_calm_whole_sentence(code: ReasonCode) -> None:
    sentence = said({"code": code.value, "values": VALUES}, unreadable_reason="The letters are too small.")
    assert re.fullmatch(r"[A-Z].*\.", sentence)
    assert not re.search(r"[!_{}]|error|model|OCR", sentence)


@pytest.mark.parametrize("detail", ["walls", "severity", "operator", "range"])
def test_every_detail_has_one(detail: str) -> None:
    assert said({"code": "detail_differs", "values": {**VALUES, "detail": detail}}).endswith(".")


def test_no_sentence_is_left_over() -> None:
    assert set(REASONS) <= {code.value for code in ReasonCode}


def test_the_gravest_come_first_and_two_are_enough() -> None:
    reasons = [{"code": code, "values": {}} for code in ("unsure", "missed_by_other", "invented")]
    sentence = said(*reasons)
    assert sentence == f"{REASONS['invented']} {REASONS['missed_by_other']}"


def test_a_failed_check_speaks_for_itself() -> None:
    check = {
        "name": "ef_range_width",
        "field": "ef_percent",
        "score": 0.4,
        "is_issue": True,
        "reason": "It is wide.",
    }
    reason = {"code": "check_failed", "values": {"check": "ef_range_width"}}
    assert said(reason, checks=[check], light=Light.AMBER) == "It is wide."


def test_a_doubt_about_the_words_around_a_value_says_which() -> None:
    check = {
        "name": "surroundings",
        "field": "ef_percent",
        "score": 0.6,
        "is_issue": False,
        "reason": "A date stands in its line.",
    }
    reason = {"code": "unsure", "values": {"check": "surroundings"}}
    assert said(reason, checks=[check], light=Light.AMBER) == "A date stands in its line."
    assert said(reason, field="pah", checks=[check], light=Light.AMBER) == UNSURE
    assert said({"code": "unsure", "values": {}}, checks=[check], light=Light.AMBER) == UNSURE


def test_green_needs_no_words_and_agreement_has_to_be_real() -> None:
    fields = {"pah": [AGREE], "rvsp_mmhg": [AGREE]}
    opinions = [{"reader": "rules_rapidocr"}]
    agreeing = draft(reasons=fields, opinions=opinions)
    assert reason_sentence(agreeing, ["pah", "rvsp_mmhg"], Light.GREEN) == ""
    assert readers_agree(agreeing, ["pah", "rvsp_mmhg"])
    alone = draft(reasons={**fields, "rvsp_mmhg": [{"code": "one_reader", "values": {}}]}, opinions=opinions)
    assert not readers_agree(alone, ["pah", "rvsp_mmhg"])
    assert not readers_agree(draft(reasons=fields), ["pah"])
    assert not readers_agree(draft(), ["pah"])


def test_a_draft_without_stored_reasons_still_tells_its_checks() -> None:
    check = {
        "name": "x",
        "field": "pah",
        "score": 0.1,
        "is_issue": True,
        "reason": "48 mmHg does not go with none.",
    }
    assert reason_sentence(draft(checks=[check]), ["pah"], Light.RED) == "48 mmHg does not go with none."
    assert reason_sentence(draft(), ["pah"], Light.RED) == NEEDS_AN_ANSWER
    assert reason_sentence(draft(), ["pah"], Light.GREEN) == ""
