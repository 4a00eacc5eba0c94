"""The page's first part, for somebody who reads ECGs and no statistics; and what all parts share."""

from __future__ import annotations

from typing import Final

NO_NUMBER: Final = "–"

TITLE: Final = "Run {run}: how well it reads the ECG"
SUBTITLE: Final = "{backbone}, trained on snapshot {snapshot}"
RESEARCH: Final = (
    "Research software. Not a medical device, not validated, not for any decision about a patient. An ECG "
    "photograph hints at what an echocardiogram measures; it does not replace one."
)
SYNTHETIC: Final = (
    "These patients are invented: the findings were planted in waveforms at a known strength. Nothing "
    "here says anything about real hearts; it says whether this evaluation finds what is known to be "
    "there."
)

BROUGHT_IN: Final = (
    "The labels came in with a table as they are, and nobody reviewed them in EchoDesk. How many of them are "
    "wrong is not known: every number here says how far the model agrees with that table."
)

SEVERITIES: Final = {"fault": "Fault.", "warning": "Warning.", "note": "Note."}
VERDICTS: Final = "What a reader must know"
NO_VERDICTS: Final = "Nothing was found that a reader must be warned of beyond what stands below."

TESTED: Final = "What was tested"
TESTED_SAYS: Final = (
    "A network looks at one photograph of a printed 12-lead ECG and answers two questions: how much the "
    "left ventricle ejects (ejection fraction, EF, in percent), and whether a part of its wall moves "
    "abnormally (regional wall-motion abnormality, RWMA, moderate or severe). An echocardiogram had the "
    "last word on both.",
    "It was judged on people it had never seen. The patients were divided into {folds} parts; {folds} "
    "networks were trained, each without one of the parts, and each patient was judged by the one "
    "network that had not learnt from them. Every number below comes from such answers, with the number "
    "of cases (n) and a 95 % interval: the values that the same networks would plausibly have given with "
    "other patients of the same kind.",
)

WHOM: Final = "On whom"
WHOM_CAPTION: Final = "The patients"
RECORDS: Final = "records"
PATIENTS: Final = "patients"
PHOTOGRAPHS: Final = "ECG photographs"
SITES: Final = "clinics that are told apart"
WITH_EF: Final = "records with a stated EF"
WITH_RWMA: Final = "records with a wall-motion answer"
SIGNIFICANT: Final = "of these with a significant abnormality"
BANDS: Final = {
    "normal": "EF 50 and above",
    "mildly_reduced": "EF 40 to 49",
    "moderately_reduced": "EF 30 to 39",
    "severely_reduced": "EF below 30",
}

GOOD: Final = "How good it is, beside answering the same for everybody"
GOOD_SAYS: Final = (
    "The plainest rival needs no ECG: tell everybody the median EF. Most hearts in a clinic are near it, "
    "so that answer is right surprisingly often, and a model that does not beat it adds nothing to it "
    "about EF. For yes-or-no questions the rival is a coin: take one patient with the finding and one "
    "without; the area under the ROC curve (AUROC) is how often the model gives the first the higher "
    "score. A coin gives 0.50, a perfect test 1.00."
)
GOOD_HEADINGS: Final = ("question", "the model", "the same for everybody", "the model is better by", "n")
EF_ERROR: Final = "EF: error on average, points (less is better)"
EF_WITHIN: Final = "EF: within 10 points of the echo"
MEDIAN_IS: Final = (
    "The median EF here is {median} %: with hindsight, the best that one answer for everybody can do. EF "
    "within 10 points is in percent, its difference in percentage points; n in brackets are those with "
    "the finding."
)

SPREAD: Final = "Does it commit itself?"
SPREAD_TITLE: Final = "Predicted and true ejection fractions"
EF_STEP: Final = "{low}–{high}"
SPREAD_SAYS: Final = (
    "Filled: what the model predicted. Outlined: what the echo measured. A model that answers near the "
    "average for everybody shows a spike in the middle and misses the weak hearts on the left."
)
SPREAD_LINE: Final = (
    "Standard deviation of the predictions {said} points, of the truth {truth}; {spike} of the "
    "predictions lie within 2 points of their median."
)
SPREAD_BANDS: Final = (
    "Predicted minus measured, on average: {weak} points where the echo measured 30 to 39, {strong} where it "
    "measured 50 and above. Weak hearts told too high and strong ones too low are what regression to the "
    "mean looks like."
)
SERIES: Final = ("predicted", "echo")
EF_AXIS: Final = "ejection fraction, percent"
RECORDS_AXIS: Final = "records"

SCREENING: Final = "As a screen"
SCREENING_SAYS: Final = (
    "Wall motion: of {n} people, {positives} had a significant abnormality. With the threshold in use "
    "({threshold}) the model flags {flagged}; {tp} of these have it and {fp} do not. It does not flag "
    "{cleared}; {fn} of these have it all the same and would be missed."
)
WEAK_HEARTS: Final = (
    "Weak hearts: of {n} people, {positives} had an EF below 40. The model puts {flagged} below 40; {tp} "
    "of these are and {fp} are not. It puts {cleared} at 40 or above; {fn} of these are below 40 all the "
    "same."
)

NOT_TO_CONCLUDE: Final = "What must not be concluded from this"
NOT_THESE: Final = (
    "That it works elsewhere. Parts of one collection share clinics, printers and habits; results in "
    "other clinics are usually worse. Only a test on other people’s data can tell.",
    "That a “normal” answer clears anybody. How many are missed stands above; an EF that the model calls "
    "normal is no echocardiogram.",
    "That it is sure when its networks agree. Five networks trained alike can be wrong together: "
    "agreement is shown as agreement, never as a probability.",
    "That it finds severely weak hearts because it finds wall motion, or the reverse: each number is "
    "about its own question and rests on its own n.",
    "That it reads the waveform because a coloured map lies on the waveform. What counts is what happens "
    "when the waveform is erased or the paper is changed.",
)

CONTENTS: Final = "For the statistician"
NOT_RUN: Final = "Not run: {reason}"
REASONS: Final = {
    "not_asked": "it was not asked for.",
    "no_probability": "EF is a number; the network gives no probability for this question.",
    "one_class_in_a_fold": "a fold’s other folds hold one kind of case only.",
    "one_class": "all cases are of one kind.",
    "few_positives": "fewer than 200 positives: steps would follow single patients.",
    "no_pictures": "the snapshot has no pictures.",
    "no_models": "the run has no checkpoints.",
    "no_signals": "the signals behind the photographs are not beside the snapshot.",
    "no_labels": "no record has both labels.",
    "no_methods": "the run keeps no answers of simpler methods.",
}
UNKNOWN_REASON: Final = "no reason was given."

FOOTER: Final = (
    "Every number on this page stands in results.json beside it. Intervals: 95 %, {resamples} resamples "
    "of whole patients, seed {seed}, unless a table says otherwise. The same run, snapshot and options "
    "give the same bytes."
)
AUROC_OF: Final = "{question}: AUROC"
COIN: Final = "0.50"
