"""Forms with numbered questions, columns of other sittings, two languages, and silence in everyday words."""

from __future__ import annotations

from typing import Any

import pytest
from readings import light

from labeling.rules.report import read_report_text

READ = [
    # Questions whose answers stand in a column of their own.
    ("Q1  Is there any regional wall motion abnormality?         No\n"
     "Q2  Is there pulmonary hypertension?    No",
     {"rwma": "absent", "pah": "none"}),
    ("Q4  Wall motion                Normal\nQ9  Pulmonary hypertension     Nil",
     {"rwma": "absent", "pah": "none"}),
    # Columns of other sittings and readers.
    ("           PREV BOARD 09/2024     THIS BOARD\nEF         41 %         56 %\n"
     "PAH        severe       mild",
     {"ef_percent": 56, "pah": "mild"}),
    ("              Pre-transplant     Now\nEF            34        61\nRVSP          72        29",
     {"ef_percent": 61, "rvsp_mmhg": 29}),
    ("Trimester     1st     2nd     3rd (today)\nEF %          61      58      55", {"ef_percent": 55}),
    ("Item               Reader A   Reader B   FINAL (adjudicated)\n"
     "LVEF (%)           63         52         57\n"
     "RWMA               Absent     Present    Absent", {"ef_percent": 57, "rwma": "absent"}),
    # The days of one study are no columns.
    ("Requested 04/02/26   Done 11/02/26\nLVEF 44 %\nRVSP 47 mmHg, mild pulmonary hypertension.",
     {"rvsp_mmhg": 47, "pah": "mild"}),
    ("RWMA/PAH/clot - all nil\nEF 58 %", {"rwma": "absent", "pah": "none"}),
    ("RWMA: tiada / none\nPHT: ringan / mild", {"rwma": "absent", "pah": "mild"}),
    ("LV ejection fraction, mean of 5 beats: 43%", {"ef_percent": 43}),
    ("LV - small, EF 60%, wall movement normal", {"rwma": "absent"}),
    ("EF 60 %. Walls: all contract normally.", {"rwma": "absent"}),
    ("EF 40 %. Lateral wall hypokinetic. Other segments all normal.", {"rwma": "present"}),
    # What other people's papers say.
    ("EF 62 %, no RWMA.\nTeam-mate scanned the same day: EF 41 %, apical akinesia - not this athlete.",
     {"ef_percent": 62, "rwma": "absent"}),
    ("Letter of the dispensary says \"severe pulmonary hypertension\"\n"
     "RVSP 41 mmHg, mild pulmonary hypertension.",
     {"pah": "mild"}),
    ("Old slip (12 Aug 2024): EF 64, no RWMA\nSeen now: EF 45, inferior wall hypokinetic",
     {"ef_percent": 45, "rwma": "present"}),
    # A name and its answer, in cells, with a translation, or in a question without its sign.
    ("| LVEF (3D)               | 64%       |\n| Regional wall motion    | Normal    |", {"rwma": "absent"}),
    ("LVEF biplane             | 34 %\nPulmonary hypertension   | no", {"ef_percent": 34, "pah": "none"}),
    ("Pulmonary hypertension / irtifa' daght al-ri'a:   no", {"pah": "none"}),
    ("6.   Any regional wall motion abnormality        None seen", {"rwma": "absent"}),
    ("RWMA / PHT : nil / mild", {"rwma": "absent", "pah": "mild"}),
    ("RWMA: none seen", {"rwma": "absent"}),
    ("FS 35 %          EF(T) 64 %        EPSS 4 mm", {"ef_percent": 64}),
    ("RVSPest 44 mmHg", {"rvsp_mmhg": 44}),
    ("EF 60 %. The LV contracts evenly in every part.", {"rwma": "absent"}),
    ("EF 60 %. Nothing to suggest raised pulmonary artery pressure.", {"pah": "none"}),
    ("LVEF         45 %                 | target was 50 %\n             REST  | NOTES", {"ef_percent": 45}),
    ("3.   Any RWMA?                Yes - ant. wall, septum hypokinetic", {"rwma": "present"}),
    ("C3 Regional wall motion      mildly hypokinetic inferior wall", {"rwma": "present"}),
    ("EF 60 %\nZones of hypo-, akinesis: not revealed", {"rwma": "absent"}),
    ("PAH : [ ] Nil  [X] Mild  [ ] Severe     RVSP  48 mm", {"pah": "mild", "rvsp_mmhg": 48}),
    ("RVSP. 36 mmHg\nLVEF. 51 %", {"rvsp_mmhg": 36, "ef_percent": 51}),
    # What recognition makes of leader dots.
    ("LVEF (%) seseeesseesss 41", {"ef_percent": 41}),
    # A full line over one that begins with a name and a dash is whole.
    ("LV - normal size; in each view of it the ejection fraction was 55 %\nWALL WORK - equal",
     {"ef_percent": 55}),
]  # fmt: skip
NOT_READ = [
    ("LV squeezes well, EF 62 %\nGREEN normal | YELLOW EF 45-54 | RED EF under 45, severe PAH",
     "pah", "not_stated"),
    ("EF: withheld.\nMINIMUM FOR LISTING (payer text): EF 40% or higher, no severe PAH",
     "ef_percent", None),
    ("Reason: heart failure with EF under 40 %?\nFindings: LV dilated, no figure given.", "ef_percent", None),
    ("LV function:   ( ) Normal EF >50%  (X) Reduced  ( ) Severely reduced EF <30%", "ef_percent", None),
    ("LV: normal squeeze\nStaging guide: stage D = PH, AF, EF <50", "ef_percent", None),
    ("LVEF 57 %\nBefore TAVI: PASP 64 mmHg (moderate to\nsevere PAH), dilated RV\nNow no PAH.",
     "pah", "none"),
]  # fmt: skip
# Nothing was taken, and a person is told to look.
SPOKEN_OF = [
    ("EF 50 %. The muscle pulls together everywhere without a lazy patch.", "rwma"),
    ("EF 50 %. Segment by segment reading: seventeen normal scores.", "rwma"),
    ("EF 30 %. Front and tip: stone still.", "rwma"),
    ("EF 55 %. There is no part of the wall that hangs back.", "rwma"),
    ("EF 55 %. All beating alike, no defective segment.", "rwma"),
    ("EF 55 %. PA press.  ---  not elevated", "pah"),
    ("EF 55 %. Inward travel equal for 16/16.", "rwma"),
    ("Tricuspid leak much; pressure from it 78 mm", "rvsp_mmhg"),
    ("Systolic pressure, RV (mmHg) ..... 33", "rvsp_mmhg"),
    ("The ventricle discharges 61 % of its load.", "ef_percent"),
    ("Echo (07/02/2026): LVEF 55 %; RVSP 27 mmHg.\nEcho (10/02/2026): no RWMA.", "ef_percent"),
]
PLAIN = [
    ("LVEF 60 %. No effusion. Muscle of the papillary group normal.", "rwma"),
    ("LVEF 60 %. Right atrial pressure 8 mmHg.", "rvsp_mmhg"),
]


@pytest.mark.parametrize(("text", "wanted"), READ)
def test_such_a_page_is_read(text: str, wanted: dict[str, Any]) -> None:
    found = read_report_text(text).findings.model_dump(mode="json")
    assert {name: found[name] for name in wanted} == wanted


@pytest.mark.parametrize(("text", "field", "value"), NOT_READ)
def test_keys_conditions_and_what_was_before_are_no_findings(text: str, field: str, value: object) -> None:
    assert read_report_text(text).findings.model_dump(mode="json")[field] == value


@pytest.mark.parametrize(("text", "field"), SPOKEN_OF)
def test_silence_is_not_green_where_everyday_words_speak_of_it(text: str, field: str) -> None:
    found = read_report_text(text).findings.model_dump(mode="json")
    assert found[field] in (None, "not_stated")
    assert light(text, field) != "green"


@pytest.mark.parametrize(("text", "field"), PLAIN)
def test_plain_silence_stays_green(text: str, field: str) -> None:
    assert light(text, field) == "green"
