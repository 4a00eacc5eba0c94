"""Every sentence of the quality pages: dashboard, agreement, audit, practice records. Plain and calm.

`{name}` marks what is filled in. Researchers read these pages, so the words are exact.
"""

from __future__ import annotations

from typing import Final

from db.fields.names import FIELD_OF_CARD

TITLE: Final = "EchoDesk"
PAGE_TITLES: Final = {
    "/add": "Add reports",
    "/reading": "Reading",
    "/queue": "Queue",
    "/records": "Records",
    "/take-out": "Take out",
    "/quality": "Dashboard",
    "/quality/agreement": "Agreement",
    "/quality/audit": "Audit",
    "/quality/vigilance": "My practice records",
    "/set-up": "Set-up",
}
# Pages that another page leads to.
INNER_PAGE_TITLES: Final = {
    "/set-up/checks": "This computer",
    "/take-out/api": "For programs",
    "/quality/methods": "What the numbers mean",
}
DESK: Final = "Review desk"
NAVIGATION: Final = "Pages"
SIGN_OUT: Final = "Sign out"
COUNTING: Final = "Counting"
COUNTING_NOW: Final = "The records are being counted. This page looks again by itself."
METHODS_MISSING: Final = "the description of the numbers cannot be read"
COUNTED_AT: Final = "Counted {when}."
METHODS: Final = "What every number means, and what it does not say"
LEFT: Final = "This page is covered, because nobody was here. Press a key, or tap, to see it again."
LEFT_SIGNED_OUT: Final = (
    "You are signed out. What you typed stays on this page until you close it: sign in again in another tab, "
    "then press a key here."
)
SILENT: Final = (
    "EchoDesk does not answer. Your reports are safe. Start it again, and this page goes on by itself."
)
RESEARCH: Final = "Research software. The report is the source; the draft is a suggestion."

# By answer, and by the field of a practice record.
FIELDS: Final = {
    "ef": "Ejection fraction",
    "rwma": "Wall motion",
    "severity": "Wall-motion severity",
    "pah": "PAH",
    "rvsp": "RVSP",
} | {FIELD_OF_CARD["ef"]: "Ejection fraction"}
GROUPS: Final = {"reader": "Reader", "layout": "Layout", "site": "Site"}
UNNAMED: Final = "not named"
READERS: Final = {
    "first": "first reading",
    "second": "second reading",
    "draft": "draft",
    "final": "final label",
}
ANSWERS: Final = {
    "severely_reduced": "below 30 %",
    "moderately_reduced": "30–39 %",
    "mildly_reduced": "40–49 %",
    "normal": "50 % or more",
    "not_stated": "not stated",
    "unreadable": "unreadable",
    "present": "present",
    "absent": "absent",
    "none": "none",
    "mild": "mild",
    "moderate": "moderate",
    "severe": "severe",
    "present_unspecified": "ungraded",
}

AS_TABLE: Final = "As a table"
N: Final = "n\u00a0{n:,}"
INTERVAL: Final = "{value} ({low} to {high}), n\u00a0{n:,}"
RATE_SHORT: Final = "{value} ({low} to {high})"
NO_INTERVAL: Final = "{value}, n\u00a0{n:,}"
TOO_LITTLE: Final = "too little to say (n\u00a0{n:,})"
NOTHING_VARIES: Final = "cannot be said: every answer is the same (n {n:,})"

# Headings of tables.
FIELD: Final = "Field"
DAY: Final = "Day (UTC)"
LABELS: Final = "Labels"
LABELS_SO_FAR: Final = "Labels so far"
RATE: Final = "Share (95 % interval)"
MEASURE: Final = "Measure"
VALUE: Final = "Value (95 % interval)"
PAIR: Final = "Readers"
RECORDS: Final = "Records"
DRAFT: Final = "draft"
LABEL: Final = "label"
DRAFT_ROWS: Final = "draft"
LABEL_COLUMNS: Final = "became the label"
UPPER: Final = "upper"
LOWER: Final = "lower"
BIAS: Final = "bias"

# Dashboard.
PROGRESS: Final = "Progress"
PROGRESS_LINE: Final = "{done:,} of {total:,} records have a label; {left:,} left."
PROGRESS_NONE: Final = "No record has a label yet. This page fills as records are decided."
PROGRESS_PLOT: Final = "Labels over time"
PROGRESS_PLOT_SAYS: Final = (
    "{done:,} labels by {day}; the dashed line is all {total:,} records, the band where the pace leads."
)
FORECAST: Final = (
    "At the pace of the last {days} full days, {pace} labels a day ({low} to {high}), the rest may be done "
    "on {likely}: between {earliest} and {latest}."
)
FORECAST_OPEN: Final = (
    "At the pace of the last {days} full days, {pace} labels a day ({low} to {high}), the rest may be done "
    "on {likely}, at the earliest on {earliest}; the slowest plausible pace has no end in sight."
)
FORECAST_DONE: Final = "Every drafted record has a label."
FORECAST_LITTLE: Final = "A forecast needs three full days of work; there are {days}."
FORECAST_STANDS: Final = "No labels were made in the last {days} full days, so there is no forecast."

