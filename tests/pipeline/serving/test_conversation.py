"""The conversation, step by step, without anything around it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.serving.channels.whatsapp import LONGEST_TEXT
from pipeline.serving.conversation import (
    MOST_WAITING,
    Fate,
    Question,
    Talk,
    on_answer,
    on_news,
    on_photo,
    on_something_else,
    on_text,
)
from pipeline.serving.messages.spoken import LANGUAGES, said
from pipeline.serving.screened import (
    REFERRALS,
    RETAKES,
    Screened,
    Verdict,
    chance_in_words,
    whole_percent,
)

AGREED = Talk(language="en", consented=True)
OK = Screened(
    Verdict.OK, "b" * 30, ef_percent=52.4, ef_low=43.6, ef_high=61.2, rwma_probability=0.123,
    rwma_set=("absent",), agreement=82, referral="no_referral",
)  # fmt: skip


def test_the_first_word_asks_for_the_language_in_all_of_them() -> None:
    step = on_text(Talk(), "hello", held=0)
    assert step.talk.asked is Question.LANGUAGE
    assert [meaning for meaning, _ in step.replies[0].choices] == [
        "language:en",
        "language:kn",
        "language:hi",
    ]
    assert all(said(code, "choose_language") in step.replies[0].text for code in LANGUAGES)


@pytest.mark.parametrize("text", ["language:kn", "ಕನ್ನಡ", "Kannada", "2", "೨"])
def test_a_language_is_chosen_by_button_name_or_number(text: str) -> None:
    step = on_text(Talk(asked=Question.LANGUAGE), text, held=0)
    assert step.talk.language == "kn"
    assert step.talk.asked is Question.CONSENT
    assert step.replies[0].text == said("kn", "consent", hours=24)


def test_a_number_is_no_language_where_none_was_asked() -> None:
    assert on_text(AGREED, "2", held=0).talk.language == "en"


@pytest.mark.parametrize("text", ["yes", "YES!", "हाँ", "ಹೌದು", "  Yes.  "])
def test_yes_is_understood_in_every_language(text: str) -> None:
    step = on_text(Talk(language="hi", asked=Question.CONSENT), text, held=2)
    assert step.talk.consented
    assert step.fate is Fate.READ_HELD


@pytest.mark.parametrize("text", ["maybe", "", "yesterday", "ok?"])
def test_nothing_but_a_yes_is_an_agreement(text: str) -> None:
    assert not on_text(Talk(language="en", asked=Question.CONSENT), text, held=0).talk.consented


def test_a_yes_to_no_question_agrees_to_nothing() -> None:
    assert not on_text(Talk(language="en"), "yes", held=1).talk.consented


@pytest.mark.parametrize("text", ["STOP", "stop.", "बंद करो", "ನಿಲ್ಲಿಸಿ"])
@pytest.mark.parametrize("talk", [Talk(), AGREED, Talk(language="kn", asked=Question.CONSENT)])
def test_stop_stops_at_any_point(talk: Talk, text: str) -> None:
    step = on_text(talk, text, held=1)
    assert step.talk.stopped
    assert step.fate is Fate.DROP_HELD
    assert on_answer(step.talk, OK, number=None).replies == ()
    assert on_news(step.talk, "delayed").replies == ()


def test_deletion_is_asked_once_more_and_works_after_stop() -> None:
    stopped = replace(AGREED, stopped=True)
    asked = on_text(stopped, "delete my data", held=0)
    assert not asked.forget
    assert on_text(asked.talk, "no", held=0).talk.stopped
    done = on_text(asked.talk, "yes", held=0)
    assert done.forget
    assert done.talk == Talk()


def test_a_word_that_is_no_yes_deletes_nothing() -> None:
    step = on_text(replace(AGREED, asked=Question.DELETION), "what?", held=0)
    assert not step.forget
    assert step.replies[0].text == said("en", "not_deleted")


def test_of_several_photos_at_once_one_is_acknowledged() -> None:
    assert [len(on_photo(AGREED, held=0, waiting=waiting).replies) for waiting in range(3)] == [1, 0, 0]
    assert [len(on_photo(Talk(), held=held, waiting=0).replies) for held in range(3)] == [1, 0, 0]


def test_too_many_photos_are_told_so_and_not_kept() -> None:
    step = on_photo(AGREED, held=0, waiting=MOST_WAITING)
    assert step.fate is Fate.NONE
    assert step.replies[0].text == said("en", "too_many", count=MOST_WAITING)


def test_something_else_than_a_photo_is_told_so() -> None:
    assert on_something_else(AGREED).replies[0].text == said("en", "not_a_photo")


@pytest.mark.parametrize("language", list(LANGUAGES))
@pytest.mark.parametrize("referral", REFERRALS)
@pytest.mark.parametrize("rwma_set", [("present",), ("absent",), ("present", "absent"), ()])
def test_a_result_says_all_that_it_has_to(language: str, referral: str, rwma_set: tuple[str, ...]) -> None:
    talk = replace(AGREED, language=language)
    text = on_answer(talk, replace(OK, referral=referral, rwma_set=rwma_set), number=3).replies[0].text
    sure = {("present",): "possible", ("absent",): "absent"}.get(rwma_set, "unsure")
    assert text.splitlines() == [
        said(language, "result_number", number=3),
        said(language, "ef", ef=52, low=44, high=61),
        said(language, f"rwma_{sure}", probability=12),
        said(language, f"referral_{referral}"),
        said(language, "agreement", agreement=82),
        said(language, "aid", bundle="b" * 12),
    ]


@pytest.mark.parametrize(
    ("probability", "rwma_set", "words"),
    [
        (0.9, ("present",), "present"),
        (0.5, ("present",), "present"),
        (0.21, ("present",), "possible"),
        (0.9, ("present", "absent"), "unsure"),
        (0.9, (), "unsure"),
        (0.05, ("absent",), "absent"),
        (0.2, ("absent",), "unsure"),
        (0.6, ("absent",), "unsure"),
    ],
)
def test_a_problem_is_called_likely_only_where_it_is_more_likely_than_not(
    probability: float, rwma_set: tuple[str, ...], words: str
) -> None:
    assert chance_in_words(probability, rwma_set) == words


@given(st.floats(0, 1))
def test_nothing_is_ever_certain(probability: float) -> None:
    assert 1 <= whole_percent(probability) <= 99
    assert abs(whole_percent(probability) - 100 * probability) <= 1


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_numbers_of_a_bundle_of_invented_data_say_so(language: str) -> None:
    talk = Talk(language=language, consented=True)
    assert said(language, "invented") not in on_answer(talk, OK, number=None).replies[0].text
    sent = Screened.from_wire({**OK.to_wire(), "is_invented": True})
    assert said(language, "invented") in on_answer(talk, sent, number=None).replies[0].text


@pytest.mark.parametrize("language", list(LANGUAGES))
@pytest.mark.parametrize(("ef", "is_outside"), [(61.4, False), (62.0, True), (43.4, True)])
def test_an_ef_outside_its_own_interval_is_said_to_be_no_number_to_use(
    language: str, ef: float, is_outside: bool
) -> None:
    talk = Talk(language=language, consented=True)
    lines = on_answer(talk, replace(OK, ef_percent=ef), number=None).replies[0].text.splitlines()
    assert (lines[2] == said(language, "outside")) is is_outside
    assert lines.count(said(language, "outside")) == is_outside


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_what_was_overridden_is_told_in_the_language_of_the_person(language: str) -> None:
    talk = Talk(language=language, consented=True)
    ids = ("no_evaluation", "ef_not_taught", "a_leak", "other")
    sent = Screened.from_wire(json.loads(json.dumps(replace(OK, overridden=ids).to_wire())))
    assert on_answer(talk, sent, number=None).replies[0].text.splitlines()[-3:] == [
        said(language, "overridden_no_evaluation"),
        said(language, "overridden_ef_not_taught"),
        said(language, "overridden_other", verdicts="a_leak, other"),
    ]
    most = replace(OK, overridden=tuple(f"{number:060}" for number in range(20)), is_invented=True)
    text = on_answer(talk, most, number=99, heat_link="h" * 300).replies[0].text
    assert len(text) <= LONGEST_TEXT


def test_a_model_host_from_before_says_nothing_of_what_was_overridden() -> None:
    wire = OK.to_wire()
    del wire["overridden"]
    assert Screened.from_wire(wire) == OK


@pytest.mark.parametrize("retake", RETAKES)
def test_a_bad_photo_gets_no_numbers(retake: str) -> None:
    text = on_answer(AGREED, Screened(Verdict.BAD_PHOTO, "b", retake=retake), number=None).replies[0].text
    assert text == "\n".join(
        [said("en", "result_title"), said("en", "retake_title"), said("en", f"retake_{retake}")]
    )


@pytest.mark.parametrize(
    "wrong",
    [{"ef_percent": None}, {"ef_high": 140.0}, {"rwma_probability": 1.2}, {"agreement": True},
     {"referral": "home"}, {"rwma_set": ("perhaps",)}, {"bundle": ""}, {"ef_low": float("nan")},
     {"is_invented": "no"}, {"overridden": ("a fault",)}, {"overridden": ("",)}, {"overridden": (1,)},
     {"overridden": ("x" * 61,)}, {"overridden": ("x",) * 21}],
)  # fmt: skip
def test_what_is_no_answer_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        replace(OK, **wrong)  # type: ignore[arg-type]


def test_an_answer_comes_back_from_the_wire_as_it_was() -> None:
    assert Screened.from_wire(OK.to_wire()) == OK
    with pytest.raises(ValueError):
        Screened.from_wire({**OK.to_wire(), "more": 1})


talks = st.builds(
    Talk, language=st.sampled_from(["", *LANGUAGES]), consented=st.booleans(), stopped=st.booleans(),
    asked=st.sampled_from(list(Question)),
)  # fmt: skip


@given(talk=talks, text=st.text(max_size=300), held=st.integers(0, 12))
def test_any_text_has_a_reply_and_agrees_to_nothing_by_itself(talk: Talk, text: str, held: int) -> None:
    step = on_text(talk, text, held=held)
    assert step.replies
    assert Talk.from_wire(step.talk.to_wire()) == step.talk
    if step.talk.consented and not talk.consented:
        assert talk.asked is Question.CONSENT
    if step.forget:
        assert talk.asked is Question.DELETION


@given(talk=talks, held=st.integers(0, 12), waiting=st.integers(0, 12))
def test_no_photo_is_read_without_consent_or_after_stop(talk: Talk, held: int, waiting: int) -> None:
    step = on_photo(talk, held=held, waiting=waiting)
    if step.fate is Fate.READ:
        assert talk.consented
        assert not talk.stopped
