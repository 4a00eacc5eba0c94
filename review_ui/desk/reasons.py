"""Why a card has its light, in words: the stored reasons of its fields, the gravest first. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from db.fields.names import of_fields
from db.labels import Light, LightReason, ReasonCode
from db.tables.drafts import Draft
from review_ui import text
from review_ui.text import reasons

# A card has room for two sentences; more would not be read.
_MOST_SENTENCES: Final = 2
_GRAVEST_FIRST: Final = {code: number for number, code in enumerate(ReasonCode)}
# These explain a green and have no sentence: the word beside the colour says it.
_WITHOUT_WORDS: Final = (ReasonCode.READERS_AGREE, ReasonCode.ONE_READER)
_WORDS_OF: Final = of_fields(ef_percent="ef", rwma="rwma", pah="pah", rvsp_mmhg="ef")


def reason_sentence(draft: Draft, fields: Sequence[str], light: Light) -> str:
    """Why a person is asked about these fields, in one or two sentences; empty where nobody needs to be.

    Drafts older than stored reasons have only their checks to tell.
    """
    if draft.reasons is None:
        return _before_reasons(draft, fields, light)
    found = [(reason, field) for field in fields for reason in _reasons(draft, field)]
    found.sort(key=lambda item: _GRAVEST_FIRST[item[0].code])
    said = [_sentence(draft, reason, field) for reason, field in found if reason.code not in _WITHOUT_WORDS]
    sentences = list(dict.fromkeys(sentence for sentence in said if sentence))[:_MOST_SENTENCES]
    return " ".join(sentences) or (reasons.NEEDS_AN_ANSWER if light is Light.RED else "")


def readers_agree(draft: Draft, fields: Sequence[str]) -> bool:
    """Whether at least two readers really read the same for every one of the fields."""
    if not draft.opinions:
        return False
    return all(
        any(one.code is ReasonCode.READERS_AGREE for one in _reasons(draft, field)) for field in fields
    )


def _reasons(draft: Draft, field: str) -> list[LightReason]:
    return [LightReason.model_validate(one) for one in (draft.reasons or {}).get(field, ())]


def _sentence(draft: Draft, reason: LightReason, field: str) -> str:
    values = {name: _in_words(value, field) for name, value in reason.values.items()}
    if reason.code is ReasonCode.PAGE_UNREADABLE:
        return draft.unreadable_reason
    if reason.code is ReasonCode.CHECK_FAILED or (
        reason.code is ReasonCode.UNSURE and "check" in reason.values
    ):
        return _of_check(draft.checks, reason.values.get("check", ""), field)
    if reason.code is ReasonCode.DETAIL_DIFFERS:
        return reasons.DETAILS_DIFFER.get(reason.values.get("detail", ""), reasons.UNSURE).format(**values)
    if reason.code is ReasonCode.DIGITS_DIFFER and not values.get("page"):
        return reasons.NUMBER_NOT_THERE
    return reasons.REASONS[reason.code.value].format(**values)


def _of_check(checks: Sequence[Mapping[str, Any]], name: str, field: str) -> str:
    named = [
        str(one.get("reason", "")) for one in checks if one.get("name") == name and one.get("field") == field
    ]
    return named[0] if named else reasons.UNSURE


def _in_words(value: str, field: str) -> str:
    """A stored value as the desk calls it: `not_stated` is "not stated", `present (mild)` stays."""
    return text.ANSWER_WORDS[_WORDS_OF[field]].get(value, value.replace("_", " "))


def _before_reasons(draft: Draft, fields: Sequence[str], light: Light) -> str:
    if draft.unreadable_reason:
        return draft.unreadable_reason
    issues = [
        str(check.get("reason", ""))
        for check in draft.checks
        if check.get("is_issue") and check.get("field") in fields
    ]
    if issues:
        return " ".join(dict.fromkeys(issues))
    return reasons.NEEDS_AN_ANSWER if light is Light.RED else ""
