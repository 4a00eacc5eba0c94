"""Reports told in the past tense: what "was" in a sentence is of today, unless it says otherwise."""

from __future__ import annotations

import pytest
from readings import light

from labeling.rules.report import read_report_text

TODAY = [
    ("LVEF was 38% and there is no clot.", "ef_percent", 38.0),
    ("The ejection fraction was estimated at 38% and there is no pericardial effusion.", "ef_percent", 38.0),
    ("The EF was 38% although there is no dilatation.", "ef_percent", 38.0),
    ("EF was calculated at 38% and the PASP is 44 mmHg.", "ef_percent", 38.0),
    ("EF was calculated at 38% and the PASP is 44 mmHg.", "rvsp_mmhg", 44.0),
    ("There is no effusion; PASP was measured at 44 mmHg.", "rvsp_mmhg", 44.0),
    ("There is no clot and RVSP was calculated to be 44 mmHg.", "rvsp_mmhg", 44.0),
    ("There is mild pulmonary hypertension, RVSP was measured at 44 mmHg.", "pah", "mild"),
    ("RVSP was measured at 44 mmHg and there is mild pulmonary hypertension.", "rvsp_mmhg", 44.0),
    ("There is no regional wall motion abnormality; RVSP was measured as 44 mmHg.", "rwma", "absent"),
]
NOT_TODAY = [
    ("PASP was 61 mmHg, today 36 mmHg.", "rvsp_mmhg", 61.0),
    ("The RVSP was 61 and is now 36 mmHg.", "rvsp_mmhg", 61.0),
]


@pytest.mark.parametrize(("text", "field", "value"), TODAY)
def test_what_was_measured_is_of_today(text: str, field: str, value: object) -> None:
    assert read_report_text(text).findings.model_dump(mode="json")[field] == value
    assert light(text, field) == "green"


@pytest.mark.parametrize(("text", "field", "wrong"), NOT_TODAY)
def test_what_was_before_what_is_now_is_not(text: str, field: str, wrong: object) -> None:
    assert read_report_text(text).findings.model_dump(mode="json")[field] != wrong


def test_a_list_of_what_was_measured_gives_nothing() -> None:
    text = "LVEF, RWMA and RVSP were measured."
    assert read_report_text(text).findings.rwma.value == "not_stated"
