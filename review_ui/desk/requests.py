"""What the page may ask: one shape an event, with everything unknown refused."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from db.decisions import CorrectionReason
from db.fields.names import CARD_OF_ANSWER

# What a database can hold as a number of a row.
_MOST = 2**63 - 1
REQUEST_ID = r"^[A-Za-z0-9-]{8,64}$"
SCREEN = r"^[0-9a-f]{32}$"


class _Payload(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ScreenRequest(_Payload):
    """What every request about a record on screen says.

    Attributes:
        draft_id: the draft of the record that was on screen.
        screen: the mark that came with it (`review_ui/desk/marks.py`).
        answers: what was answered, by control.
    """

    case_id: int = Field(ge=1, le=_MOST)
    draft_id: int = Field(ge=1, le=_MOST)
    screen: str = Field(pattern=SCREEN)
    answers: dict[str, Any] = Field(default_factory=dict)

    @field_validator("answers")
    @classmethod
    def _known(cls, answers: dict[str, Any]) -> dict[str, Any]:
        if not answers.keys() <= CARD_OF_ANSWER.keys():
            raise ValueError("an answer to nothing that is asked")
        return answers


class DecisionRequest(ScreenRequest):
    """One decision, as the page sends it.

    Attributes:
        seen_review_id: the newest review of the case when it was shown, 0 for none: the version check.
        base_review_id: the own review that pre-filled the answers, where it was not the draft.
        request_id: made by the page; the same decision sent twice carries the same one.
        decision: `store` is accept or correct, whichever it turns out to be.
        confirmed: cards answered explicitly by keeping what they say.
        reason: why the draft was wrong.
        active_s: seconds the person worked on the record.
    """

    seen_review_id: int = Field(ge=0, le=_MOST)
    base_review_id: int | None = Field(default=None, ge=1, le=_MOST)
    request_id: str = Field(pattern=REQUEST_ID)
    decision: Literal["store", "flag", "skip"]
    confirmed: list[Literal["ef", "rwma", "pah"]] = Field(default_factory=list, max_length=3)
    reason: CorrectionReason | None = None
    note: str = ""
    active_s: float = Field(default=0.0, ge=0, le=86_400, allow_inf_nan=False)


class OpenRequest(_Payload):
    """Ask for the next record; `leave` gives up one that was looked at again."""

    leave: int | None = Field(default=None, ge=1, le=_MOST)


class PrefetchRequest(_Payload):
    """Ask for the records after the one on screen."""

    case_id: int = Field(ge=1, le=_MOST)


class RevealRequest(ScreenRequest):
    """Everything was entered on a hidden draft; ask to see it beside."""

    request_id: str = Field(default="", max_length=64)


class BackRequest(_Payload):
    """Ask for the decision before `before_review_id`, or for the last one; `leave` as in `OpenRequest`."""

    before_review_id: int | None = Field(default=None, ge=1, le=_MOST)
    leave: int | None = Field(default=None, ge=1, le=_MOST)


class HeartbeatRequest(_Payload):
    """The record on screen, the newest review it was shown with, and other records the page still holds.

    `is_active` says whether the person did something since the last one.
    """

    case_id: int = Field(ge=1, le=_MOST)
    draft_id: int = Field(ge=1, le=_MOST)
    screen: str = Field(pattern=SCREEN)
    seen_review_id: int = Field(ge=0, le=_MOST)
    also: list[int] = Field(default_factory=list, max_length=8)
    is_active: bool = True


class WorkRequest(_Payload):
    """What was answered on a record and not stored yet; null to forget it."""

    case_id: int = Field(ge=1, le=_MOST)
    screen: str = Field(pattern=SCREEN)
    work: dict[str, Any] | None = None


class RereadRequest(_Payload):
    """Ask what one region of a page says about a card; the box is left, top, right, bottom as shares of the
    page.
    """

    case_id: int = Field(ge=1, le=_MOST)
    page: int = Field(ge=1, le=_MOST)
    box: tuple[float, float, float, float]
    field: Literal["ef", "rwma", "pah"]


class UndoRequest(_Payload):
    """One press of the key; the page sends the same `request_id` until it hears an answer."""

    request_id: str = Field(pattern=REQUEST_ID)
