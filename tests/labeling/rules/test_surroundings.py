"""A value is green only where every word, sign and number around it is understood."""

from __future__ import annotations

import re

import numpy as np
import pytest

from db.fields.names import FIELDS
from db.labels import SURROUNDINGS
from labeling.readers.rules import RulesReader
from labeling.rules.report import read_report_text
from labeling.rules.surroundings.ordinary_words import ORDINARY
from labeling.rules.surroundings.sentences import SENTENCES, DoubtKind
from labeling.rules.surroundings.strange_words import is_ordinary, turn_of
from labeling.rules.surroundings.turning_words import TURN_OF, Turn
from labeling.trust.light import decide_lights, light_of_fields
from pipeline.demo.cohort import compose, print_report
from pipeline.demo.plan import plan_cohort
from pipeline.demo.truth import printed_text

# What no rule knows as a kind of its own, and what the desk says of it.
DOUBTED = [
    ("Heart offered for transplantation.\nDonor LVEF 63 %.", "ef_percent", "Donor"),
    ("LVEF 61 % at handover of the loan machine.", "ef_percent", "does not know"),
    ("LVEF 57 % in the brochure.", "ef_percent", "does not know"),
    ("If loading were normal, EF 44 %.", "ef_percent", "no measured value"),
    ("Intended EF 52 %.", "ef_percent", "no measured value"),
    ("LVEF 63 % on the twin.", "ef_percent", "somebody else"),
    ("The EF fell by 12 %.", "ef_percent", "another day"),
    ("LVEF reserve 14 %.", "ef_percent", "does not know"),
    ("LVEF 47 % according to her.", "ef_percent", "somebody else said"),
    ("EF 58 %, probably unreliable.", "ef_percent", "in doubt"),
    ("LVEF 60 % [?].", "ef_percent", "sign"),
    ("LVEF 60 %  58.", "ef_percent", "number"),
    ("Teaching case. EF 34 %, no RWMA.", "rwma", "teaching case"),
    ("Sheet refused by the cardiologist.\nNo RWMA.", "rwma", "take it back"),
    ("No RWMA in the simulator.", "rwma", "simulator"),
    ("Template.\nLVEF 60 %.", "ef_percent", "template"),
    ("Hospital template text\nLVEF 60 %.", "ef_percent", "template"),
    ("PAH mild / severe", "pah", "sign"),
    ("Mild PAH expected at altitude.", "pah", "no measured value"),
    ("RVSP 41 mmHg on 3.4.2019.", "rvsp_mmhg", "date"),
    ("Ward EF-46.", "ef_percent", "does not know"),
    ("Ejection fraction:\n50-55 % by eye, 45 % biplane.", "ef_percent", "another number"),
    ("LVEF 54 % in 3D. We report LVEF 50 % by biplane.", "ef_percent", "more than one way"),
    ("Mother: EF 60 %.\nToday EF 44 %, no RWMA.", "ef_percent", "left out"),
    ("Printed 04/03/2026\nEcho (11/08/2023): LVEF 41 %.", "ef_percent", "date"),
    ("Printed 04/03/2026\nEcho (02/03/2026): LVEF 41 %.\nEcho (09/03/2026): LA 40.", "ef_percent", "date"),
    ("RWMA/PAH ------ moderate hypokinesia of the inferior wall", "rwma", "sign"),
    ("EF 35 % -> 55 %", "ef_percent", "sign"),
    ("Dr. Brindlekamp previously LVEF 52 %.", "ef_percent", "another day"),
    ("LVEF 54 % 50 - 53", "ef_percent", "number"),
    ("Target setting: dry weight\nEF 44 %", "ef_percent", "no measured value"),
    ("EF of the donor / LVEF: 55 %", "ef_percent", "donor"),
    ("1) Usha 40 F: no PAH.\n2) Pankaj 66 M: EF 35. RVSP 55 mmHg", "rvsp_mmhg", "more than one way"),
]
# Doubt that the rules had before, now with its sentence.
SILENT = [
    ("The apical wall squeezes less than the rest.", "rwma"),
    ("Biplane Simpson: 46 %.", "ef_percent"),
    ("PA pressure: ++ raised.", "pah"),
    ("Pressure in the lung artery 60.", "rvsp_mmhg"),
    ("Systolic pressure to the lungs: 23 mmHg.", "rvsp_mmhg"),
    ("Emptying fraction of the ventricle 62 %.", "ef_percent"),
    ("Two stretches of muscle hardly come inwards.", "rwma"),
    ("LV squeezes evenly.", "rwma"),
    ("Signs used: PS pulm. stenosis, PH pulm. hypertension, n.d. not done", "pah"),
]
# Ordinary lines of reports, of forms, letters and registers: nobody has to look.
UNDERSTOOD = [
    ("LVEF 58 % by biplane Simpson, FS 31 %, LVIDd 48 mm.", "ef_percent"),
    ("The left ventricle is mildly dilated and its ejection fraction is estimated at 45-50 %.", "ef_percent"),
    ("LVEF: 58 % (52-72)", "ef_percent"),
    ("a) EF 60 %\nb) No RWMA\nc) No PAH", "pah"),
    ("No MR/AR/TR/PAH", "pah"),
    ("There is mild pulmonary hypertension with an RVSP of 42 mmHg, assuming a RAP of 8 mmHg.", "rvsp_mmhg"),
    ("Akinesia of the apex and hypokinesia of the mid anterior septum.", "rwma"),
    ("No regional wall motion abnormality at rest.", "rwma"),
    ("Echo this admission: LVEF 25 %, severe MR.", "ef_percent"),
    ("Concentric hypetrophy, LVEF 60 %.", "ef_percent"),
    ("No significant change. LVEF 35 %, moderate MR.", "ef_percent"),
    ("The ejection fraction works out at 56 % [ref. 55 to 70].", "ef_percent"),
    ("SYNTHETIC DEMO DATA, no patient\nSpecimen Heart Hospital, Dr. Mock\nLVEF 60 %", "ef_percent"),
    ("OLD FAMILY CLINIC\nMother and Baby Road\nName: A. B.   Age: 61\nLVEF 60 %", "ef_percent"),
    ("In 2019 it was less. Now LVEF 52 %, better than before.", "ef_percent"),
    ("Family happy. Follow-up in 3 months.\n\nLVEF 60 %.", "ef_percent"),
    # What forms and letters print around their answers.
    ("Q1 LV large?   No\nQ2 Ejection fraction   61 %\nQ3 Wall motion   normal, no RWMA", "rwma"),
    ("B1 LV diameter   50 mm\nB2 LVEF   57 %\nB3 PA systolic pressure   29 mmHg", "rvsp_mmhg"),
    ("Training load: 8 h a week\nLVEF 62 %.", "ef_percent"),
    ("Planned surgery: hernia repair\nLVEF 62 %.", "ef_percent"),
    ("Dear Sister Ancilla,\n\nThe ejection fraction is 58 %.", "ef_percent"),
    ("Scanner given by the Lions donor foundation\nLVEF 58 %", "ef_percent"),
    ("Dictated but not read.\nLVEF 60 %.", "ef_percent"),
    ("Printed 04/03/2026\nEchocardiogram (02/03/2026): LVEF 57 %, no RWMA.", "ef_percent"),
    ("Printed 4 March 2026\nEcho of 2 March: LVEF 57 %, no RWMA.", "rwma"),
    ("Clinic letter\nEchocardiogram (02/03/2026): LVEF 57 %, no RWMA.", "rwma"),
    ("Zirkelpumpe / LVEF: 60 %", "ef_percent"),
    ("Wandbewegung / wall motion: normal", "rwma"),
    ("LVIDd 48 mm (z +0.7), LVEF 60 %", "ef_percent"),
    ("No RWMA that I can see.", "rwma"),
    ("Regional contraction undisturbed, no regional difference.", "rwma"),
    ("Wellford Regional Hospital\nLVEF 58 %", "rwma"),
    ("LV contracts well.\nLVEF 60 %", "rwma"),
    ("For balloon valvotomy next month.", "rwma"),
    ("TR mild, PASP 31 mmHg.", "pah"),
    ("RVSP not recorded", "rvsp_mmhg"),
    ("6. RVSP: not obtainable", "rvsp_mmhg"),
    ("TR trivial, insufficient for PASP.", "rvsp_mmhg"),
    ("Wall motion / wandbewegung: normal / regelrecht", "rwma"),
    ("Pulmonary hypertension : no / ei", "pah"),
    ("5. Do all walls thicken equally?    yes", "rwma"),
    ("LVEF   39 %   L\nRVSP   39 mmHg   H", "rvsp_mmhg"),
    ("LV angiogram, RAO 30: EF 45 %.", "ef_percent"),
    ("LV 4.5 by 2.8 cm, ejection fraction 63 %.", "ef_percent"),
    ("Volume method 40 of every hundred (EF 40 %).", "ef_percent"),
    ("LVEF 58 % (local / normal range 52-72)", "ef_percent"),
    ("RV / PA: normal size", "pah"),
    ("Conclusion: no PAH. Dr. Yelloway Brindlekamp", "pah"),
    ("LVEF 52 % by the modified Simpson's rule.", "ef_percent"),
    ("Ejection fraction in the order of 52 %.", "ef_percent"),
    ("EF   47 %     52 - 72   L", "ef_percent"),
    ("LVEF   54 %   (52 - 72)", "ef_percent"),
    ("LVEF biplane 30 % (triplane 28 %)", "ef_percent"),
    ("Nil RWMA / PAH / clot / effusion", "pah"),
    ("Ejection fraction    -> 68 %", "ef_percent"),
    ("TR PG 38, RAP 10 -> RVSP 48 mmHg", "rvsp_mmhg"),
    ("Apical aneurysm with akinesia, thrombus 3 x 4 cm.", "rwma"),
    ("Pulmonary pressure: normal", "rvsp_mmhg"),
    ("Minimum dataset, community template\nName: A. B.   Age: 61\n\nLVEF 60 %.", "ef_percent"),
]
# A table between bars and a form with chapters, in rows as wide as the page.
BARS = ("| Name | Anna Bee, 47 years", "| Date | 12/01/2026", "| EF | 61 %", "| Wall motion | no RWMA")
CHAPTERS = (("3.1", "Quality", "fair"), ("3.2", "LVEF, %", "54"), ("3.3", "TR peak velocity, m/s", "2.5"))
WIDE = [
    ("\n".join(row.ljust(70) + "|" for row in BARS), "rwma"),
    ("\n".join(f"{no}    {name:60}{value}" for no, name, value in CHAPTERS), "ef_percent"),
]
# Pressures without their unit: whether the number stands plainly behind its name.
UNITLESS = [
    ("RVSP 34.", "green"),
    ("PASP (mmHg) ........ 38", "green"),
    ("| RVSP | 41 |", "green"),
    ("Cath: PA 52/20 (32)", "green"),
    ("RVSP 40 on peep 8", "amber"),
    ("RVSP 30..35", "amber"),
    ("PA 20/52", "amber"),
    ("LVEF\nRVSP\n60\n34", "amber"),
    ("RVSP 34 (RAP 5)", "green"),
    ("RVSP 34 (+ RAP)", "amber"),
]


