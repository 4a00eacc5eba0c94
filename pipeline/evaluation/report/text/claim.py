"""CLAIM (2024) by items, each divided into what it asks for, in our own short words; places as in `tripod`.

Source: Tejani et al. 2024, doi 10.1148/ryai.240300 (44 items).
"""

from __future__ import annotations

from typing import Final

# (number, topic, elements)
ITEMS: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    ("1", "Title", ("says that it uses AI, and of what kind",)),
    ("2", "Abstract", ("design, methods, results, conclusions", "population and partitions @whom",
                       "availability of software and data")),
    ("3", "Background", ("scientific and clinical background", "intended use")),
    ("4", "Objectives", ("aims and hypotheses",)),
    ("5", "Design", ("prospective or retrospective",)),
    ("6", "Goal", ("model, feasibility, trial",)),
    ("7", "Data sources", ("sources, with links where public",)),
    ("8", "Eligibility", ("inclusion and exclusion", "how patients were found")),
    ("9", "Preprocessing", ("steps from photograph to network @paper-tables",)),
    ("10", "Subsets", ("how parts of the data were selected @card",)),
    ("11", "De-identification", ("method @card",)),
    ("12", "Missing data", ("how they were handled @targets",)),
    ("13", "Acquisition", ("device, printer, camera, layout",)),
    ("14", "Reference standard", ("definition @targets",)),
    ("15", "Choice of the reference standard", ("why this one",)),
    ("16", "Annotators", ("who read the echo", "who corrected the drafts @card")),
    ("17", "Annotation", ("tools and procedures @card",)),
    ("18", "Variability", ("agreement of readers @card", "how differences were settled @card")),
    ("19", "Partitions", ("how data were divided @method", "class balance @folds")),
    ("20", "Disjointness", ("at the level of the patient @leaks",)),
    ("21", "Size of the test set", ("how it was arrived at",)),
    ("22", "Architecture", ("complete description @paper-tables",)),
    ("23", "Software", ("libraries and versions @environment",)),
    ("24", "First weights", ("where they come from @about",)),
    ("25", "Training", ("procedure and augmentation @settings", "convergence @metrics",
                        "all settings @settings")),
    ("26", "Selection", ("how the final model was chosen @settings",)),
    ("27", "Ensemble", ("how answers are combined @method",)),
    ("28", "Measures", ("performance measures @binary", "beside published models @anchors")),
    ("29", "Uncertainty", ("intervals @method", "tests of differences @reference")),
    ("30", "Robustness", ("sensitivity analysis @shortcuts",)),
    ("31", "Explanation", ("method @shortcuts", "its validation @shortcuts")),
    ("32", "Internal testing", ("on internal data @method",)),
    ("33", "External testing", ("on external data, or why not @external",)),
    ("34", "Registration", ("of the trial, if it is one",)),
    ("35", "Numbers", ("included and excluded, with a chart @card",)),
    ("36", "Demographics", ("of each partition", "sources of bias @subgroups")),
    ("37", "Performance", ("against the reference standard @binary", "in partitions @folds",
                           "in subgroups @subgroups")),
    ("38", "Accuracy", ("estimates with intervals @operating", "ROC @binary", "class imbalance @binary")),
    ("39", "Failures", ("confusion matrix @operating", "examples of wrong answers @suspects")),
    ("40", "Limitations", ("of methods, materials, generalisability",)),
    ("41", "Implications", ("for practice", "what stands in the way")),
    ("42", "Protocol", ("where the full one is",)),
    ("43", "Availability", ("of software, model and data",)),
    ("44", "Funding", ("sources and role of the funders",)),
)  # fmt: skip
