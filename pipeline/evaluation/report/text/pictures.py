"""The sentences of the part that changes pictures: verdicts, names of changes, notes, by their ids."""

from __future__ import annotations

from typing import Final

VERDICTS: Final = {
    "erased_still_told": (
        "Shortcut: the model still tells patients apart when their waveform is erased ({measure} {erased}). "
        "It reads something other than the ECG."
    ),
    "erased_told_backwards": (
        "On pages without a waveform the model’s answers run against the truth ({measure} {erased}); look at "
        "what differs between the folds."
    ),
    "moves_with_header": (
        "Shortcut: answers ({head}) change with the printed header. Median move {median_move}, towards the "
        "other patient’s class {towards}, AUROC {auroc_change}."
    ),
    "moves_with_paper": (
        "Shortcut: answers ({head}) change with the kind of paper. Median move {median_move}, towards the "
        "other patient’s class {towards}, AUROC {auroc_change}."
    ),
    "moves_with_tint": (
        "Shortcut: answers ({head}) change with camera, light and table. Median move {median_move}, towards "
        "the other patient’s class {towards}, AUROC {auroc_change}."
    ),
    "moves_with_look": (
        "Shortcut: answers ({head}) change when header, paper and light are exchanged together. Median move "
        "{median_move}, towards the other patient’s class {towards}, AUROC {auroc_change}."
    ),
    "moves_with_background": (
        "Shortcut: answers ({head}) change with the paper behind the trace. Median move {median_move}, "
        "towards the other patient’s class {towards}, AUROC {auroc_change}. The trace was cut out by "
        "estimate."
    ),
    "waveform_not_followed": (
        "With another patient’s waveform on the page the answer ({head}) becomes that patient’s in {follows} "
        "of pages; 95 % are asked for."
    ),
    "nothing_told": (
        "The model tells nothing on these pages, so no change can take anything away: no shortcut was found, "
        "and none could be."
    ),
    "map_ignores_weights": (
        "The heat map ({method}, {head}) hardly changes when every weight is scrambled (rank correlation "
        "{similarity}); it does not show what was learnt."
    ),
    "looks_beside_the_page": (
        "Text and margins hold {share} of the heat ({method}, {head}) on {area} of the picture."
    ),
    "regression_to_the_mean": (
        "Regression to the mean: predictions of EF spread {ratio} times as far as the truth (slope {slope}, "
        "r {r}). Below 40 % the model says {low_bias_points} points too much and finds {low_found} of them."
    ),
}
# As a warning the same finding is less than a shortcut.
WARNED: Final = {
    "erased_still_told": (
        "On pages without a waveform the model’s answers are not quite by chance ({measure} {erased})."
    ),
    **dict.fromkeys(
        (
            "moves_with_header",
            "moves_with_paper",
            "moves_with_tint",
            "moves_with_look",
            "moves_with_background",
        ),
        "Answers ({head}) move more than they may when what is not waveform changes: median {median_move}, "
        "AUROC {auroc_change}. They do not surely follow it: towards the other class {towards}.",
    ),
}
MASKS: Final = {
    "exact": "Pages were drawn anew from the signals behind the photographs; every mask is exact.",
    "estimated": (
        "There are no signals beside the snapshot: the trace of the photographs is estimated. What the "
        "estimate misses stays on an erased page."
    ),
}
SWAPS: Final = {
    "header": "printed header",
    "paper": "kind of paper",
    "tint": "camera, light, table",
    "look": "all three together",
    "background": "paper behind the trace",
}
METHODS: Final = {
    "grad_cam": "Grad-CAM, last map",
    "layer_cam": "LayerCAM, stride 8",
    "smooth_grad": "SmoothGrad",
}
NOT_RUN: Final = {
    "no_pictures": "the snapshot has no pictures.",
    "no_signals": "there are no signals beside the snapshot, so no mask is exact.",
    "no_labels": "no record of the run has a label and a picture.",
}
