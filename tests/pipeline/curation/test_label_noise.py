"""The ranking of labels by how likely they are wrong, on hand-made records."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.fields.sameness import Match
from db.labels import Check
from pipeline.curation.records import FieldLabel, LabelledRecord, NoiseScore, Saying, Voice
from pipeline.curation.signals import haste_signal, rarity_signal, weight_of
from pipeline.curation.suspects import NOBODY_VOUCHES, NOTHING_AGAINST, SIGNALS, score_labels, worst_fields


def saying(match: Match, speaker: Voice = Voice.MACHINE, words: str = "35", *, shown: bool = False) -> Saying:
    return Saying(speaker, match, words, 0.9, shown)


def record(
    case_id: int, *sayings: Saying, answer: str = "55-59", site: str = "a", **checks: Sequence[Check]
) -> LabelledRecord:
    label = FieldLabel("55", answer, tuple(sayings), **{kind: tuple(held) for kind, held in checks.items()})
    return LabelledRecord(case_id=case_id, site=site, fields={"ef_percent": label})


def issue(name: str, reason: str) -> Check:
    return Check(name=name, field="ef_percent", score=0.1, is_issue=True, reason=reason)


def only(records: list[LabelledRecord], *signals: str) -> list[NoiseScore]:
    return score_labels(records, signals=signals or SIGNALS)


def test_a_label_against_two_readers_is_more_suspicious_than_one_against_the_draft_alone() -> None:
    draft = saying(Match.DIFFERENT, Voice.DRAFT, shown=True)
    both = record(1, draft, saying(Match.DIFFERENT))
    corrected = record(2, draft, saying(Match.SAME, words="55"))
    agreed = record(3, saying(Match.SAME, Voice.DRAFT, shown=True), saying(Match.SAME))
    ranked = only([agreed, corrected, both], "readers")
    assert [one.case_id for one in ranked] == [1, 2, 3]
    assert ranked[0].score < 0.75 < 0.95 < ranked[1].score
    assert ranked[0].reason == "The draft and another reader say 35, the label 55."


def test_an_overlooked_draft_is_found_by_the_reader_that_was_not_shown() -> None:
    overlooked = record(1, saying(Match.SAME, Voice.DRAFT, shown=True), saying(Match.DIFFERENT))
    unseen = record(2, saying(Match.SAME, Voice.DRAFT), saying(Match.DIFFERENT))
    first, second = only([unseen, overlooked], "readers")
    assert first.case_id == 1
    assert first.score < second.score
    assert first.reason == "Another reader says 35, the label 55."


@pytest.mark.parametrize(
    ("weaker", "stronger"),
    [
        (Match.NO_SAY, Match.DETAIL),
        (Match.DETAIL, Match.MISSED_BY_OTHER),
        (Match.MISSED_BY_OTHER, Match.DIFFERENT),
    ],
)
def test_a_greater_difference_weighs_more(weaker: Match, stronger: Match) -> None:
    assert weight_of(saying(weaker)) < weight_of(saying(stronger))


def test_everybody_who_differs_is_counted_in_the_sentence() -> None:
    people = [saying(Match.DIFFERENT, Voice.PERSON)] * 2
    (found,) = only(
        [record(1, saying(Match.DIFFERENT, Voice.DRAFT), *people, saying(Match.DIFFERENT, words="40"))]
    )
    assert found.reason == "The draft, 2 other people and another reader say 35 and 40, the label 55."


def test_the_weight_of_one_reader_is_the_likelihood_ratio_written_down() -> None:
    assert weight_of(saying(Match.DIFFERENT)) == pytest.approx(math.log(0.95 / 0.1))
    assert weight_of(saying(Match.SAME)) == pytest.approx(math.log(0.05 / 0.9))
    assert weight_of(saying(Match.DIFFERENT, shown=True)) == pytest.approx(math.log(0.5 / 0.1))


@settings(deadline=None)
@given(st.floats(0, 1), st.floats(0, 1))
def test_a_more_reliable_reader_never_weighs_less(one: float, other: float) -> None:
    low, high = sorted((one, other))
    against = [weight_of(replace(saying(Match.DIFFERENT), reliability=value)) for value in (low, high)]
    assert against[0] <= against[1]


def test_readings_that_an_adjudicator_has_settled_no_longer_count() -> None:
    disputed = record(1, saying(Match.DIFFERENT, Voice.PERSON))
    settled = replace(disputed, case_id=2, is_adjudicated=True)
    ranked = only([settled, disputed], "readers")
    assert [one.case_id for one in ranked] == [1, 2]
    assert ranked[0].reason == "Another person says 35, the label 55."
    assert ranked[1].reason == NOBODY_VOUCHES


def test_a_failed_check_is_the_reason_in_its_own_words() -> None:
    check = issue("ef_against_words", "EF 55, but the text calls the function reduced.")
    (found,) = only([record(1, checks=[check])], "text")
    assert (found.name, found.reason, found.is_issue) == ("text", check.reason, False)


def test_two_readers_and_a_failed_check_make_a_label_more_likely_wrong_than_right() -> None:
    check = issue("ef_against_words", "EF 55, but the text calls the function reduced.")
    against = [saying(Match.DIFFERENT, Voice.DRAFT, shown=True), saying(Match.DIFFERENT)]
    (found,) = only([record(1, *against, checks=[check])])
    assert found.is_issue
    assert found.score < 0.5


def test_the_quote_of_a_draft_that_differs_is_not_heard_twice() -> None:
    quote = issue("number_in_quote", "The number is not among the words.")
    differs = record(1, saying(Match.DIFFERENT, Voice.DRAFT), quote_checks=[quote])
    (both,) = only([differs], "readers", "text")
    (readers,) = only([differs], "readers")
    assert both.score == readers.score
    agrees = record(1, saying(Match.SAME, Voice.DRAFT), quote_checks=[quote])
    (both,) = only([agrees], "readers", "text")
    assert both.score < only([agrees], "readers")[0].score
    assert only([differs], "text")[0].weights["text"] > 0


def test_a_rare_value_is_suspicious_but_less_than_two_readers_that_agree_with_it() -> None:
    usual = [record(number, answer="55-59") for number in range(1, 200)]
    vouched = record(300, saying(Match.SAME, Voice.DRAFT, shown=True), saying(Match.SAME), answer="20-24")
    ranked = only([*usual, record(201, answer="20-24"), vouched], "readers", "rarity")
    assert ranked[0].case_id == 201
    assert ranked[0].reason == "“20-24” is rare for ejection fraction: 2 of 201 labels."
    assert ranked[-1].case_id == 300


def test_what_is_rare_is_judged_at_its_own_site() -> None:
    here = [record(number, answer="20-24", site="a") for number in range(1, 101)]
    there = [record(number, answer="55-59", site="b") for number in range(101, 200)]
    found = rarity_signal([*here, *there, record(200, answer="20-24", site="b")])
    assert found[200, "ef_percent"].weight > 0 > found[1, "ef_percent"].weight
    assert found[200, "ef_percent"].reason == (
        "“20-24” is rare for ejection fraction: 1 of 100 labels of its site, 101 of 200 labels."
    )


def test_a_rare_combination_is_suspicious_in_both_fields() -> None:
    def heart(number: int, band: str, grade: str) -> LabelledRecord:
        fields = {"ef_percent": FieldLabel("", band), "rwma": FieldLabel("", grade)}
        return LabelledRecord(number, "a", fields, ef_band=band, rwma_grade=grade)

    hearts = [heart(number, "normal", "none") for number in range(100)]
    hearts += [heart(number, "severely_reduced", "severe") for number in range(100, 200)]
    found = rarity_signal([*hearts, heart(200, "normal", "severe")])
    assert found[200, "rwma"].weight > found[0, "rwma"].weight + 0.3
    assert found[200, "ef_percent"].reason == "An EF normal with wall motion severe is rare: 1 of 201 labels."


def test_haste_is_judged_by_the_persons_own_pace_and_needs_enough_of_it() -> None:
    def timed(number: int, person: int, active_s: float) -> LabelledRecord:
        return replace(record(number), annotator=person, arm="shown", active_s=active_s)

    usual = [timed(number, 1, 8.0 + number % 5) for number in range(20)]
    found = haste_signal([*usual, timed(50, 1, 0.5), timed(51, 2, 0.5)])
    assert set(found) == {(50, "ef_percent")}
    assert found[50, "ef_percent"].weight == 1.0
    assert found[50, "ef_percent"].reason == "Decided in 0.5 s; this person's usual time is 10 s."


def test_a_case_is_ranked_by_its_worst_field() -> None:
    against = FieldLabel("mild", "mild", (saying(Match.DIFFERENT, words="none"),))
    fields = {"ef_percent": FieldLabel("55", "55-59"), "pah": against}
    worst = worst_fields(score_labels([LabelledRecord(4, "a", fields), record(2)]))
    assert [(one.case_id, one.field) for one in worst] == [(4, "pah"), (2, "ef_percent")]
    assert worst[0].name == "readers"


def test_nothing_against_a_label_is_said_as_such() -> None:
    (found,) = only([record(1, saying(Match.SAME, Voice.DRAFT, shown=True))])
    assert found.reason == NOTHING_AGAINST


def test_no_labels_give_no_scores() -> None:
    assert score_labels([]) == []


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(list(Match)), st.sampled_from(list(Voice)), st.floats(0, 1), st.booleans()),
        max_size=6,
    )
)
def test_every_score_lies_between_0_and_1_and_has_a_reason(
    said: list[tuple[Match, Voice, float, bool]],
) -> None:
    sayings = [Saying(speaker, match, "35", sure, shown) for match, speaker, sure, shown in said]
    (found,) = score_labels([record(1, *sayings)])
    assert 0 <= found.score <= 1
    assert found.reason.endswith(".")
