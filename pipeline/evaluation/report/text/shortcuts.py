"""Words on shortcuts, other data and detection limits."""

from __future__ import annotations

from typing import Final

SHORTCUTS: Final = "Does it read the waveform?"
SHORTCUTS_SAY: Final = (
    "A coloured map shows where a network looks and not what it uses. So pages are changed and the same "
    "models asked again: where the waveform is erased nothing may be told any more; another header, "
    "paper or light may change nothing; and with another patient’s waveform the answer must follow that "
    "patient."
)
MASKS: Final = {
    "exact": "{n} patients’ pages were drawn anew from their signals, so every change is exact.",
    "estimated": (
        "{n} patients’ photographs were cut by estimated masks: an erased page may still show what the "
        "estimate missed."
    ),
}
TOLD_TABLE: Final = "What is still told"
TOLD_HEADINGS: Final = ("page", "RWMA AUROC", "EF < 50 AUROC", "EF r")
OWN: Final = "as it is"
ERASED: Final = "without its waveform (goal: 0.5, 0.5 and 0 lie in the intervals)"
SWAP: Final = "with another {name}"
MOVED_TABLE: Final = "What the exchange moves"
MOVED_HEADINGS: Final = (
    "swapped",
    "RWMA: ΔAUROC (goal: ±0.01)",
    "RWMA: median |Δp| (goal: ≤ 0.02)",
    "EF < 50: ΔAUROC (goal: ±0.01)",
    "EF: median |Δ|, points (goal: ≤ 1)",
)
LOOKS: Final = {
    "header": "header",
    "paper": "kind of paper",
    "tint": "camera, light and table",
    "look": "header, paper, camera, light and table",
}
# Head -> how far the median answer may move.
MOVE_GOALS: Final = {"rwma": "0.02", "ef": "1 point"}
FOLLOWS: Final = (
    "With another patient’s waveform, {rwma} of the wall-motion answers and {ef} of the EFs are nearer "
    "to that patient’s; at least 95 % is asked for."
)
LOOK_SHARE: Final = (
    "Header, paper, camera and light make {rwma_look_share} of the variance of the answers to wall motion, "
    "and {ef_look_share} of those to EF. With as much of it by chance {rwma_would_follow} and "
    "{ef_would_follow} would follow; for 95 % it must be 6 % or less. Who reads nothing but the waveform has "
    "0 % of it and follows always, however weakly the waveform tells."
)
LOOKS_TABLE: Final = "Heat maps on pages whose parts are known"
LOOKS_HEADINGS: Final = (
    "head",
    "method",
    "heat on the trace over its area (1 is chance)",
    "heat on text and margins",
    "their area",
)
MEASURES: Final = {
    "rwma_auroc": "wall motion (AUROC)",
    "low_ef_auroc": "EF below 50 (AUROC)",
    "ef_r": "EF (correlation)",
}
HEADS: Final = {"rwma": "wall motion", "ef": "EF"}
METHODS: Final = {"grad_cam": "Grad-CAM", "layer_cam": "LayerCAM", "smooth_grad": "SmoothGrad"}

VERDICTS: Final = {
    "erased_still_told": (
        "A shortcut: with the waveform erased the model still tells {measure} at {erased}. Something "
        "beside the ECG gives the answer away."
    ),
    "erased_told_backwards": (
        "With the waveform erased the model tells {measure} the wrong way round, {erased}: something "
        "beside the ECG moves its answers."
    ),
    "moves_with": (
        "With another {what} the answers to {head} move: AUROC by {auroc_change} (goal: ±0.01), the median "
        "answer by {median_move} (goal: {goal})."
    ),
    "waveform_not_followed": (
        "With another patient’s waveform on the page, {follows} of the answers to {head} follow it (goal: "
        "95 %). The model does not decide by the waveform alone."
    ),
    "nothing_told": (
        "On the pages that were changed the model tells nothing, so no shortcut could be seen. That is "
        "no acquittal."
    ),
    "map_ignores_weights": (
        "The heat map {method} for {head} hardly changes when all weights are scrambled (similarity "
        "{similarity}): it shows the picture and not what was learnt. Do not show it as an explanation."
    ),
    "looks_beside_the_page": (
        "The heat map {method} for {head} lies on text and margins more than these are wide: {share} of "
        "the heat on {area} of the picture."
    ),
}

EXTERNAL: Final = "Elsewhere"
EXTERNAL_SAYS: Final = (
    "All models of the {asked}, as they are, on {records} records of snapshot {snapshot} that none of them "
    "has seen; the mean is the answer, as in use. “Shifted” adds one constant, chosen on the other folds "
    "of these records: what would be won by knowing the average there."
)
OVERLAP: Final = (
    "{pictures} photographs and {patients} patients are in both; more than none would be refused."
)
OVERLAP_UNKNOWN: Final = (
    "{pictures} photographs are in both; more than none would be refused. Whether patients are could not be "
    "compared: only the workspace that froze both snapshots knows their names in both."
)
EXTERNAL_HEADINGS: Final = ("measure", "here (out of fold)", "there", "there, shifted")
EXTERNAL_TABLE: Final = "Here and there"

ADVERSARY: Final = "What this evaluation would have missed"
ADVERSARY_SAYS: Final = (
    "Faults were planted in copies of these very data at rising strength, and the checks asked again. "
    "The detection limit is the weakest strength from which on the fault is caught in 19 of 20 times; "
    "what slips through below it could flatter the numbers by as much as the last columns say."
)
ADVERSARY_HEADINGS: Final = (
    "fault",
    "detection limit",
    "AUROC flattered below it",
    "EF error flattered, points",
)
# Fault -> what is planted, and its strength in words.
ATTACKS: Final = {
    "labels_leak": ("records answered with their own label", "{percent} of them"),
    "answers_lean": ("every answer leans to its label", "by {percent} of its error"),
    "site_codes_label": ("answers mixed with the rate of the site", "{percent} of each"),
    "patients_split": ("patients in two folds", "{count}"),
    "pictures_copied": ("one photograph in two folds", "{count}"),
    "hard_ones_dropped": ("the worst misses are not reported", "{count}"),
    "best_fold": ("numbers on the way from all records to the best fold", "{percent} of it"),
}
ADVERSARY_TABLE: Final = "Detection limits"
NEVER: Final = "not caught at any strength"