CORRECTIONS: Final = "Corrections"
CORRECTIONS_LINE: Final = (
    "How often the final label differs from the draft it was decided on, exact 95 % intervals. Numbers "
    "differ when they are not the same to the last digit."
)
CORRECTIONS_PLOT: Final = "Labels that differ from their draft"
CORRECTIONS_PLOT_SAYS: Final = "One bar a field, with its 95 % interval, of {n:,} labels."
CORRECTIONS_BY: Final = "By {group}"
CORRECTIONS_ROWS_LEFT: Final = "{left:,} smaller groups are not shown."
CONFUSION: Final = "From draft to label"
CONFUSION_LINE: Final = (
    "Each row is what the draft said, each column what the label says. Cells off the diagonal are "
    "corrections."
)
CONFUSION_SAYS: Final = "{field}: {same:,} of {n:,} labels keep the draft’s answer."
CONFUSION_SAYS_EF: Final = "{field}: {same:,} of {n:,} labels lie in the draft’s band."
EF_SPREAD: Final = "Ejection fraction of the labels"
EF_SPREAD_SAYS: Final = "{n:,} labels with a number; {rest:,} without one."
EF_AXIS: Final = "ejection fraction, percent"
LABELS_AXIS: Final = "labels"

TIME: Final = "Time for a record"
TIME_LINE: Final = (
    "Active seconds of first readings: the tab is visible and somebody is there; pauses of more than a "
    "minute are cut. Medians with 95 % intervals."
)
TIME_SAYS: Final = "Share of readings by active seconds."
TIME_AXIS: Final = "active seconds"
TIME_OVER: Final = "{seconds}+"
SECONDS: Final = "{value:.1f}\u00a0s"
ARMS: Final = {"shown": "draft shown", "hidden": "draft hidden", "": "before the arms"}
ARM: Final = "Arm"
MEDIAN: Final = "Median (95 % interval)"

ANCHORING: Final = "Does the draft pull?"
ANCHORING_LINE: Final = (
    "In a random share of records the draft stays hidden until the answers are entered. The effect is the "
    "share of answers equal to the draft when it was shown, minus that when it was hidden (95 % interval "
    "by Newcombe). Above 0, people follow the draft where they would not have come to its answer "
    "themselves; reading errors of their own count in it, too."
)
ANCHORING_PLOT: Final = "Answers equal to the draft"
EQUAL_SHOWN: Final = "Equal, draft shown"
EQUAL_HIDDEN: Final = "Equal, draft hidden"
EFFECT: Final = "Effect, percentage points"

ERRORS_LEFT: Final = "Errors that may be left"
ERRORS_LINE: Final = (
    "From the audit sample “{name}”: {read:,} of {size:,} drawn labels were read again blindly. Each "
    "field’s bound holds with 95 % confidence for its {population:,} labels."
)
ERRORS_NONE: Final = "No audit sample has been drawn. To draw one: echodesk audit sample --n 120"

VIGILANCE: Final = "Are wrong drafts noticed?"
VIGILANCE_LINE: Final = (
    "Practice records show a deliberately wrong draft once. This is the share that was noticed, all people "
    "together; each person sees their own on their own page, and nobody else's."
)
VIGILANCE_NONE: Final = "No practice record has been answered yet."
VIGILANCE_VOID: Final = "Left out, because the value shown turned out to be the right one: {void:,}."
CAUGHT: Final = "Noticed"
ALL_FIELDS: Final = "All fields"

