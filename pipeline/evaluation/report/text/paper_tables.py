"""The paper's tables of settings: what each line is called, what the paper has, and where a run keeps it."""

from __future__ import annotations

from typing import Final

# (line, the paper, place in the run's settings)
PREPROCESSING: Final = (
    ("Edge crop, share of each side", "0.05", "picture.crop_share"),
    ("Grayscale", "yes", ""),
    ("CLAHE, clip", "2.5", "picture.clahe_clip"),
    ("CLAHE, tiles", "8", "picture.clahe_tiles"),
    ("Sharpen, 3×3", "yes", "picture.sharpen"),
    ("Resize, pixels", "384", "picture.image_size_px"),
    ("Normalise", "ImageNet mean and SD", "picture.normalisation"),
)
NETWORK: Final = (
    ("Backbone", "EfficientNet-B3, ns_jft_in1k", "backbone.name"),
    ("First weights", "published, from the hub", "backbone.weights"),
    ("Layers that do not learn, up to block", "none", "backbone.frozen_through_block"),
    ("Dropout on backbone features", "0.20", "backbone.drop_rate"),
    ("Stochastic depth", "0.10", "backbone.drop_path"),
    ("Neck widths", "512, 256, 128", "neck.widths"),
    ("Neck dropout", "0.45, 0.315, 0.225", "neck.dropouts"),
    ("EF weights", "inverse density", "losses.ef_weighting"),
    ("Cap of the EF weights", "3", "losses.ef_weight_cap"),
    ("RWMA class weights", "balanced", "losses.rwma_class_weights"),
    ("Rate of the backbone", "0.0001", "optimiser.backbone_rate"),
    ("Rate of the heads", "0.001", "optimiser.head_rate"),
    ("Folds", "5", "training.folds"),
)
ALWAYS: Final = "yes"
SWITCH: Final = {True: "yes", False: "no"}
NOT_SET: Final = "none"
# What settings are called.
SETTINGS: Final = {
    "imagenet": "ImageNet mean and SD",
    "half": "mean and SD 0.5",
    "hub": "published, from the hub",
    "package": "published, from a package",
    "file": "from a file",
    "random": "random",
    "inverse_density": "inverse density",
}
EF_LINES: Final = {
    "r": "Pearson’s r",
    "mae": "Mean absolute error, points",
    "within_10": "Within 10 points",
    "ef_below_30": "AUROC, severe as EF below 30",
    "ef_below_40": "AUROC, severe as EF below 40",
    "spread": "Spread of the predictions (SD), points",
}
RWMA_LINES: Final = {
    "auroc": "AUROC",
    "sensitivity": "Sensitivity",
    "ppv": "Precision",
    "f1": "F1",
    "confusion": "Confusion (TN / FP / FN / TP)",
}
FOLD_LINES: Final = {"r": "EF, Pearson’s r", "auroc": "RWMA, AUROC"}
COHORT_LINES: Final = {"absent": "No significant RWMA", "present": "Significant RWMA"}
THRESHOLD: Final = "At the threshold {threshold}; the paper’s matrix is at its own, which it does not name."
EITHER: Final = "The paper does not say whether severe is EF below 30 or below 40."
