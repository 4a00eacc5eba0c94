"""The second part of the page: headings, names of measures, and what each shows."""

from __future__ import annotations

from typing import Final

MEASURES: Final = {
    "mae": ("mean absolute error, points", 1, False),
    "rmse": ("root mean squared error, points", 1, False),
    "bias": ("bias, predicted minus true, points", 1, False),
    "r2": ("R² (0: as good as the mean for everybody)", 2, False),
    "r": ("Pearson’s r", 2, False),
    "slope": ("calibration slope, truth on prediction (1 is right)", 2, False),
    "intercept": ("calibration intercept, points", 1, False),
    "within_5": ("within 5 points, %", 0, True),
    "within_10": ("within 10 points, %", 0, True),
    "auroc": ("AUROC", 2, False),
    "average_precision": ("AUPRC (average precision)", 2, False),
    "brier": ("Brier score", 3, False),
    "brier_skill": ("Brier skill", 2, False),
    "in_the_large": ("in the large, log-odds", 2, False),
    "mean_gap": ("mean probability minus prevalence", 3, False),
    "ici": ("ICI", 3, False),
}
# The same words mean another thing for a probability.
PROBABILITY_MEASURES: Final = {
    **MEASURES,
    "slope": ("slope", 2, False),
    "intercept": ("calibration intercept, log-odds (0 is right)", 2, False),
}
MEASURE: Final = "measure"

EF: Final = "Ejection fraction"
EF_SAYS: Final = (
    "Pooled: all out-of-fold answers together. Mean over folds: each fold’s own value, averaged; models of "
    "different folds are not on one scale, so the two differ. One view: from the picture alone, without "
    "averaging over shifted views of it."
)
POOLED: Final = "pooled"
FOLD_MEANS: Final = "mean over folds"
ONE_VIEW: Final = "one view"
EF_TABLE: Final = "EF: {n} records of {patients} patients"
BANDS_TABLE: Final = "EF by band of the true value"
BAND_HEADINGS: Final = ("true EF", "n", "mean absolute error, points", "bias, points")
BANDS_SAY: Final = (
    "A model that regresses to the mean is biased upwards where hearts are weak and downwards where they "
    "are strong."
)
TOGETHER: Final = "Predicted against true EF"
TOGETHER_SAYS: Final = (
    "Each dot is one or several records, the larger the more. On the broken line a prediction is right."
)
TRUE_AXIS: Final = "true EF, percent"
SAID_AXIS: Final = "predicted EF, percent"
BLAND_ALTMAN: Final = "Predicted minus true EF over their mean (Bland and Altman)"
BLAND_ALTMAN_SAYS: Final = (
    "Bias {bias} points; about 95 % of differences lie between {lower} and {upper}, if they are roughly "
    "normal. Bands are 95 % intervals of the three lines. A slope of the cloud downwards is regression "
    "to the mean."
)
LIMIT_NAMES: Final = ("upper", "bias", "lower")
BLAND_ALTMAN_AXES: Final = ("mean of predicted and true EF, percent", "difference, points")

BINARY: Final = "Yes-or-no questions"
BINARY_SAYS: Final = (
    "EF below a limit is asked of the predicted EF: the lower, the likelier. AUPRC of chance is the "
    "prevalence. DeLong’s interval takes records for independent; the others redraw patients. Where more "
    "than one resample in twenty has a fold without such a case, a mean over folds has no interval."
)
BINARY_HEADINGS: Final = (
    "question", "n (positive)", "AUROC", "DeLong", "mean over folds", "AUPRC", "prevalence",
)  # fmt: skip
BINARY_TABLE: Final = "How well each question is answered"
ROC: Final = "ROC curves"
ROC_AXES: Final = ("1 − specificity", "sensitivity")
ROC_SAYS: Final = "Out-of-fold answers, pooled. On the broken line a score says nothing."
PRECISION_RECALL: Final = "Precision and recall"
PRECISION_RECALL_AXES: Final = ("recall (sensitivity)", "precision (PPV)")
PRECISION_RECALL_SAYS: Final = "Chance is a level line at the prevalence of each question."

CALIBRATION: Final = "Do the probabilities hold?"
CALIBRATION_SAYS: Final = (
    "Loss weights that favour the rare class push probabilities up; that is put right afterwards, each "
    "fold by a map fitted on the other folds. Brier score: less is better; skill 0 is as good as the "
    "prevalence for everybody. Slope 1 and 0 in the large are right; ICI is the mean distance of the "
    "curve from right. “Naive” is the line fitted and measured on the same records: what that flatters. "
    "Isotonic steps are refused below 200 positives. ICI needs a smooth curve: where scores part the "
    "classes too well to fit one in every twentieth resample, it has no interval, or no value. A distance "
    "comes out above 0 also where every probability is right: the interval begins at 0 where ICI is not "
    "larger than what comes out then in 39 of 40 draws."
)
CALIBRATION_TABLE: Final = "{question}: probabilities as said and put right"
METHODS: Final = {
    "as_said": "as the network says",
    "platt": "Platt’s line",
    "venn_abers": "Venn-Abers",
    "isotonic": "isotonic",
    "naive": "Platt, naive",
}
CALIBRATION_CURVE: Final = "Calibration of the wall-motion probability"
CALIBRATION_AXES: Final = ("probability said", "share that has it")
CALIBRATION_CURVE_SAYS: Final = (
    "Smooth curves from the 1st to the 99th percentile of what was said; on the broken line a "
    "probability holds."
)
WIDTH_SAYS: Final = (
    "Mean width of the Venn-Abers interval: {width}. That wide is what these labels do not know."
)

PAPER_TABLES: Final = "The paper’s tables, with these numbers"
PAPER_TABLES_SAYS: Final = (
    "Every table of the seed paper, its numbers beside those of this run. The data are others: the "
    "columns are side by side for their form, not to be ranked."
)
PAPER_COHORT: Final = "Dataset"
PAPER_PREPROCESSING: Final = "Image preprocessing"
PAPER_NETWORK: Final = "Architecture and training"
PAPER_EF: Final = "Ejection fraction"
PAPER_RWMA: Final = "Wall-motion abnormality"
PAPER_FOLDS: Final = "Consistency across folds"
THE_PAPER: Final = "paper"
THIS_RUN: Final = "this run"

ANCHORS: Final = "For orientation: what others measured"
ANCHORS_SAY: Final = "These are not ours, and were measured on other people, devices and questions."
ANCHORS_TABLE: Final = "Published results"
ANCHOR_HEADINGS: Final = ("study", "what was measured", "result", "source")

METHOD: Final = "How this was measured"
METHOD_SAYS: Final = (
    "One answer a record: the mean over mildly shifted views (never flipped) by the model of the fold "
    "that the record’s patient is not in. Models were stopped by patients held back from their own "
    "training folds.",
    "Intervals are percentile bootstrap ones over whole patients, the same resamples for all measures, "
    "so that differences are paired. An interval is left out where a measure can’t be said in more than "
    "1 of 20 resamples. Shares in tables of counts have exact (Clopper-Pearson) intervals. All take the "
    "trained networks as they are: what networks taught by other patients would have said is not counted.",
    "Everything chosen on the answers (lines, thresholds, quantiles) is chosen on the other folds and "
    "measured on the one left out; where the page also shows the choice made and measured on the same "
    "records, it says “naive”.",
)
MADE_WITH: Final = "Backbone {backbone}, {size} pixels, profile {profile}; first weights: {weights}."
TARGETS: Final = "What the labels mean to the network"
TARGET_HEADINGS: Final = ("field", "category", "used as", "photographs")
