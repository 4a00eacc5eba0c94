"""Words of the sections on simpler methods, folds, subgroups, operating points, intervals and referral."""

from __future__ import annotations

from typing import Final

REFERENCE: Final = "Beside simpler methods"
REFERENCE_SAYS: Final = (
    "The same records in the same folds, answered by methods that need no network; “better by” is the "
    "network’s gain on the records that both answer, paired over the same resamples: above 0 the network "
    "is better. Constants are those of the other folds."
)
REFERENCE_TABLE: Final = "Every method on the same records"
REFERENCE_HEADINGS: Final = (
    "method",
    "EF error, points",
    "network better by",
    "EF r",
    "RWMA AUROC",
    "network better by",
    "EF < 40 AUROC",
)
REFERENCE_PLOT: Final = "EF error of every method"
REFERENCE_PLOT_SAYS: Final = "Mean absolute error with 95 % intervals, points: less is better."

FOLDS: Final = "Fold by fold"
FOLDS_SAYS: Final = (
    "Among several folds one is always the best. To see what that means, the folds were dealt anew many "
    "times with the same strata in each: “by chance” is how far apart equally good folds lie (the middle "
    "95 % of deals in brackets), and how good the best of them looks. A p value is the share of deals "
    "that are at least as extreme; of as many as stand here, one below 0.05 proves nothing."
)
FOLDS_TABLE: Final = "The folds"
FOLD_HEADINGS: Final = (
    "fold",
    "records",
    "significant RWMA",
    "EF error, points",
    "EF r",
    "RWMA AUROC",
    "EF < 40 AUROC",
)
SPREAD_TABLE: Final = "Do the folds differ more than by chance?"
SPREAD_HEADINGS: Final = ("measure", "mean", "SD", "SD by chance", "p", "best fold", "best by chance", "p")
FOLD_MEASURES: Final = {
    "ef_mae": ("EF error, points", 1),
    "ef_r": ("EF r", 2),
    "rwma_auroc": ("RWMA AUROC", 2),
    "ef_below_40_auroc": ("EF < 40 AUROC", 2),
}

BESIDE: Final = "Beside other runs"
BESIDE_SAYS: Final = (
    "The same records, answered by other runs of the snapshot; differences are paired, and above 0 this run "
    "is better. With each clinic as a fold, a clinic is judged by models that learnt nothing from it: folds "
    "of mixed clinics promise more than a new clinic gets. With labels shuffled there is nothing to learn: "
    "such a run must be at chance (r 0, AUROC 0.50), or something leaks."
)
BESIDE_TABLE: Final = "Runs of the same snapshot"
BESIDE_HEADINGS: Final = (
    "run",
    "what differs",
    "records",
    "EF error, points",
    "this run better by",
    "EF r",
    "RWMA AUROC",
    "this run better by",
)
BESIDE_KINDS: Final = {"site": "each clinic a fold", "shuffled": "labels shuffled"}

SUBGROUPS: Final = "Subgroups"
SUBGROUPS_SAY: Final = (
    "Groups of fewer than 20 records are counted and not measured. “Differs” names the measures whose "
    "difference from all others keeps its sign at 95 % for all groups and measures together: one of many "
    "groups always looks odd."
)
SUBGROUPS_TABLE: Final = "By group"
SUBGROUP_HEADINGS: Final = ("group", "n", "EF error, points", "EF bias, points", "RWMA AUROC", "differs")
SUBGROUP_NAMES: Final = {
    "sex": "sex",
    "age": "age",
    "site": "clinic",
    "layout": "layout",
    "device": "device",
    "sharpness": "sharpness of the photograph",
    "light": "light on the photograph",
}
NO_DIFFERENCE: Final = "no"
NO_GROUPS: Final = "The snapshot has no columns by which records differ."

OPERATING: Final = "Thresholds and what they do"
OPERATING_SAYS: Final = (
    "“Naive” chooses a threshold and measures it on the same records; “nested” chooses it on the other "
    "folds. The difference in sensitivity is how much the naive number flatters. Intervals of shares are "
    "exact."
)
OPERATING_TABLE: Final = "{question}: {n} cases, {positives} of them positive"
OPERATING_HEADINGS: Final = (
    "rule",
    "threshold",
    "sensitivity, naive, %",
    "sensitivity, nested, %",
    "flatters by",
    "specificity, %",
    "PPV, %",
    "NPV, %",
    "flagged, %",
)
RULES: Final = {
    "deployed": "in use",
    "sensitivity_80": "sensitivity 80 %",
    "sensitivity_90": "sensitivity 90 %",
    "sensitivity_95": "sensitivity 95 %",
    "youden": "Youden",
    "risk_controlled": "misses 10 % on average",
    "confident": "misses at most 10 %, surely",
}
EVERYBODY: Final = "everybody"
ELSEWHERE_TABLE: Final = "{question}, threshold in use, where another share of people is ill"
ELSEWHERE_HEADINGS: Final = ("prevalence, %", "PPV, %", "NPV, %")
YIELD: Final = (
    "Of a hundred echo slots given to flagged people, {found} would find the condition; {screened} "
    "people would be screened to fill them."
)
YIELD_NOBODY: Final = "Nobody is flagged, so no echo slot is filled."
CONFUSION: Final = "Confusion (TN / FP / FN / TP): {confusion}; F1 {f1}."
DECISION: Final = "Decision curve: {question}"
DECISION_SAYS: Final = (
    "Net benefit: true positives less false ones, weighed by what the threshold says a false alarm "
    "costs. A model is worth having where it lies above both flagging everybody and flagging nobody (0)."
)
DECISION_AXES: Final = ("threshold probability", "net benefit")
DECISION_NAMES: Final = ("model, recalibrated", "model, as said", "flag everybody", "flag nobody")