# Agreement.
AGREEMENT_LINE: Final = (
    "{n:,} records have two readings, each made without sight of the other. The second never sees the "
    "draft; most first ones did, so the draft and the first reading are not independent."
)
AGREEMENT_NONE: Final = (
    "No record has been read twice yet. The page Set-up has a share of records that a second person reads, "
    "the page Queue picks single ones; this page fills as they are read."
)
AGREEMENT_EF: Final = "Ejection fraction of two readings"
AGREEMENT_EF_LINE: Final = (
    "First minus second reading, percentage points: bias {bias}; about 95 % of differences "
    "lie between {lower} and {upper}."
)
AGREEMENT_EF_AXIS: Final = "mean of the two readings, percent"
AGREEMENT_EF_DIFFERENCE: Final = "first minus second, points"
AGREEMENT_EF_SAYS: Final = "Bland–Altman plot of {n:,} pairs; larger dots are several pairs."
AGREEMENT_PEOPLE: Final = "Two people"
AGREEMENT_ALL: Final = "Every pair of readers"
AGREEMENT_ALL_LINE: Final = (
    "The draft and the final label take part as readers, on the same records. The final label is mostly "
    "the first reading itself, so that pair is high by construction."
)
MEASURES: Final = {
    "ef_icc": "EF, ICC(2,1)",
    "ef_alpha": "EF, Krippendorff’s alpha (interval)",
    "rwma_kappa": "Wall motion, Cohen’s kappa",
    "severity_kappa": "Severity, quadratic-weighted kappa",
    "severity_alpha": "Severity, Krippendorff’s alpha (ordinal)",
    "pah_alpha": "PAH, Krippendorff’s alpha (ordinal)",
}
SAME_ANSWER: Final = "Same answer"
SAME_LINE: Final = "Share of records in which two readers give the very same answer."
BOOTSTRAP: Final = (
    "Intervals: 95 % percentile bootstrap over records, 1,000 resamples, a fixed seed. Grades leave out "
    "what is no grade (not stated, unreadable, ungraded); so n differs from row to row."
)
NO_LIMITS: Final = "Limits need at least two pairs with a number."
DIFFERENCE: Final = "Difference, points"

# Audit.
AUDIT_HEADING: Final = "Samples read again"
AUDIT_NONE: Final = ERRORS_NONE
AUDIT_LINE: Final = (
    "Drawn {day} at random from {population:,} labels: {size:,} labels, of which {read:,} have been read "
    "again."
)
AUDIT_FLAGGED: Final = (
    "{flagged:,} re-readings ended in a flag: that confirms nothing and counts as an error until an "
    "adjudicator sides with the label."
)
AUDIT_HOW: Final = (
    "A label counts as an error where the blind re-reading differs, unless an adjudication after it sided "
    "with the label. Ejection fractions and pressures within {tolerance:g} count as the same. The bound is "
    "exact (hypergeometric, one-sided, 95 %) for the labels as they were when the sample was drawn; each "
    "field has its own, and they do not hold all at once."
)
AUDIT_EARLY: Final = (
    "The sample is not read to its end. The bound holds if the order of reading has nothing to do with "
    "errors."
)
AUDIT_NOT_RANDOM: Final = "This sample was not drawn at random, so it says nothing about the other labels."
ERRORS_FOUND: Final = "Errors found"
READ_AGAIN: Final = "Read again"
POPULATION: Final = "Labels"
AT_MOST: Final = "At most (95 %)"
AT_MOST_VALUE: Final = "{count:,} ({share})"
MORE_FOR_ONE_PERCENT: Final = "More to read for 1 %"
MORE_NONE: Final = "reached"
MORE_VALUE: Final = "{more:,}, all right"
MORE_IMPOSSIBLE: Final = "more than 1 % found already"

# One's own practice records.
PRACTICE_HEADING: Final = "What you noticed"
PRACTICE_LINE: Final = (
    "Now and then a record starts with a draft that is wrong on purpose, and is shown again with the true "
    "draft right after your answer. It never becomes a label. Only you see this page; the lead sees the "
    "rate of all people together."
)
PRACTICE_RATE: Final = "You noticed {caught:,} of {n:,}: {share} (exact 95 % interval {low} to {high})."
PRACTICE_FEW: Final = "With so few the interval is wide; it narrows by itself."
PRACTICE_TABLE: Final = "Your practice records, newest first"
RECORD: Final = "Record"
SHOWN_VALUE: Final = "Shown"
PAGE_VALUE: Final = "Label"
ANSWERED: Final = "Answered"
NOTICED: Final = {True: "noticed", False: "overlooked"}
VOID: Final = "does not count"
NO_LABEL_YET: Final = "no label yet"


def signed(value: float) -> str:
    """A difference with its sign, and a minus as long as the plus."""
    return f"{value:+.1f}".replace("-", "\u2212")


def percent(share: float) -> str:
    """A share as percent: whole where it is, else with one decimal."""
    shown = f"{100 * share:.1f}"
    return f"{shown.removesuffix('.0')}\u00a0%"


def answer_in_words(value: object) -> str:
    """An answer of the vocabulary, or a number, in words."""
    if value is None:
        return "–"
    return f"{value:g}" if isinstance(value, int | float) else ANSWERS.get(str(value), str(value))
