"""The traffic light, row by row of its table."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from readings import SURE, no_ef, opinion, reading, record

from db.fields.names import FIELDS
from db.fields.sameness import Match, compare_field
from db.fields.words import in_words
from db.labels import Check, Findings, Light, ReasonCode
from labeling.readers.base import Grounding, Reading
from labeling.trust.light import LIGHT_OF, SCORE_BANDS, decide_lights, light_of_fields


def ef(low: float, high: float | None = None, operator: str = "=") -> Findings:
    """A record of an EF as printed: one number, or a range."""
    if high is None:
        return record(ef_percent=low, ef_operator=operator, ef_state="stated")
    middle = (low + high) / 2
    return record(ef_percent=middle, ef_low=low, ef_high=high, ef_operator=operator, ef_state="stated")


def present(severity: str = "not_stated", *walls: str) -> Findings:
    """A record of a wall-motion abnormality."""
    return record(rwma="present", rwma_severity=severity, rwma_walls=walls)


def light(one: Reading, field: str) -> tuple[str, list[str]]:
    decided = decide_lights(one)[field]
    return decided.light.value, [reason.code.value for reason in decided.reasons]


OTHERS: list[tuple[str, str, Findings, Findings, str, str]] = [
    ("same number", "ef_percent", record(), record(), "green", "readers_agree"),
    ("another number", "ef_percent", record(), ef(85), "red", "readers_differ"),
    ("same midpoint, other bounds", "ef_percent", ef(35, 40), ef(30, 45), "red", "readers_differ"),
    ("range against its midpoint", "ef_percent", ef(35, 40), ef(37.5), "amber", "detail_differs"),
    ("other sign", "ef_percent", record(), ef(55, operator=">"), "amber", "detail_differs"),
    ("they found what we did not", "ef_percent", no_ef(), record(), "red", "found_by_other"),
    ("they missed what we found", "ef_percent", record(), no_ef(), "amber", "missed_by_other"),
    ("they could not read it", "ef_percent", record(), record(ef_state="unreadable"), "green", "one_reader"),
    ("both blank", "ef_percent", no_ef(), no_ef(), "green", "readers_agree"),
    ("present against absent", "rwma", present(), record(rwma="absent"), "red", "readers_differ"),
    ("mild against moderate", "rwma", present("mild"), present("moderate"), "red", "readers_differ"),
    ("graded against not", "rwma", present("mild"), present(), "amber", "detail_differs"),
    ("other walls", "rwma", present("mild", "apical"), present("mild", "septal"), "amber", "detail_differs"),
    ("absent against not stated", "rwma", record(), record(rwma="absent"), "red", "found_by_other"),
    ("mild against severe", "pah", record(pah="mild"), record(pah="severe"), "red", "readers_differ"),
    ("ungraded against mild", "pah", record(pah="present_unspecified"), record(pah="mild"), "amber",
    "detail_differs"),
    ("ungraded against none", "pah", record(pah="present_unspecified"), record(pah="none"), "red",
    "readers_differ"),
    ("other pressure", "rvsp_mmhg", record(rvsp_mmhg=48), record(rvsp_mmhg=43), "red", "readers_differ"),
    ("same pressure", "rvsp_mmhg", record(rvsp_mmhg=48), record(rvsp_mmhg=48), "green", "readers_agree"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "ours", "theirs", "wanted", "code"), [row[1:] for row in OTHERS], ids=[row[0] for row in OTHERS]
)
def test_another_readers_opinion_decides_by_the_table(
    field: str, ours: Findings, theirs: Findings, wanted: str, code: str
) -> None:
    assert light(reading(ours, opinion(theirs)), field) == (wanted, [code])


def test_the_reason_carries_both_values_and_who_said_so() -> None:
    decided = decide_lights(reading(ef(35, 40), opinion(ef(85, 90))))
    (reason,) = decided["ef_percent"].reasons
    assert reason.values == {"ours": "35-40", "theirs": "85-90", "reader": "rules_rapidocr"}


PAGE: list[tuple[str, dict[str, Any], str, str]] = [
    ("quote not found", {"grounding": {"ef_percent": Grounding()}}, "red", "quote_not_found"),
    ("digits differ", {"grounding": {"ef_percent": Grounding(98, True, False, "5")}}, "red", "digits_differ"),
    ("invented", {"grounding": {"ef_percent": Grounding(98, True, True, "", True)}}, "red", "invented"),
    ("blind check passed", {"grounding": {"ef_percent": Grounding(98, True, True, "", False)}}, "green",
    "one_reader"),
    ("no quote at all", {"evidence": {}}, "red", "no_evidence"),
    ("orders on the page", {"warnings": ("orders_in_text",)}, "amber", "orders_in_text"),
    ("low probability", {"confidence": {**SURE, "ef_percent": 0.6}}, "amber", "unsure"),
    ("just sure enough", {"confidence": {**SURE, "ef_percent": 0.8}}, "green", "one_reader"),
    ("just no very low probability", {"confidence": {**SURE, "ef_percent": 0.5}}, "amber", "unsure"),
    ("very low probability", {"confidence": {**SURE, "ef_percent": 0.4}}, "red", "unsure"),
    ("could not be weighed", {"confidence": {}}, "amber", "unsure"),
    ("small print", {"warnings": ("page_unreadable:1",), "unreadable_reason": "Small."}, "red",
    "page_unreadable"),
    ("another page", {"warnings": ("page_unreadable:2",), "unreadable_reason": "Small."}, "green",
    "one_reader"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "wanted", "code"), [row[1:] for row in PAGE], ids=[row[0] for row in PAGE]
)
def test_the_page_and_the_models_own_doubt_decide_by_the_table(
    options: dict[str, Any], wanted: str, code: str
) -> None:
    decided, codes = light(reading(record(), is_model=True, **options), "ef_percent")
    assert (decided, codes[0]) == (wanted, code)


def test_a_quote_that_is_not_found_is_amber_at_best_even_when_readers_agree() -> None:
    one = reading(record(), opinion(record()), is_model=True, grounding={"ef_percent": Grounding()})
    assert light(one, "ef_percent")[0] == "amber"


def test_a_model_that_contradicts_itself_needs_a_person_and_cannot_vouch_for_itself() -> None:
    differs = opinion(ef(35), reader="qwen2vl_crop")
    assert light(reading(record(), differs, is_model=True), "ef_percent") == ("red", ["second_look_differs"])
    same = opinion(record(), reader="qwen2vl_prompt")
    assert light(reading(record(), same, is_model=True), "ef_percent") == ("green", ["one_reader"])


def test_an_opinion_about_one_field_says_nothing_about_the_others() -> None:
    crop = opinion(record(ef_state="unreadable"), reader="other", fields=("rwma",))
    assert light(reading(record(pah="mild"), crop), "pah") == ("green", ["one_reader"])


def test_an_opinion_that_could_not_read_the_page_has_no_say() -> None:
    blind = opinion(no_ef(), unreadable_reason="No text was found on the page.")
    assert light(reading(record(), blind), "ef_percent") == ("green", ["one_reader"])


def test_rules_that_do_not_say_how_sure_they_are_need_a_person() -> None:
    assert light(reading(record(), confidence={}), "ef_percent") == ("red", ["unsure", "one_reader"])


def test_doubt_about_letters_is_lifted_by_the_same_words_from_another_engine() -> None:
    doubtful = {**SURE, "ef_percent": 0.6}
    assert light(reading(record(), confidence=doubtful), "ef_percent") == ("amber", ["unsure", "one_reader"])
    assert light(reading(record(), opinion(record()), confidence=doubtful), "ef_percent")[0] == "green"
    as_model = reading(record(), opinion(record()), confidence=doubtful, is_model=True)
    assert light(as_model, "ef_percent")[0] == "amber"


def test_silence_is_as_sure_as_the_engine_that_saw_a_field_s_name() -> None:
    seen = replace(opinion(no_ef()), confidence={**SURE, "ef_percent": 0.6})
    unsaid = replace(opinion(no_ef()), confidence={})

    assert light(reading(no_ef(), seen), "ef_percent")[0] == "amber"
    assert light(reading(no_ef(), opinion(no_ef())), "ef_percent")[0] == "green"
    assert light(reading(no_ef(), unsaid), "ef_percent")[0] == "green"


@pytest.mark.parametrize(("score", "wanted"), [(0.2, "red"), (0.25, "red"), (0.26, "amber"), (0.4, "amber")])
def test_a_failed_check_keeps_its_weight_when_readers_agree(score: float, wanted: str) -> None:
    check = Check(name="ef_range_width", field="ef_percent", score=score, is_issue=True, reason="wide")
    decided, codes = light(reading(record(), opinion(record()), checks=(check,)), "ef_percent")
    assert (decided, codes[0]) == (wanted, "check_failed")


def test_an_unreadable_value_is_red_whatever_others_say() -> None:
    one = reading(record(ef_state="unreadable"), opinion(record()))
    assert light(one, "ef_percent") == ("red", ["value_unreadable"])


class _Fixed:
    def __init__(self, low: float) -> None:
        self.low = low

    def probability(self, field: str, score: float) -> tuple[float, float] | None:
        return (self.low, 1.0) if field == "ef_percent" else None


def test_with_a_calibration_green_needs_a_high_lower_probability() -> None:
    one = reading(record(), opinion(record()))
    for enough in (0.95, 0.97):
        assert decide_lights(one, _Fixed(enough))["ef_percent"].light is Light.GREEN
    decided = decide_lights(one, _Fixed(0.90))["ef_percent"]
    assert (decided.light, decided.reasons[0].code) == (Light.AMBER, ReasonCode.OFTEN_WRONG)
    assert decided.probability == (0.90, 1.0)
    assert decide_lights(one, _Fixed(0.90))["pah"].probability is None


records = st.sampled_from([row[2] for row in OTHERS] + [row[3] for row in OTHERS])
chances = st.floats(0, 1)


@settings(max_examples=40, deadline=None)
@given(records, st.lists(records, max_size=3), chances, st.booleans(), st.booleans())
def test_every_reading_gets_a_light_a_reason_and_a_score_in_its_band(
    ours: Findings, theirs: list[Findings], confidence: float, is_model: bool, has_orders: bool
) -> None:
    warnings = ("orders_in_text",) if has_orders else ()
    one = reading(
        ours,
        *map(opinion, theirs),
        is_model=is_model,
        confidence=dict.fromkeys(FIELDS, confidence),
        warnings=warnings,
    )
    for decided in decide_lights(one).values():
        assert decided.reasons
        assert 0 <= decided.score <= 1
        worst = max(
            (LIGHT_OF.get(reason.code, Light.GREEN) for reason in decided.reasons), key=list(Light).index
        )
        if decided.light is Light.GREEN:
            assert worst is Light.GREEN
            assert decided.score >= SCORE_BANDS["one_reader"][0]
        if has_orders:
            assert decided.light is not Light.GREEN
        if decided.light is Light.RED:
            assert decided.score <= SCORE_BANDS["contradicted"][1]


@settings(max_examples=40, deadline=None)
@given(records, records, chances, chances)
def test_more_confidence_never_lowers_the_score(
    ours: Findings, theirs: Findings, one: float, other: float
) -> None:
    low, high = sorted((one, other))
    base = reading(ours, opinion(theirs), is_model=True)
    scores = [
        decide_lights(replace(base, confidence=dict.fromkeys(FIELDS, value)))["ef_percent"].score
        for value in (low, high)
    ]
    assert scores[0] <= scores[1]


@settings(max_examples=40, deadline=None)
@given(records, records)
def test_comparing_is_fair_to_both_sides(one: Findings, other: Findings) -> None:
    turned = {Match.FOUND_BY_OTHER: Match.MISSED_BY_OTHER, Match.MISSED_BY_OTHER: Match.FOUND_BY_OTHER}
    for field in FIELDS:
        match = compare_field(field, one, other).match
        assert compare_field(field, other, one).match is turned.get(match, match)
        assert in_words(one, field)


def test_lights_without_reasons_are_still_to_be_had() -> None:
    assert light_of_fields(reading(record(), opinion(record()))) == dict.fromkeys(FIELDS, Light.GREEN)
