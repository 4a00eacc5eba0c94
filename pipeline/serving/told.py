"""An answer in words, in each language from the sentences that messages use."""

from __future__ import annotations

from pipeline.serving.answer import AID, NOT_ACCURACY, Answer
from pipeline.serving.messages.spoken import DEFAULT, overridden, said
from pipeline.serving.screened import chance_in_words, whole_percent


def lines_of(answer: Answer, language: str = DEFAULT) -> list[str]:
    """One line for each number there is, or what to do for a better photograph."""
    more = [said(language, "pages", pages=answer.pages)] if answer.pages > 1 else []
    if not answer.is_usable:
        return [said(language, "retake_title"), *_retake_lines(answer, language), *more]
    lines = [_ef(answer, language), _rwma(answer, language)]
    if answer.referral is not None:
        lines.append(said(language, f"referral_{answer.referral}"))
    if answer.agreement is not None:
        lines.append(said(language, "agreement", agreement=int(answer.agreement)))
    return [line for line in lines if line] + more + [said(language, "aid", bundle=answer.bundle)]


def cautions_of(answer: Answer) -> list[str]:
    """What of an answer's notes its lines do not say: invented data, overridden verdicts, what is missing."""
    return [note for note in answer.notes if note not in (AID, NOT_ACCURACY)] if answer.is_usable else []


def warnings_of(answer: Answer, language: str = DEFAULT) -> list[str]:
    """What speaks against its numbers: an EF outside its own interval, verdicts that were overridden."""
    if not answer.is_usable:
        return []
    outside = [said(language, "outside")] if answer.is_outside else []
    return [*outside, *overridden(language, answer.overridden)]


def _retake_lines(answer: Answer, language: str) -> list[str]:
    lines = []
    for one in answer.retakes:
        is_of_file = one.reason == "unreadable" and language == DEFAULT
        lines.append(one.sentence if is_of_file else said(language, f"retake_{one.reason}"))
        if one.where:
            lines.append(said(language, f"where_{one.where.replace(' ', '_')}"))
    return lines


def _ef(answer: Answer, language: str) -> str:
    if answer.ef_percent is None or answer.ef_low is None or answer.ef_high is None:
        return ""
    low, ef, high = (round(value) for value in (answer.ef_low, answer.ef_percent, answer.ef_high))
    return said(language, "ef", ef=ef, low=low, high=high)


def _rwma(answer: Answer, language: str) -> str:
    if answer.rwma_probability is None:
        return ""
    words = chance_in_words(answer.rwma_probability, answer.rwma_set or ())
    return said(language, f"rwma_{words}", probability=whole_percent(answer.rwma_probability))


def look_of(answer: Answer) -> str:
    """How an answer is shown: `retake`, `calm`, `unsure` or `refer`."""
    if not answer.is_usable:
        return "retake"
    looks = {"no_referral": "calm", "cardiologist": "refer", "cardiologist_priority": "refer"}
    return looks.get(answer.referral or "", "unsure")
