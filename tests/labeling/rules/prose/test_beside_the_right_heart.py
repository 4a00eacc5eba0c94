"""The right heart in the same sentence: what is said of it ends with it, and wall motion is of the left."""

from __future__ import annotations

import pytest

from labeling.rules.report import read_report_text

RIGHT = [
    "The right ventricle is normal",
    "RV function is normal",
    "Good RV function",
    "RV dilated",
    "Moderately reduced RV function",
    "Right heart is normal",
    "Normal right atrium and right ventricle",
    "The right ventricle is mildly dilated",
    "Right ventricular size and function are normal",
    "TAPSE 21 mm, RV normal",
]
LEFT = [
    ("there is no regional wall motion abnormality", "absent"),
    ("no RWMA", "absent"),
    ("wall motion is normal", "absent"),
    ("there is hypokinesia of the septum", "present"),
    ("the apex is akinetic", "present"),
    ("the inferior wall is hypokinetic", "present"),
]
BETWEEN = [", ", " and ", ", and ", "\n"]
# Here the right ventricle itself moves badly, or nothing is said of the left.
OF_THE_RIGHT = [
    "The right ventricle is dilated and hypokinetic.",
    "RV dilated, hypokinetic.",
    "The RV is enlarged and its free wall is akinetic.",
    "Normal RV and RV wall motion.",
    "Severe hypokinesia of the RV, RV dilated.",
    "Hypokinesia of the free wall with a dilated right ventricle.",
]


def _rwma(text: str) -> str:
    return read_report_text(text).findings.rwma.value


@pytest.mark.parametrize("between", BETWEEN)
@pytest.mark.parametrize("right", RIGHT)
@pytest.mark.parametrize(("left", "rwma"), LEFT)
def test_wall_motion_behind_the_right_heart_is_read(right: str, between: str, left: str, rwma: str) -> None:
    left = left[0].upper() + left[1:] if between == "\n" else left
    assert _rwma(f"LVEF 55%.\n{right}{between}{left}") == rwma


@pytest.mark.parametrize("right", [one[0].lower() + one[1:] for one in RIGHT[:8]])
@pytest.mark.parametrize("between", [" and ", ", ", " while "])
def test_wall_motion_before_the_right_heart_is_read(right: str, between: str) -> None:
    assert _rwma(f"There is hypokinesia of the septum{between}{right}.") == "present"


@pytest.mark.parametrize("text", OF_THE_RIGHT)
def test_wall_motion_of_the_right_heart_is_no_finding(text: str) -> None:
    assert _rwma(text) == "not_stated"
