"""The seed paper's figures in words: what each is, and how it follows from what the paper reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Derivation:
    """One number worked out.

    Attributes:
        name: what it is.
        formula: the arithmetic, with `{name}` for the numbers that go in.
        words: why, and what it means; `{found}`, `{low}`, `{high}` are the result.
        digits: after the point.
        is_share: shown as percent.
    """

    name: str
    formula: str
    words: str
    digits: int = 2
    is_share: bool = False


TITLE: Final = "The paper’s figures, and what they imply"
LEAD: Final = (
    "Worked out from the numbers that the paper prints (500 patients, EF mean 54, SD 10.9) and nothing else. "
    "No patient’s answer is known, so intervals are those of formulas."
)
HEADINGS: Final = ("figure", "reported", "implied", "how, and what it means")
NOT_REPORTED: Final = "not reported"

DERIVATIONS: Final = {
    "r": Derivation(
        "EF, correlation",
        "tanh(atanh {r} ± 1.96 / √({n} − 3))",
        "Of the variation of EF between patients, a correlation like this explains about one part in seven.",
    ),
    "rmse": Derivation(
        "EF, root mean squared error, points",
        "√({said_sd}² + {truth_sd}² − 2 · {r} · {said_sd} · {truth_sd})",
        "The least that these three numbers allow: any bias comes on top. Answering the mean for "
        "everybody has the deviation of EF itself, {truth_sd}.",
        digits=1,
    ),
    "r2": Derivation(
        "EF, R²",
        "1 − ({rmse} / {truth_sd})²",
        "Below 0: squared errors are larger than those of answering the mean for everybody.",
    ),
    "slope": Derivation(
        "EF, calibration slope",
        "{r} · {truth_sd} / {said_sd}",
        "1 would be right. Predictions lie about twice as far from the mean as the truth bears out: "
        "spread was restored, information was not.",
    ),
    "median_mae": Derivation(
        "EF error of answering the median for everybody, points",
        "mean |EF − median| over {normal} / {mildly_reduced} / {moderately_reduced} / {severely_reduced} "
        "patients",
        "Even within each band of EF: {found}. With any single-humped distribution in these bands that "
        "has the paper’s mean, the constant’s error lies between {low} and {high} points; the paper "
        "reports {reported}.",
        digits=1,
    ),
    "median_within": Derivation(
        "Within 10 points of the median",
        "share |EF − median| ≤ 10 over the same bands",
        "Even within each band: {found}. With any single hump: {low} to {high}; the paper reports "
        "{reported}.",
        digits=0,
        is_share=True,
    ),
    "severe_below_30": Derivation(
        "AUROC for severe EF, if severe is EF < 30",
        "Hanley and McNeil for {auroc} with {positives} ill and {negatives} not",
        "The paper does not say which limit is meant. With this one, eight patients carry the headline "
        "number, and the rise it reports from 0.66 lies within the interval.",
    ),
    "severe_below_40": Derivation(
        "AUROC for severe EF, if severe is EF < 40",
        "Hanley and McNeil for {auroc} with {positives} ill and {negatives} not",
        "The same number with the other limit.",
    ),
    "rwma_auroc": Derivation(
        "RWMA, AUROC",
        "Hanley and McNeil for {auroc} with {positives} abnormal and {negatives} not",
        "Wall motion is told apart better than by chance.",
    ),
    "sensitivity": Derivation(
        "RWMA, sensitivity",
        "{tp} / ({tp} + {fn})",
        "More than half of the abnormal hearts are missed.",
    ),
    "precision": Derivation(
        "RWMA, precision",
        "{tp} / ({tp} + {fp})",
        "About half of those flagged are abnormal.",
    ),
    "f1_matrix": Derivation(
        "RWMA, F1 from the confusion matrix",
        "2 · {tp} / (2 · {tp} + {fp} + {fn})",
        "The reported value does not follow from the matrix.",
        digits=3,
    ),
    "f1_rates": Derivation(
        "RWMA, F1 from sensitivity and precision",
        "2 · {sensitivity} · {precision} / ({sensitivity} + {precision})",
        "Nor from the two rates.",
        digits=3,
    ),
    "npv": Derivation(
        "RWMA, negative predictive value",
        "{tn} / ({tn} + {fn})",
        "At the threshold of the matrix. The paper refers nobody who is normal with strong agreement: if "
        "agreement says nothing more, this is how often such a person is well.",
    ),
    "missed_among_cleared": Derivation(
        "Abnormal among those called normal",
        "{fn} / ({tn} + {fn})",
        "Answering “normal” for everybody would miss 26 %: 129 of 500.",
        digits=0,
        is_share=True,
    ),
    "fold_mean_r": Derivation(
        "EF, mean of the folds’ correlations",
        "({fold_1} + {fold_2} + {fold_3} + {fold_4} + {fold_5}) / 5",
        "Not the reported value: that one is pooled over all folds.",
        digits=3,
    ),
    "fold_mean_auroc": Derivation(
        "RWMA, mean of the folds’ AUROCs",
        "({fold_1} + {fold_2} + {fold_3} + {fold_4} + {fold_5}) / 5",
        "Not the reported value either; pooled scores of different models are not on one scale, which "
        "lowers it.",
        digits=3,
    ),
    "fold_sd": Derivation(
        "RWMA, spread of the folds’ AUROCs (SD)",
        "SD of {fold_1}, {fold_2}, {fold_3}, {fold_4}, {fold_5}",
        "To be held against the next line.",
        digits=3,
    ),
    "fold_sd_by_chance": Derivation(
        "The same, expected by chance",
        "Hanley and McNeil’s error for {auroc} with {positives} abnormal and {negatives} not a fold",
        "Folds of this size differ this much although every model is equally good.",
        digits=3,
    ),
    "best_fold_by_chance": Derivation(
        "RWMA, best of five folds expected by chance",
        "{auroc} + {above} · {error}",
        "The best fold is high because it is the best of five, before any model is better. It proves no "
        "ceiling.",
    ),
}
