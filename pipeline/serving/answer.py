"""What a screening says of a photograph: numbers with what they rest on, or what to do for a better one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from pipeline import referral
from pipeline.serving.bundle import About, Bundle, Points
from pipeline.serving.messages import en
from pipeline.serving.runtime import Asked
from pipeline.serving.screened import MOST_PAGES, Screened, Verdict, is_outside

AID: Final = "A screening aid: the clinician decides."
NOT_ACCURACY: Final = "Agreement says how far the models agree. It is not accuracy: all can be wrong."
INVENTED: Final = "This bundle was made of invented data: its answers mean nothing for a patient."
OUTSIDE: Final = en.TEXTS["outside"]
_OVERRIDDEN: Final = "Overridden by name: "
_REFERRALS: Final = {
    referral.Cell.CLEARED: "no_referral",
    referral.Cell.CORRELATE: "clinical_correlation",
    referral.Cell.REFER: "cardiologist",
    referral.Cell.PRIORITY: "cardiologist_priority",
}


@dataclass(frozen=True)
class Retake:
    """One reason why a photograph can't be used.

    Attributes:
        reason: one of `screened.RETAKES`. where: one of `screened.PLACES`, or empty.
        sentence: what to do.
    """

    reason: str
    where: str
    sentence: str


@dataclass(frozen=True)
class Answer:
    """About one photograph. A number that the bundle does not vouch for is None.

    Attributes:
        bundle, run: ids.
        retakes: why there are no numbers, the gravest first; empty where there are.
        ef_percent: mean of all models and views, within 0-100. ef_low, ef_high: its conformal interval.
        rwma_probability: calibrated. rwma_said: as the models say it, which the referral matrix cuts.
        rwma_set: what can't be ruled out, of `absent` and `present`.
        ef_models: each model's own EF, percent.
        agreement: 0-100, of the head on which the answers lie further apart; see `pipeline.referral`.
        referral: one of `screened.REFERRALS`. points: where the matrix cut.
        coverage: share of patients that interval and set hold.
        views: how many shifted views were looked at.
        overridden: ids of verdicts against which the bundle is in use.
        pages: how many pages or pictures the file has; the answer is about the first.
        notes: what a reader must know.
    """

    bundle: str
    run: str
    retakes: tuple[Retake, ...] = ()
    ef_percent: float | None = None
    ef_low: float | None = None
    ef_high: float | None = None
    rwma_probability: float | None = None
    rwma_said: float | None = None
    rwma_set: tuple[str, ...] | None = None
    ef_models: tuple[float, ...] = ()
    agreement: float | None = None
    referral: str | None = None
    points: Mapping[str, float] | None = None
    coverage: float | None = None
    views: int = 0
    overridden: tuple[str, ...] = ()
    pages: int = 1
    notes: tuple[str, ...] = field(default=(AID,))

    @property
    def is_usable(self) -> bool:
        """Whether there are numbers."""
        return not self.retakes

    def as_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {"verdict": "ok" if self.is_usable else "bad_photo", **asdict(self)}

    @property
    def is_outside(self) -> bool:
        """Whether its EF lies outside its own interval."""
        if self.ef_percent is None or self.ef_low is None or self.ef_high is None:
            return False
        return is_outside(self.ef_percent, self.ef_low, self.ef_high)

    def to_screened(self) -> Screened:
        """As it travels to the relay.

        Raises:
            ValueError: the bundle lacks a number that people are told.
        """
        if self.retakes:
            worst = self.retakes[0]
            return Screened(
                Verdict.BAD_PHOTO,
                self.bundle,
                retake=worst.reason,
                where=worst.where,
                pages=self.pages,
            )
        return Screened(
            Verdict.OK,
            self.bundle,
            ef_percent=self.ef_percent,
            ef_low=self.ef_low,
            ef_high=self.ef_high,
            rwma_probability=self.rwma_probability,
            rwma_set=self.rwma_set or (),
            agreement=None if self.agreement is None else math.floor(self.agreement),
            referral=self.referral or "",
            is_invented=INVENTED in self.notes,
            overridden=self.overridden,
            pages=self.pages,
        )

    def of_first(self, pages: int) -> Answer:
        """The same, about the first of so many pages."""
        return replace(self, pages=min(pages, MOST_PAGES))


def no_numbers(bundle: Bundle, retakes: tuple[Retake, ...]) -> Answer:
    """About a photograph that can't be used."""
    return Answer(bundle.id, bundle.about.run, retakes)


def answer_of(bundle: Bundle, asked: Asked, points: Points | None) -> Answer:
    """From what the networks said of the views of one photograph.

    Args:
        points: where the referral matrix cuts; None where nobody measured what it does.
    """
    about = bundle.about
    raw = float(asked.ef_percent.mean())
    ef, said = min(100.0, max(0.0, raw)), float(asked.rwma.mean())
    low, high = (None, None) if about.ef_bands is None else about.ef_bands.around(ef)
    agreed = agreements(about, asked)
    cell = None if points is None else _cell(ef, said, agreed or (0.0, 0.0), points)
    answer = Answer(
        bundle=bundle.id,
        run=about.run,
        ef_percent=ef,
        ef_low=low,
        ef_high=high,
        rwma_probability=None if about.calibration is None else about.calibration.of(said),
        rwma_said=said,
        rwma_set=None if about.rwma_sets is None else about.rwma_sets.of(said),
        ef_models=tuple(asked.ef_percent.mean(axis=0).tolist()),
        agreement=None if agreed is None else min(agreed),
        referral=None if cell is None else _REFERRALS[cell],
        points=None if points is None else points.model_dump(),
        coverage=None if about.ef_bands is None else about.ef_bands.coverage,
        views=len(asked.ef_percent),
        overridden=about.despite,
    )
    return replace(answer, notes=_notes(about, answer))


def _notes(about: About, answer: Answer) -> tuple[str, ...]:
    notes = [AID]
    if answer.is_outside:
        notes.append(OUTSIDE)
    if answer.agreement is not None:
        notes.append(NOT_ACCURACY)
    if about.is_synthetic:
        notes.append(INVENTED)
    return (*notes, *about.lacks, *(f"{_OVERRIDDEN}{one}." for one in about.despite))


def _cell(ef: float, rwma: float, agreed: tuple[float, float], points: Points) -> referral.Cell:
    rule = referral.OperatingPoints(**points.model_dump())
    return referral.recommended(referral.Answer(ef, rwma, *agreed), rule)


def agreements(about: About, asked: Asked) -> tuple[float, float] | None:
    """How far the models agree on EF and on wall motion, 0-100 each; None where there is nothing to hold it
    against, or one model alone.
    """
    known = about.spreads
    if known is None or len(about.models) < 2:
        return None
    ef, rwma = spreads_of(asked)
    return referral.agreement(ef, known.ef_percent), referral.agreement(rwma, known.rwma)


def spreads_of(asked: Asked) -> tuple[float, float]:
    """Standard deviation over the models, each the mean of its views, of EF points and of the probability.

    All pictures are views of one photograph.
    """
    return float(asked.ef_percent.mean(axis=0).std()), float(asked.rwma.mean(axis=0).std())