CONFORMAL: Final = "Intervals that should hold"
CONFORMAL_SAYS: Final = (
    "EF intervals and sets of wall motion that should hold {target} of new patients, every fold by the "
    "errors of the others. An interval that holds on average may fail the ill: “by true EF” keeps each "
    "band of hearts apart."
)
INTERVALS_TABLE: Final = "EF intervals: share that holds the truth, %"
INTERVAL_HEADINGS: Final = (
    "way",
    "all",
    "EF ≥ 50",
    "EF 40–49",
    "EF 30–39",
    "EF < 30",
    "mean width, points",
)
INTERVAL_NAMES: Final = {
    "plain": "one error for all",
    "spread": "by how far views differ",
    "by_prediction": "by predicted EF",
    "by_truth": "by true EF",
    "by_truth_and_spread": "by true EF and views",
}
SETS_TABLE: Final = "Wall motion: sets instead of answers, of {n} records"
SETS_HEADINGS: Final = ("set", "share, %", "right where it is the only answer, %")
SETS: Final = {
    "normal": "normal",
    "abnormal": "abnormal",
    "both": "both: refer",
    "none": "neither: a strange picture",
}
SETS_HELD: Final = "The set holds the truth for {normal} of the normal and {abnormal} of the abnormal hearts."

REFERRAL: Final = "The referral matrix, with what became of its cells"
REFERRAL_SAYS: Final = (
    "Abnormal: EF below {ef_abnormal} or RWMA at or above {rwma_abnormal}. Priority: EF below "
    "{ef_priority} or RWMA at or above {rwma_priority}. Strong: an agreement of {agreement} or more on "
    "both heads, taken from how far the {over} of one record lie apart. Ill: EF below 50 or significant "
    "RWMA by the echo."
)
REFERRAL_TABLE: Final = "{n} records with both labels, {ill} of them ill"
REFERRAL_HEADINGS: Final = (
    "confidence and result",
    "recommendation",
    "n",
    "share, %",
    "ill, %",
    "EF < 40, %",
)
CELLS: Final = {
    "cleared": ("strong, normal", "no referral"),
    "correlate": ("low, normal", "clinical correlation; not cleared on this alone"),
    "refer": ("abnormal", "cardiologist"),
    "priority": ("clearly abnormal", "cardiologist, first"),
}
CLEARED: Final = (
    "The cell “no referral” holds {n} people; {missed} of them are ill, so its NPV is {npv}. Prospective "
    "screening in Kenya reached 99.1 % at a prevalence of 14 %."
)
CLEARED_NOBODY: Final = (
    "The cell “no referral” is empty: these cuts clear nobody, so there is no NPV to hold against the "
    "99.1 % of prospective screening in Kenya (at a prevalence of 14 %)."
)
COSTS_TABLE: Final = "What the rule costs"
COSTS_HEADINGS: Final = (
    "counted as flagged",
    "sensitivity, %",
    "specificity, %",
    "PPV, %",
    "NPV, %",
    "flagged, %",
)
COSTS: Final = {"referred": "abnormal or clearly abnormal", "not_cleared": "everybody who is not cleared"}
SAFE: Final = (
    "The rule that clears only where an NPV of {npv} is sure at {confidence}: EF at or above {ef} and "
    "RWMA below {rwma}; it clears {share} of these people. Rules chosen on the other folds kept an NPV "
    "of {kept}."
)
SAFE_NOBODY: Final = (
    "No rule on these answers keeps an NPV of {npv} with {confidence} confidence. Nobody may be cleared "
    "by this model."
)
CHOSEN: Final = (
    "Cuts by these answers, which a bundle takes: abnormal is an EF below {ef_abnormal} or RWMA at or above "
    "{rwma_abnormal}, priority an EF below {ef_priority} or RWMA at or above {rwma_priority}. The abnormal "
    "cut of each head misses {miss_rate} of the ill on average. Each fold cut by the others, {flagged} of "
    "people would be referred and {sensitivity} of the ill found; {clears}."
)
CHOSEN_CLEARS: Final = "{cleared} people would be cleared, {missed} of them ill (NPV {npv})"
CHOSEN_CLEARS_NOBODY: Final = "nobody would be cleared"
NOT_CHOSEN: Final = "Too few are ill to choose other cuts on these answers; a bundle takes those above."
SPREADS: Final = {"seeds": "answers of several seeds", "views": "answers to shifted views"}
