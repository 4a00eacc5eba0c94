"""The conversation: what a person sent and where they stand -> what they are told and what is done.

Pure: no clock, no store, no channel. Texts come from `pipeline.serving.messages`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Final

from pipeline.serving.messages.spoken import DEFAULT, LANGUAGES, overridden, said, understood
from pipeline.serving.screened import Screened, Verdict, chance_in_words, is_outside, whole_percent

MOST_WAITING: Final = 10
# How long photos are kept after their answer, hours; the consent says so.
KEPT_HOURS: Final = 24


class Question(StrEnum):
    """What the person was asked last and has not answered."""

    NOTHING = "nothing"
    LANGUAGE = "language"
    CONSENT = "consent"
    DELETION = "deletion"


@dataclass(frozen=True)
class Talk:
    """Where one person's conversation stands. `language` is empty until they have chosen one."""

    language: str = ""
    consented: bool = False
    stopped: bool = False
    asked: Question = Question.NOTHING

    def to_wire(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    @staticmethod
    def from_wire(stored: dict[str, Any]) -> Talk:
        """Read back what `to_wire` wrote."""
        return Talk(**{**stored, "asked": Question(stored["asked"])})

    @property
    def spoken(self) -> str:
        """The language to speak in."""
        return self.language or DEFAULT


@dataclass(frozen=True)
class Reply:
    """One message: a text, and up to three choices as (what it means, what stands on the button)."""

    text: str
    choices: tuple[tuple[str, str], ...] = ()


class Fate(StrEnum):
    """What becomes of photos."""

    NONE = "none"
    READ = "read"  # the photo just sent
    HOLD = "hold"  # the photo just sent: keep its place until the person has agreed
    READ_HELD = "read_held"
    DROP_HELD = "drop_held"


@dataclass(frozen=True)
class Step:
    """What follows from one event. `forget`: delete everything about the person but this step's replies."""

    talk: Talk
    replies: tuple[Reply, ...] = ()
    fate: Fate = Fate.NONE
    forget: bool = False


def on_text(talk: Talk, text: str, *, held: int) -> Step:
    """A person wrote, or pressed a button (its meaning is the text).

    Args:
        held: photos that wait for their consent.
    """
    meant = _meaning(talk, text)
    if "stop" in meant:
        stopped = replace(talk, stopped=True, asked=Question.NOTHING)
        return Step(stopped, _say(talk, "stopped"), Fate.DROP_HELD)
    # Their data is theirs, also after they have stopped.
    if "delete" in meant:
        asked = replace(talk, asked=Question.DELETION)
        return Step(asked, (_ask(talk, "delete_sure", "delete_yes", "delete_no"),))
    if talk.asked is Question.DELETION:
        return _on_deletion(talk, meant)
    if talk.stopped and "start" not in meant:
        return Step(talk, _say(talk, "is_stopped"))
    if "help" in meant:
        return Step(talk, _say(talk, "help"))
    if "language" in meant:
        return Step(replace(talk, asked=Question.LANGUAGE), (_ask_language(),))
    return _answered(replace(talk, stopped=False), meant, held)


def _meaning(talk: Talk, text: str) -> dict[str, str]:
    """What a text can mean here: a button's meaning as it is, typed words in any language."""
    kind, _, code = text.partition(":")
    if kind == "language" and code in LANGUAGES:
        return {"name": code}
    meant = understood(text)
    if "name" in meant and talk.asked is not Question.LANGUAGE and text.strip().isdecimal():
        del meant["name"]
    return meant


def _on_deletion(talk: Talk, meant: dict[str, str]) -> Step:
    if "yes" in meant:
        return Step(Talk(), _say(talk, "deleted"), Fate.DROP_HELD, forget=True)
    return Step(replace(talk, asked=Question.NOTHING), _say(talk, "not_deleted"))


def _answered(talk: Talk, meant: dict[str, str], held: int) -> Step:
    if "name" in meant:
        chosen = replace(talk, language=meant["name"], asked=Question.NOTHING)
        if talk.consented:
            return Step(chosen, _say(chosen, "language_set"))
        return _next_question(chosen, held)
    if talk.asked is Question.CONSENT and "yes" in meant:
        return _next_question(replace(talk, consented=True), held)
    if talk.asked is Question.CONSENT and "no" in meant:
        return Step(replace(talk, asked=Question.NOTHING), _say(talk, "not_agreed"), Fate.DROP_HELD)
    return _next_question(talk, held)


def _next_question(talk: Talk, held: int) -> Step:
    """Language, then consent, then the photo; a photo that came too early is taken up at the end."""
    if not talk.language:
        return Step(replace(talk, asked=Question.LANGUAGE), (_ask_language(),))
    if not talk.consented:
        return Step(replace(talk, asked=Question.CONSENT), (_ask(talk, "consent", "yes", "no"),))
    ready = replace(talk, asked=Question.NOTHING)
    if held:
        return Step(ready, _say(ready, "received"), Fate.READ_HELD)
    return Step(ready, _say(ready, "send_photo"))


def on_photo(talk: Talk, *, held: int, waiting: int) -> Step:
    """A photo or a document came.

    Args:
        held: photos that wait for consent, without this one.
        waiting: photos whose answer is not there yet, without this one.
    """
    if talk.stopped:
        return Step(talk, _say(talk, "is_stopped"))
    if held + waiting >= MOST_WAITING:
        return Step(talk, _say(talk, "too_many", count=MOST_WAITING))
    if talk.consented and talk.language:
        return Step(talk, () if waiting else _say(talk, "received"), Fate.READ)
    # Of several photos sent at once the first asks the question.
    asked = _next_question(talk, 0)
    return replace(asked, fate=Fate.HOLD, replies=() if held else asked.replies)


def on_again(talk: Talk, answer: str) -> Step:
    """A photo came that has its answer already.

    Args:
        answer: what was told of it; empty where that is gone.
    """
    if talk.stopped:
        return Step(talk, _say(talk, "is_stopped"))
    return Step(talk, (Reply("\n".join(filter(None, (said(talk.spoken, "already_read"), answer)))),))


def on_something_else(talk: Talk) -> Step:
    """A voice message, a place, a contact: nothing that can be read."""
    return Step(talk, _say(talk, "is_stopped" if talk.stopped else "not_a_photo"))


def on_news(talk: Talk, key: str, **values: object) -> Step:
    """News about a photo that is no answer: `too_large`, `wrong_type`, `photo_gone`, `delayed`, `gave_up`."""
    return Step(talk, () if talk.stopped else _say(talk, key, **values))


def on_answer(talk: Talk, answer: Screened, *, number: int | None, heat_link: str = "") -> Step:
    """A photo has been read.

    Args:
        number: which of several photos; None where there is one.
        heat_link: where its heat map can be looked at; empty for none.
    """
    if talk.stopped:
        return Step(talk)
    lines = _bad_photo(talk, answer) if answer.verdict is Verdict.BAD_PHOTO else _result(talk, answer)
    head = said(talk.spoken, "result_title")
    if number is not None:
        head = said(talk.spoken, "result_number", number=number)
    if answer.pages > 1:
        lines.append(said(talk.spoken, "pages", pages=answer.pages))
    if heat_link and answer.verdict is Verdict.OK:
        lines.append(said(talk.spoken, "heat_link", link=heat_link))
    return Step(talk, (Reply("\n".join([head, *lines])),))


def _result(talk: Talk, answer: Screened) -> list[str]:
    def line(key: str, **values: object) -> str:
        return said(talk.spoken, key, **values)

    chance = answer.rwma_probability or 0.0
    words = chance_in_words(chance, answer.rwma_set)
    invented = [line("invented")] if answer.is_invented else []
    ef, low, high = (_whole(number) for number in (answer.ef_percent, answer.ef_low, answer.ef_high))
    return [
        line("ef", ef=ef, low=low, high=high),
        *([line("outside")] if is_outside(ef, low, high) else []),
        line(f"rwma_{words}", probability=whole_percent(chance)),
        line(f"referral_{answer.referral}"),
        line("agreement", agreement=_whole(answer.agreement)),
        line("aid", bundle=answer.bundle[:12]),
        *overridden(talk.spoken, answer.overridden),
        *invented,
    ]


def _whole(number: float | None) -> int:
    return round(number or 0)


def _bad_photo(talk: Talk, answer: Screened) -> list[str]:
    keys = ["retake_title", f"retake_{answer.retake}"]
    if answer.where:
        keys.append(f"where_{answer.where.replace(' ', '_')}")
    return [said(talk.spoken, key) for key in keys]


def _say(talk: Talk, key: str, **values: object) -> tuple[Reply, ...]:
    return (Reply(said(talk.spoken, key, **values)),)


def _ask(talk: Talk, key: str, yes: str, no: str) -> Reply:
    return Reply(
        said(talk.spoken, key, hours=KEPT_HOURS),
        (("yes", said(talk.spoken, yes)), ("no", said(talk.spoken, no))),
    )


def _ask_language() -> Reply:
    """The one question in every language at once."""
    asked = "\n".join(said(code, "choose_language") for code in LANGUAGES)
    return Reply(asked, tuple((f"language:{code}", language.NAME) for code, language in LANGUAGES.items()))