@pytest.mark.parametrize(("text", "field", "why"), DOUBTED)
def test_what_is_not_understood_is_for_a_person(text: str, field: str, why: str) -> None:
    reading = RulesReader().read_text(text)
    assert decide_lights(reading)[field].light == "amber"
    (check,) = [one for one in reading.checks if (one.name, one.field) == (SURROUNDINGS, field)]
    assert why.lower() in check.reason.lower()
    assert not check.is_issue


@pytest.mark.parametrize(("text", "field"), SILENT)
def test_silence_beside_words_of_the_field_says_so(text: str, field: str) -> None:
    reading = RulesReader().read_text(text)
    assert decide_lights(reading)[field].light == "amber"
    assert [one.field for one in reading.checks if one.name == SURROUNDINGS][:1] == [field]


@pytest.mark.parametrize(("text", "field"), UNDERSTOOD)
def test_what_is_understood_stays_green(text: str, field: str) -> None:
    assert light_of_fields(RulesReader().read_text(text))[field] == "green"


@pytest.mark.parametrize(("text", "field"), WIDE)
def test_wide_rows_of_a_form_are_no_sentence(text: str, field: str) -> None:
    assert light_of_fields(RulesReader().read_text(text))[field] == "green"


@pytest.mark.parametrize(("text", "colour"), UNITLESS)
def test_a_pressure_without_its_unit_is_trusted_where_it_stands_plainly(text: str, colour: str) -> None:
    assert light_of_fields(RulesReader().read_text(text))["rvsp_mmhg"] == colour


