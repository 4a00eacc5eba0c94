"""What a reader must know, in sentences: verdict id -> sentence, whose `{names}` are the verdict's values."""

from __future__ import annotations

from typing import Final

QUESTIONS: Final = {
    "rwma": "significant wall-motion abnormality",
    "ef_below_30": "EF below 30",
    "ef_below_40": "EF below 40",
    "ef_below_50": "EF below 50",
}

SHORT: Final = {
    "rwma": "RWMA",
    "ef_below_30": "EF < 30",
    "ef_below_40": "EF < 40",
    "ef_below_50": "EF < 50",
}

# What a verdict may name by an id.
NAMES: Final = {
    **QUESTIONS,
    "ef_r": "EF (correlation)",
    "rwma_auroc": "wall motion (AUROC)",
    "ef_below_40_auroc": "EF below 40 (AUROC)",
}

# Kind of verdict -> what to do about those of that kind.
TO_DO: Final = {
    "leak": ("Mend and train anew", "The numbers below are not to be quoted while these stand."),
    "shortcut": (
        "Look at what the model uses",
        "What surrounds the ECG must not matter. See “Does it read the waveform?”; then vary header, paper, "
        "camera and light more in training, or collect them evenly from the ill and the well; train anew.",
    ),
    "numbers": ("Quote with care", "True of the numbers themselves; more cases, or a better model, mend it."),
}

VERDICTS: Final = {
    "no_better_than_median": (
        "As far as these records tell, the model is no better at EF than answering the median for everybody: "
        "the median’s error less the model’s is {gain} points, and that interval contains 0."
    ),
    "worse_than_median": (
        "The model is no better at EF than answering the median for everybody. It is worse: its error is "
        "{mae} points, and the difference {gain} lies below 0 as a whole."
    ),
    "collapse": (
        "The EF predictions have collapsed to the mean: they spread over {said_sd} points (SD) where the "
        "truth spreads over {truth_sd}. The model says nearly the same for everybody, so the average "
        "error says little and weak hearts are missed."
    ),
    "ef_overspread": (
        "The EF predictions lie further apart than they are right to: where they differ by 1 point, the "
        "truth differs by {slope}."
    ),
    "no_better_than_chance": (
        "For {question} the model is, as far as these records tell, no better than a coin: AUROC {auroc}, "
        "with {positives} such cases of {n}."
    ),
    "worse_at_sites_left_out": (
        "Where a whole clinic is left out of training, its EFs are told worse: the error is {ef_gain} points "
        "larger. That, not the folds of mixed clinics, is what a new clinic should expect. Where clinics "
        "are few, some of it is that these models learnt from fewer people."
    ),
    "shuffled_still_told": (
        "Run {run} learnt from shuffled labels and still tells {measure}: {told}. What it should not be able "
        "to know has leaked on the way, and into this run, too."
    ),
    "labels_shuffled": (
        "This run learnt from shuffled labels, to see what is told without any. It is no model; set it "
        "beside the run it belongs to."
    ),
    "ef_not_taught": (
        "EF was not taught (losses.ef_weight is 0). What stands below about EF is what an untaught head "
        "says by chance; it is no answer of a model."
    ),
    "rwma_not_taught": (
        "Wall motion was not taught (losses.rwma_weight is 0). What stands below about wall motion is what "
        "an untaught head says by chance; it is no answer of a model."
    ),
    "no_such_cases": (
        "{positives} of {n} cases have {question}, so whether it is told from the others can’t be measured."
    ),
    "too_few_positives": (
        "{positives} of {n} cases have {question}: too few for an interval, so AUROC {auroc} must not be "
        "quoted."
    ),
    "few_positives": (
        "Only {positives} of {n} cases have {question}. AUROC {auroc} rests on them; do not quote it "
        "without its interval."
    ),
}
