"""What the API answers, field by field, as `/openapi.json` describes it to those who write programs for it.

The fields are those of `pipeline.serving.answer.Answer`, whose types hold; here is what a client must know of
each: unit, range, the words it may hold, and when it is null.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, Field

from pipeline.serving.screened import PLACES, REFERRALS, RETAKES


def _one_of(*words: str) -> dict[str, Any]:
    return {"enum": list(words)}


class RetakeShown(BaseModel):
    """Why a photograph can't be used, and what to do."""

    reason: Annotated[str, Field(json_schema_extra=_one_of(*RETAKES))]
    where: Annotated[
        str,
        Field(
            description="Where in the photograph; empty for all of it.",
            json_schema_extra=_one_of("", *PLACES),
        ),
    ]
    sentence: Annotated[str, Field(description="What the person with the camera should do, in English.")]


class Screening(BaseModel):
    """An answer about one photograph.

    A number that the bundle's evaluation does not vouch for is null. With `verdict` = `bad_photo` all numbers
    are null, and `retakes` says why.
    """

    photo_id: Annotated[
        str,
        Field(description="What the photograph is called in `echodesk outcomes`: 32 digits of its SHA-256."),
    ]
    verdict: Annotated[
        Literal["ok", "bad_photo"],
        Field(description="`ok`: there are numbers. `bad_photo`: take it again, as `retakes` says."),
    ]
    bundle: Annotated[str, Field(description="Id of the model bundle that answered: of its content.")]
    run: Annotated[str, Field(description="Id of the training run that the bundle was made of.")]
    retakes: Annotated[
        list[RetakeShown], Field(description="Why there are no numbers, the gravest reason first.")
    ]
    ef_percent: Annotated[
        float | None,
        Field(description="Left-ventricular ejection fraction, percent, 0-100; mean of models and views."),
    ]
    ef_low: Annotated[
        float | None,
        Field(description="Lower end of its conformal interval, percent; holds for `coverage` of patients."),
    ]
    ef_high: Annotated[float | None, Field(description="Upper end of the same interval, percent.")]
    rwma_probability: Annotated[
        float | None,
        Field(
            description="Calibrated probability, 0-1, of a significant (moderate or severe) regional "
            "wall-motion abnormality. Show this one."
        ),
    ]
    rwma_said: Annotated[
        float | None,
        Field(description="The same as the models say it, 0-1, not calibrated: what `referral` cuts."),
    ]
    rwma_set: Annotated[
        list[Literal["absent", "present"]] | None,
        Field(description="What can't be ruled out; holds for `coverage` of patients. Both, one, or empty."),
    ]
    ef_models: Annotated[list[float], Field(description="The EF of each model by itself, percent.")]
    agreement: Annotated[
        float | None,
        Field(
            description="How far the models agree, 0-100: the percentage of known photographs on which they "
            "lay at least as far apart. It is not accuracy."
        ),
    ]
    referral: Annotated[
        str | None,
        Field(
            description="What the referral matrix recommends.",
            json_schema_extra={"anyOf": [_one_of(*REFERRALS), {"type": "null"}]},
        ),
    ]
    points: Annotated[
        dict[str, float] | None, Field(description="Where the referral matrix cut, by the name of the point.")
    ]
    coverage: Annotated[
        float | None,
        Field(description="Share of patients, 0-1, that interval and set were fitted to hold, such as 0.9."),
    ]
    views: Annotated[int, Field(description="How many shifted views of the photograph were looked at.")]
    overridden: Annotated[
        list[str],
        Field(description="Verdicts of the evaluation against which this bundle is in use all the same."),
    ]
    pages: Annotated[
        int, Field(description="How many pages or pictures the file has; the answer is about the first.")
    ]
    notes: Annotated[list[str], Field(description="What whoever reads the answer must be shown, in English.")]
    heat_jpeg: Annotated[
        str | None,
        Field(description="With `heat=true`: the photograph with its heat map, a JPEG in base64."),
    ] = None


class Problem(BaseModel):
    """Why there is no answer."""

    detail: Annotated[str, Field(description="One sentence, in English.")]


_WHY: Final = {
    400: "The form has no photograph in its field, or is broken.",
    401: "There are keys, and none of them came along.",
    413: "The body is larger than `ECHODESK_SERVE_MAX_PHOTO_MB`.",
    429: "Too many photographs of this key or address; `Retry-After` says when to come again.",
    503: "Too many photographs wait; `Retry-After` says when to come again.",
}
PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": Problem, "description": why} for status, why in _WHY.items()
}
