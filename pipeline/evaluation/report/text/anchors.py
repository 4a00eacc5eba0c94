"""What others measured, with their sources: context, never ours."""

from __future__ import annotations

from typing import Final

# (study, what was measured, result, source)
ANCHORS: Final = (
    (
        "Kenya, eight outpatient clinics, 2024, prospective",
        "EF below 40 from the 12-lead signal (not from photographs), 1,444 adults with an echo, 14.1 % "
        "of them below 40",
        "sensitivity 95.6 %, specificity 79.4 %, NPV 99.1 %, AUROC 0.96",
        "Pandey and colleagues, JAMA Cardiology 2026; Heart Failure 2025",
    ),
    (
        "Bengaluru and one other cohort, retrospective",
        "EF below 50 from pictures of ECG traces, 119,281 pairs of ECG and echo; 24,319 outside pairs",
        "AUROC 0.92 inside, 0.88 outside",
        "Swamy and colleagues, Indian Heart Journal 2025",
    ),
    (
        "Yale and five outside collections, retrospective",
        "EF below 40 from ECG images of several layouts, 385,601 ECGs for development",
        "AUROC 0.91 inside, 0.90 to 0.94 outside",
        "Sangha and colleagues, Circulation 2023, doi 10.1161/CIRCULATIONAHA.122.062646",
    ),
    (
        "The seed paper, one centre, folds of one collection",
        "EF and wall motion from 500 photographs",
        "r 0.37, mean absolute error 9.0, AUROC 0.76 (severe EF) and 0.70 (RWMA)",
        "“Screening for left ventricular dysfunction from photographed 12-lead ECGs”",
    ),
)
