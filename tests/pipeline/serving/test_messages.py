"""What people are told: the same sentences in every language, within the messenger's limits."""

from __future__ import annotations

import re
import unicodedata

import pytest

from pipeline.serving.channels.whatsapp import LONGEST_BUTTON, LONGEST_QUESTION, LONGEST_TEXT
from pipeline.serving.messages.spoken import LANGUAGES, in_digits, said, understood, unreviewed

FIELDS = re.compile(r"\{(\w+)\}")
QUESTIONS = ("consent", "delete_sure", "choose_language")
BUTTONS = ("yes", "no", "delete_yes", "delete_no")
# What stands in Latin letters in every language: the words to type, names of formats, the unit.
LATIN = {
    "START", "STOP", "HELP", "DELETE", "LANGUAGE", "EF", "MB", "JPEG", "PNG", "PDF",
}  # fmt: skip


@pytest.mark.parametrize("code", list(LANGUAGES))
def test_every_language_has_every_sentence_with_the_same_blanks(code: str) -> None:
    english, texts = LANGUAGES["en"].TEXTS, LANGUAGES[code].TEXTS
    assert list(texts) == list(english)
    assert {key: set(FIELDS.findall(text)) for key, text in texts.items()} == {
        key: set(FIELDS.findall(text)) for key, text in english.items()
    }
    assert set(LANGUAGES[code].WORDS) == set(LANGUAGES["en"].WORDS)
    assert isinstance(LANGUAGES[code].REVIEWED_BY, str)


@pytest.mark.parametrize("code", list(LANGUAGES))
def test_sentences_keep_to_the_messengers_limits(code: str) -> None:
    texts = LANGUAGES[code].TEXTS
    assert all(len(text) <= LONGEST_TEXT for text in texts.values())
    assert all(len(texts[key]) <= LONGEST_QUESTION - 20 for key in QUESTIONS)
    assert all(len(texts[key]) <= LONGEST_BUTTON for key in BUTTONS)
    assert len(LANGUAGES[code].NAME) <= LONGEST_BUTTON
    longest = sum(sorted((len(text) for text in texts.values()), reverse=True)[:8])
    assert longest <= LONGEST_TEXT


@pytest.mark.parametrize(("code", "script"), [("kn", "KANNADA"), ("hi", "DEVANAGARI")])
def test_a_language_is_written_in_its_own_script_and_digits(code: str, script: str) -> None:
    for key, text in LANGUAGES[code].TEXTS.items():
        shown = in_digits(code, FIELDS.sub("", text))
        assert set(re.findall(r"[A-Za-z]+", shown)) <= LATIN, key
        assert not re.search(r"[0-9]", shown), key
        letters = [letter for letter in shown if letter.isalpha() and not letter.isascii()]
        assert {unicodedata.name(letter).split()[0] for letter in letters} <= {script}, key
        assert letters, key


def test_numbers_are_filled_in_with_the_languages_digits_and_names_are_not_changed() -> None:
    assert "೫೨" in said("kn", "ef", ef=52, low=43, high=61)
    assert "१२" in said("hi", "rwma_absent", probability=12)
    assert "a1b2" in said("hi", "aid", bundle="a1b2")


@pytest.mark.parametrize("code", list(LANGUAGES))
def test_every_word_a_button_shows_is_understood_when_it_is_typed(code: str) -> None:
    texts = LANGUAGES[code].TEXTS
    assert "yes" in understood(texts["yes"])
    assert "no" in understood(texts["no"])
    assert "yes" in understood(texts["delete_yes"])
    assert "no" in understood(texts["delete_no"])
    assert understood(LANGUAGES[code].NAME)["name"] == code
    for word in ("stop", "start", "help", "delete", "language"):
        assert word in understood(word.upper())
        assert word in understood(LANGUAGES[code].WORDS[word][0])


def test_no_word_means_two_things() -> None:
    words = [word for language in LANGUAGES.values() for forms in language.WORDS.values() for word in forms]
    assert all(len(understood(word)) == 1 for word in words)


def test_who_has_not_been_read_by_a_native_speaker_is_named() -> None:
    assert unreviewed() == [language.NAME for language in LANGUAGES.values() if not language.REVIEWED_BY]
