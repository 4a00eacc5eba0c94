"""The whole text reader: it never fails, and every value can be shown in the report's own words."""

from __future__ import annotations

import subprocess
import sys

import pytest
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


def test_a_list_number_alone_on_its_line_is_read() -> None:
    findings = read_report_text("CONCLUSION: 1.\nLVEF 55 %.\n2.\nNo RWMA.").findings
    assert findings.ef_percent == 55
    assert findings.rwma is Rwma.ABSENT


@pytest.mark.parametrize("sign", ["\n", " ", ".", "-", "(", "_", " |", "\n."])
def test_endless_blanks_and_signs_change_no_answer_and_no_place(sign: str) -> None:
    gap = sign * (5000 // len(sign))
    text = f"LVEF 55 %\n{gap}\nRVSP 40 mmHg"
    reading = read_report_text(text)
    assert (reading.findings.ef_percent, reading.findings.rvsp_mmhg) == (55, 40)
    assert text[slice(*reading.spans["rvsp_mmhg"])] == "RVSP 40 mmHg"


def test_the_clause_of_a_wall_ends_where_the_list_of_walls_does() -> None:
    walls = "inferior, inferolateral, " * 3 + "inferior"
    reading = read_report_text(f"Mitral valve normal, hypokinesia of the {walls}, trivial MR, LVEF 45 %")
    assert reading.findings.rwma_walls == ("inferior", "inferolateral")
    assert reading.findings.ef_percent == 45


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
