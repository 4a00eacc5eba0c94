"""The whole text reader: it never fails, and every value can be shown in the report's own words."""

from __future__ import annotations

import subprocess
import sys

from house_tree import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from db.labels import EfState, Pah, Rwma
from labeling.rules.report import read_report_text

PIECES = st.sampled_from(
    "LVEF|EF|55%|30 - 35 %|No|RWMA|hypokinesia|of|the|inferior|wall|PAH|mild|RVSP|42|mmHg|.|,|;|:|\n|\n\n|"
    "IMPRESSION:|RV|previous|global|normal|1.|(|)|%|->".split("|")
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=40).map(" ".join) | st.text(max_size=300))
def test_any_text_is_read_and_every_value_has_a_span_inside_it(text: str) -> None:
    reading = read_report_text(text)
    findings = reading.findings
    assert ("ef_percent" in reading.spans) == (findings.ef_percent is not None)
    assert ("rwma" in reading.spans) == (findings.rwma in (Rwma.PRESENT, Rwma.ABSENT))
    assert ("pah" in reading.spans) == (findings.pah is not Pah.NOT_STATED)
    assert ("rvsp_mmhg" in reading.spans) == (findings.rvsp_mmhg is not None)
    for start, end in reading.spans.values():
        assert 0 <= start < end <= len(text)
        assert text[start:end].strip()


def test_an_empty_report_states_nothing() -> None:
    findings = read_report_text("").findings
    assert findings.ef_state is EfState.NOT_STATED
    assert findings.rwma is Rwma.NOT_STATED
    assert findings.pah is Pah.NOT_STATED


def test_an_indian_table_report_is_read_whole() -> None:
    text = (
        "2D ECHO AND DOPPLER REPORT\nName : Sample Person   Age/Sex : 61/M\n"
        "LVIDd : 5.6 cm   LVIDs : 4.4 cm\nEF : 38 %   FS : 19 %\n\nIMPRESSION:\n"
        "RWMA PRESENT - INFERIOR AND INFEROLATERAL WALLS HYPOKINETIC\n"
        "MODERATE LV SYSTOLIC DYSFUNCTION, LVEF 35 - 40 %\n"
        "GRADE I LVDD\nMILD MR, TRIVIAL TR, MILD PAH (RVSP 48 MMHG)\nNO CLOT / PE\n"
    )
    findings = read_report_text(text).findings
    assert (findings.ef_low, findings.ef_percent, findings.ef_high) == (35, 37.5, 40)
    assert findings.rwma is Rwma.PRESENT
    assert findings.rwma_walls == ("inferior", "inferolateral")
    assert findings.pah is Pah.MILD
    assert findings.rvsp_mmhg == 48


def test_a_word_as_close_to_two_spellings_is_repaired_the_same_in_every_process() -> None:
    ask = "from labeling.rules.normalise import canonical_word as c; print(c('bnterior'), c('enterior'))"
    told = {
        subprocess.run(
            [sys.executable, "-c", ask],
            env={"PYTHONHASHSEED": seed},
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "2", "5")
    }
    assert told == {b"anterior anterior\n"}
