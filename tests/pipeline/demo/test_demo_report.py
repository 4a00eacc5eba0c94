"""The truth of every demo report agrees with the words printed on it."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from printed_demo import Printed, print_patient

from db.labels import EfOperator, EfState, Findings, Pah, Rwma, RwmaSeverity
from pipeline.demo.layouts.sheet import A4_PX, SYNTHETIC_MARK
from pipeline.demo.plan import LAYOUTS, plan_cohort
from pipeline.demo.truth import printed_findings
from pipeline.demo.wording.phrase import Mark, Phrase, capitals, join, sentence
from pipeline.demo.wording.traps import TRAPS


def flat(text: str) -> str:
    """One line, single spaces, lower case."""
    return " ".join(text.lower().split())


def check_against_text(one: Printed) -> None:
    """Every value of the truth can be pointed at, and nothing unsaid is claimed."""
    truth, text = printed_findings(one.report, one.sheet), flat(one.text)
    if truth.ef_percent is None:
        assert one.plan.ef_style == "words_only_ef" and truth.lv_function
    elif truth.ef_low is not None and truth.ef_high is not None:
        assert truth.ef_percent == (truth.ef_low + truth.ef_high) / 2
        assert re.search(rf"{truth.ef_low:g}\s*%?\s*(?:-|to)\s*{truth.ef_high:g}\s*%", text)
    else:
        number = (
            f"{truth.ef_percent / 100:.2f}" if "fraction_ef" in one.report.traps else f"{truth.ef_percent:g}"
        )
        assert re.search(rf"(?<!\d){re.escape(number)}(?!\d)", text)
    signs = {
        EfOperator.ABOVE: r"(?:>|more than|above)",
        EfOperator.BELOW: r"(?:<|less than|below)",
        EfOperator.ABOUT: r"(?:about|approximately|around|~)",
    }
    if truth.ef_operator in signs:
        assert re.search(rf"{signs[truth.ef_operator]}\s*{truth.ef_percent:g}", text)
    if truth.lv_function is not None:
        assert truth.lv_function in " ".join(one.text.split())
    check_walls(truth, text)
    if truth.pah is not Pah.NOT_STATED:
        assert re.search(r"pulm\w+|\bpah\b|\bph\b|pa pressure", text)
    if truth.rvsp_mmhg is not None and "rvsp_range" not in one.report.traps:
        assert re.search(rf"\b{truth.rvsp_mmhg:g} mmhg", text)


def check_walls(truth: Findings, text: str) -> None:
    stems = {"apical": "ap", "septal": "sept", "anterior": "ante", "inferior": "inf"}
    for wall in truth.rwma_walls:
        assert stems.get(wall, wall) in text
    if truth.rwma is Rwma.PRESENT:
        assert re.search(r"hypok|k[ie]n", text)
    if truth.rwma_severity in (RwmaSeverity.MILD, RwmaSeverity.MODERATE):
        assert re.search(rf"{truth.rwma_severity[:3]}\w*\s+hypok", text)


@pytest.mark.slow
def test_the_default_cohort_says_what_its_truth_says(sixty: list[Printed]) -> None:
    for one in sixty:
        check_against_text(one)


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32), number=st.integers(0, 29))
def test_any_seed_gives_reports_that_say_what_their_truth_says(seed: int, number: int) -> None:
    check_against_text(print_patient(plan_cohort(30, seed)[number], seed))


def test_every_trap_layout_and_answer_is_there_among_sixty(sixty: list[Printed]) -> None:
    assert {trap for one in sixty for trap in one.report.traps} >= set(TRAPS) - {"grade_not_borrowed"}
    assert {one.plan.layout for one in sixty} == set(LAYOUTS)
    truths = [one.report.printed for one in sixty]
    assert {truth.pah for truth in truths} == set(Pah) - {Pah.UNREADABLE}
    assert {truth.rwma for truth in truths} == set(Rwma) - {Rwma.UNREADABLE}
    assert {truth.rwma_severity for truth in truths} == set(RwmaSeverity)
    assert {truth.ef_operator for truth in truths} == {*EfOperator, None}


def test_the_exclusive_traps_are_there_for_any_seed() -> None:
    for seed in range(1, 9):
        plans = plan_cohort(60, seed)
        styles = {style for plan in plans for style in (plan.ef_style, plan.rwma_style, plan.pah_style)}
        assert {"ef_below", "several_methods", "global_only_hypokinesia", "worst_of_mixed"} <= styles
        assert {"global_with_regional", "mild_to_moderate_pah", "rvsp_range"} <= styles


def test_words_only_reports_print_no_ef_of_today(sixty: list[Printed]) -> None:
    wordy = [one for one in sixty if one.plan.ef_style == "words_only_ef"]
    assert wordy
    for one in wordy:
        assert one.report.printed.ef_state is EfState.NOT_STATED
        assert not [mark for mark in one.sheet.marks if mark.tag == "ef_percent"]


def test_number_only_pressure_is_never_a_grade(sixty: list[Printed]) -> None:
    for one in sixty:
        if "rvsp_only" in one.report.traps:
            assert one.report.printed.pah is Pah.NOT_STATED and one.report.printed.rvsp_mmhg is not None
        if "gradient_not_pressure" in one.report.traps:
            assert one.report.printed.rvsp_mmhg is None and re.search(r"PG|gradient|RAP", one.text)


@pytest.mark.parametrize(
    ("trap", "words"),
    [
        ("previous_ef", r"previous (?:study|echo)"),
        ("rv_ef", r"rv ejection fraction \d\d %"),
        ("rv_hypokinesia", r"rv (?:free wall )?hypok"),
        ("systemic_hypertension", r"hypertension"),
        ("paradoxical_septum_no_rwma", r"paradoxical septal motion"),
        ("tr_grade_beside_no_pah", r"(?:mild|moderate) tr, no pah"),
        ("stress_percentages", r"\d\d ?% of (?:the target|predicted) heart rate"),
        ("other_percentages", r"% stenosis"),
        ("mitral_ef_slope", r"mitral e-f slope"),
        ("other_organ_ef", r"gall bladder ejection fraction"),
        ("fs_beside_ef", r"\bfs \d\d %"),
        ("fraction_ef", r"0\.\d\d"),
        ("hyphen_before_ef", r"ef ?- ?\d\d"),
    ],
)
def test_a_recorded_trap_is_on_the_paper(sixty: list[Printed], trap: str, words: str) -> None:
    trapped = [one for one in sixty if trap in one.report.traps]
    assert trapped
    for one in trapped:
        assert re.search(words, flat(one.text))


def test_every_page_is_marked_synthetic(sixty: list[Printed]) -> None:
    for one in sixty:
        for page, words in zip(one.sheet.pages, one.text.split("\f"), strict=True):
            assert SYNTHETIC_MARK in words
            assert page.image.size == A4_PX


def test_marked_words_lie_inside_the_paper_and_are_printed(sixty: list[Printed]) -> None:
    for one in sixty:
        assert {"phi:patient_name", "phi:patient_id", "phi:phone"} <= {mark.tag for mark in one.sheet.marks}
        for mark in one.sheet.marks:
            assert flat(mark.quote) in flat(one.text)
            for left, top, right, bottom in mark.boxes:
                assert 40 <= left < right <= A4_PX[0] - 40
                assert 40 <= top < bottom <= A4_PX[1] - 40


def test_every_marked_word_has_a_box_with_its_ink_and_nothing_beside_it(sixty: list[Printed]) -> None:
    for one in sixty[:12]:
        for mark in (mark for mark in one.sheet.marks if mark.tag.startswith("phi:")):
            assert flat(" ".join(word for word, _ in mark.words)) in flat(mark.quote)
            page = np.asarray(one.sheet.pages[mark.page - 1].image.convert("L"))
            for _, (left, top, right, bottom) in mark.words:
                inside = page[round(top) : round(bottom), round(left) : round(right)]
                assert (inside < 120).mean() > 0.05
                # A gap as wide as a space stands before and after each word.
                for x in (round(left) - 3, round(right) + 2):
                    assert (page[round(top) : round(bottom), x] < 120).mean() < 0.25


def test_marked_boxes_hold_ink(sixty: list[Printed]) -> None:
    for one in sixty[:12]:
        for mark in one.sheet.marks:
            for box in mark.boxes:
                whole = tuple(round(side) for side in box)
                darkest, _ = one.sheet.pages[mark.page - 1].image.convert("L").crop(whole).getextrema()
                assert darkest < 120


def test_some_reports_have_two_pages(sixty: list[Printed]) -> None:
    assert {len(one.sheet.pages) for one in sixty} == {1, 2}


def test_no_two_patients_have_the_same_text(sixty: list[Printed]) -> None:
    assert len({one.text for one in sixty}) == 60


def test_capitals_keep_units_and_sentences_keep_marks() -> None:
    assert capitals("mild PAH (RVSP 38 mmHg)") == "MILD PAH (RVSP 38 mmHg)"
    phrase = sentence(Phrase("no RWMA at rest", (Mark("rwma", "no RWMA"),)))
    assert phrase == Phrase("No RWMA at rest.", (Mark("rwma", "No RWMA"),))
    assert join([phrase, Phrase("LVEF 60 %")]).marks == phrase.marks
    with pytest.raises(ValueError, match="not in its phrase"):
        Phrase("LVEF 60 %", (Mark("ef_percent", "55 %"),))