def test_what_a_form_asks_is_no_finding_of_its_answer() -> None:
    found = read_report_text("Zones of hypo-, akinesia: hypokinesia of the basal inferior wall").findings
    assert (found.rwma, found.rwma_severity) == ("present", "not_stated")


def test_the_demo_reports_stay_useful() -> None:
    plans = plan_cohort(20, 5)
    lights = []
    for plan in plans:
        rng = np.random.default_rng(plan.number)
        reading = RulesReader().read_text(
            printed_text(print_report(compose(plan, rng), rng)).replace("\f", "\n")
        )
        lights.extend(light_of_fields(reading).values())
    assert lights.count("green") >= 0.85 * len(lights)


def test_the_reason_travels_with_the_light() -> None:
    light = decide_lights(RulesReader().read_text("LVEF 63 % on the twin."))["ef_percent"]
    assert light.reasons[0].code == "unsure"
    assert light.reasons[0].values == {"check": SURROUNDINGS}


@pytest.mark.parametrize("name", ["Quirrenbach", "QUIRRENBACH", "quirrenbach"])
def test_no_sentence_repeats_a_word_that_may_be_a_name(name: str) -> None:
    reading = read_report_text(
        f"Donor of {name}.\nMrs {name} LVEF 60 % {name}, no RWMA ({name}), PAH mild {name}"
    )
    assert {one.field for one in reading.checks if one.name == SURROUNDINGS} == set(FIELDS)
    for one in reading.checks:
        assert name.lower() not in one.reason.lower()


