"""The languages and their sentences: said with their own digits, understood in any of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from types import ModuleType
from typing import Final

from pipeline.serving.messages import en, hi, kn

LANGUAGES: Final[dict[str, ModuleType]] = {"en": en, "kn": kn, "hi": hi}
DEFAULT: Final = "en"
_SIGNS: Final = frozenset("PSZC")


def said(language: str, key: str, **values: object) -> str:
    """A sentence; every digit of its own and of whole numbers filled in becomes the language's digit.

    Words filled in (the name of a model) stay as they are.

    Raises:
        KeyError: there is no such sentence.
    """
    texts: dict[str, str] = LANGUAGES[language].TEXTS
    shown = {
        name: in_digits(language, str(value)) if isinstance(value, int) else str(value)
        for name, value in values.items()
    }
    return in_digits(language, texts[key]).format(**shown)


def overridden(language: str, verdicts: Sequence[str]) -> list[str]:
    """That a model is in use against verdicts of its evaluation.

    A sentence each, and one for all those that have none of their own, with their ids.
    """
    texts: dict[str, str] = LANGUAGES[language].TEXTS
    own = {verdict: f"overridden_{verdict}" for verdict in verdicts if verdict != "other"}
    lines = [said(language, key) for key in own.values() if key in texts]
    others = [verdict for verdict in verdicts if own.get(verdict) not in texts]
    if others:
        lines.append(said(language, "overridden_other", verdicts=", ".join(others)))
    return lines


def in_digits(language: str, text: str) -> str:
    """The text with the language's own digits."""
    digits: str = LANGUAGES[language].DIGITS
    return text.translate(str.maketrans("0123456789", digits))


def understood(text: str) -> dict[str, str]:
    """What a typed text can mean: word -> the language it was said in; several where the word is shared.

    `{"stop": "en"}`, `{"yes": "hi"}`, `{"name": "kn"}` for the name of a language; empty for anything else.
    """
    plain = _plain(text)
    return {
        word: code
        for code, language in LANGUAGES.items()
        for word, forms in language.WORDS.items()
        if plain in (_plain(form) for form in forms)
    }


def _plain(text: str) -> str:
    """Small letters, digits of one kind, no signs, single blanks."""
    composed = unicodedata.normalize("NFKC", text[:200]).casefold()
    return " ".join("".join(map(_plain_letter, composed)).split())


def _plain_letter(letter: str) -> str:
    kind = unicodedata.category(letter)
    if kind == "Nd":
        return str(unicodedata.digit(letter))
    if kind == "Cf":  # joiners within a word
        return ""
    return " " if kind[0] in _SIGNS and letter != "?" else letter


def unreviewed() -> list[str]:
    """The languages whose sentences no native speaker has signed."""
    return [language.NAME for language in LANGUAGES.values() if not language.REVIEWED_BY]
