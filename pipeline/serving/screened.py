"""What a screening says of one photo, as it travels from the model host to the relay."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

# What the referral matrix can say. Source: the paper, "Confidence scoring & referral logic".
REFERRALS: Final = ("no_referral", "clinical_correlation", "cardiologist", "cardiologist_priority")
# Why a photo can't be used: what `pipeline.imaging.quality` finds, and what no picture can be made of.
RETAKES: Final = (
    "not_an_ecg", "too_small", "blurred", "glare", "cut_off", "two_ecgs", "upside_down", "on_its_side",
    "mirrored", "unreadable",
)  # fmt: skip
# Where in the photo, as `pipeline.imaging.quality` names it.
PLACES: Final = ("left half", "right half", "top half", "bottom half", "middle", "rows missing")
# A chance from here on is called likely, and one below unlikely. The set does not decide alone: it says which
# answers are usual, and where few are ill it can hold `present` alone at a chance of a fifth.
_LIKELY_FROM: Final = 0.5
_UNLIKELY_BELOW: Final = 0.2
# More pages are told as so many.
MOST_PAGES: Final = 999
# Verdicts that were overridden: how many a message names, and what an id is.
_MOST_VERDICTS: Final = 20
_ID: Final = re.compile(r"[a-z0-9_]{1,60}")


class Verdict(StrEnum):
    """Whether there are numbers."""

    OK = "ok"
    BAD_PHOTO = "bad_photo"


@dataclass(frozen=True)
class Screened:
    """One photo's answer.

    Attributes:
        bundle: the id of the model bundle.
        retake, where: one of `RETAKES` and of `PLACES` (or empty); for a bad photo.
        ef_percent, ef_low, ef_high: ejection fraction and its 90 % interval, percent.
        rwma_probability: calibrated, 0-1.
        rwma_set: the answers that can't be ruled out, of `present` and `absent`.
        agreement: 0-100, how far the models agree; it is not accuracy.
        referral: one of `REFERRALS`.
        is_invented: the bundle was made of invented data, so the numbers mean nothing for a patient.
        overridden: ids of verdicts of its evaluation against which the bundle is in use.
        pages: how many pages or pictures the file has; the answer is about the first.
    """

    verdict: Verdict
    bundle: str
    retake: str = ""
    where: str = ""
    ef_percent: float | None = None
    ef_low: float | None = None
    ef_high: float | None = None
    rwma_probability: float | None = None
    rwma_set: tuple[str, ...] = ()
    agreement: int | None = None
    referral: str = ""
    is_invented: bool = False
    overridden: tuple[str, ...] = ()
    pages: int = 1

    def __post_init__(self) -> None:
        problem = _problem(self) or _problem_of_pages(self)
        if problem:
            raise ValueError(problem)

    def to_wire(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    @staticmethod
    def from_wire(sent: Mapping[str, Any]) -> Screened:
        """Read back what `to_wire` wrote.

        Raises:
            ValueError: it is not an answer.
        """
        try:
            values = {**sent, "verdict": Verdict(sent["verdict"]), "rwma_set": tuple(sent["rwma_set"])}
            # A model host that was not updated yet does not say it.
            values["overridden"] = tuple(sent.get("overridden", ()))
            return Screened(**values)
        except (KeyError, TypeError) as error:
            raise ValueError("not a screening answer") from error


def _problem(answer: Screened) -> str:
    """Why this is no answer; empty where it is one."""
    if not isinstance(answer.bundle, str) or not 0 < len(answer.bundle) <= 100:
        return "an answer names its bundle"
    if not isinstance(answer.is_invented, bool):
        return "whether the bundle is of invented data is not known"
    if not are_verdicts(answer.overridden):
        return "what was overridden is not known"
    if answer.verdict is Verdict.BAD_PHOTO:
        is_known = answer.retake in RETAKES and answer.where in ("", *PLACES)
        return "" if is_known else "a bad photo has a reason and a place that are known"
    numbers = (answer.ef_percent, answer.ef_low, answer.ef_high, answer.agreement)
    if not all(_is_within(number, 100) for number in numbers) or not _is_within(answer.rwma_probability, 1):
        return "a number is missing or out of range"
    is_known = answer.referral in REFERRALS and set(answer.rwma_set) <= {"present", "absent"}
    return "" if is_known else "the referral or the set is not known"


def _problem_of_pages(answer: Screened) -> str:
    is_known = type(answer.pages) is int and 1 <= answer.pages <= MOST_PAGES
    return "" if is_known else "how many pages the file has is not known"


def are_verdicts(ids: Sequence[object]) -> bool:
    """Whether these can be ids of verdicts, and few and short enough for a message."""
    return len(ids) <= _MOST_VERDICTS and all(isinstance(one, str) and _ID.fullmatch(one) for one in ids)


def is_outside(ef: float, low: float, high: float) -> bool:
    """Whether an EF lies outside its interval by what is told of it, whole percents."""
    return not round(low) <= round(ef) <= round(high)


def _is_within(number: object, most: float) -> bool:
    is_number = isinstance(number, int | float) and not isinstance(number, bool)
    return is_number and 0 <= number <= most  # type: ignore[operator]


def chance_in_words(probability: float, rwma_set: Sequence[str]) -> str:
    """How the chance of a wall motion abnormality is put: `present` (likely), `possible`, `absent` (unlikely)
    or `unsure`; the end of a sentence's key.

    Args:
        probability: calibrated, 0-1. rwma_set: the answers that can't be ruled out.
    """
    if tuple(rwma_set) == ("present",):
        return "present" if probability >= _LIKELY_FROM else "possible"
    if tuple(rwma_set) == ("absent",) and probability < _UNLIKELY_BELOW:
        return "absent"
    return "unsure"


def whole_percent(probability: float) -> int:
    """A chance as whole percent, 1-99: nothing is certain here, so neither 0 nor 100 is ever said."""
    return min(99, max(1, round(100 * probability)))


@dataclass(frozen=True)
class Reading:
    """An answer with its heat map, the photo with what speaks for illness laid over it; empty for none."""

    answer: Screened
    heat_jpeg: bytes = b""


Screener = Callable[[bytes], Screened | Reading]