@pytest.mark.parametrize("kind", list(DoubtKind))
def test_every_doubt_has_a_calm_whole_sentence(kind: DoubtKind) -> None:
    sentence = SENTENCES[kind].format(word="donor")
    assert re.fullmatch(r"[A-Z].*[.?]", sentence)
    assert not re.search(r"[!_{}]|error|OCR", sentence)


def test_a_word_is_ordinary_or_turns_a_value_but_never_both() -> None:
    assert not ORDINARY & set(TURN_OF)
    assert not [word for word in (*ORDINARY, *TURN_OF) if word != word.lower()]
    assert set(TURN_OF.values()) == set(Turn)


@pytest.mark.parametrize("word", ["hypetrophy", "regurgitaion", "valve's", "mid-anterior", "windows"])
def test_misspelt_and_compound_words_are_ordinary(word: str) -> None:
    assert is_ordinary(word)


@pytest.mark.parametrize("word", ["door", "donors", "tagret", "reserve", "pre-anterior", "xyzzy"])
def test_others_are_not(word: str) -> None:
    assert turn_of(word) or not is_ordinary(word)


def test_a_line_without_end_is_doubted_and_read() -> None:
    text = "LVEF 60 % " + "a b, [x] 7 " * 3000
    assert light_of_fields(RulesReader().read_text(text))["ef_percent"] == "amber"
