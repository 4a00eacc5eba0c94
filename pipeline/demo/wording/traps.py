"""Every difficulty that is planted in the demo reports on purpose, and how often.

A trap is recorded in the truth only where it was really printed. Styles are exclusive within their field
(an EF is either a range or a fraction); extras are added to a report beside whatever else it says.
"""

from __future__ import annotations

# Share of patients whose field is written this way; the rest is written plainly.
EF_STYLES = {
    "range_ef": 0.14,
    "several_methods": 0.07,
    "words_only_ef": 0.07,
    "approximate_ef": 0.05,
    "ef_above": 0.05,
    "ef_below": 0.03,
    "fraction_ef": 0.03,
}
RWMA_STYLES_ABSENT = {
    "global_only_hypokinesia": 0.05,
    "paradoxical_septum_no_rwma": 0.05,
    "rwma_not_assessable": 0.04,
    "rwma_not_mentioned": 0.04,
}
RWMA_STYLES_PRESENT = {
    "ungraded_hypokinesia": 0.05,
    "negation_scope": 0.05,
    "global_with_regional": 0.03,
    "worst_of_mixed": 0.03,
}
PAH_STYLES = {
    "tr_grade_beside_no_pah": 0.12,
    "mild_to_moderate_pah": 0.03,
    "gradient_not_pressure": 0.04,
    "rvsp_range": 0.04,
}
EXTRAS = {
    "previous_ef": 0.12,
    "systemic_hypertension": 0.12,
    "reference_range": 0.1,
    "misspellings": 0.1,
    "hyphen_before_ef": 0.05,
    "rv_ef": 0.05,
    "rv_hypokinesia": 0.05,
    "stress_percentages": 0.05,
    "other_percentages": 0.06,
    "aneurysm_elsewhere": 0.05,
    "mitral_ef_slope": 0.05,
    "other_organ_ef": 0.03,
    "pulmonary_valve_grade": 0.05,
}
# Traps that come with a patient's category or a layout, not by quota.
BY_NATURE = ("rvsp_only", "hedged_ph", "fs_beside_ef", "grade_not_borrowed")

TRAPS = tuple(
    sorted((*EF_STYLES, *RWMA_STYLES_ABSENT, *RWMA_STYLES_PRESENT, *PAH_STYLES, *EXTRAS, *BY_NATURE))
)


def quota(share: float, patients: int) -> int:
    """How many patients get a trap: the rounded share, and at least one."""
    return max(1, round(share * patients))
