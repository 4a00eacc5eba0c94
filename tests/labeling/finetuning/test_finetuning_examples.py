"""Reviewed records as training examples: which are taken, what they teach, and who is kept apart."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reviewed_workspace import MODEL, ReviewedWorkspace, fill, page_with, quoted, stated

from db.decisions import Decision
from db.errors import EchoDeskError
from db.labels import EfState, Findings, Pah, Rwma, RwmaSeverity
from labeling.extraction.job import extract
from labeling.finetuning.examples import ReviewedSet, TrainingExample, counts_of, reviewed_examples
from labeling.finetuning.quotes import printed_range
from labeling.finetuning.splitting import split_by_patient
from labeling.pages.page import Page
from labeling.readers.base import ReaderSpec, Reading
from labeling.readers.parse import parse_answer
from labeling.readers.rules import RulesReader
from labeling.readers.scripted import fingerprint

QUOTES = {"ef_percent": "LVEF 55 %", "rwma": "NO RWMA", "pah": "NO PAH"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ReviewedWorkspace]:
    made = ReviewedWorkspace(tmp_path / "workspace")
    yield made
    made.close()


def examples_of(world: ReviewedWorkspace, **options: Any) -> ReviewedSet:
    return reviewed_examples(world.database, world.store, **options)


def only_example(world: ReviewedWorkspace, **options: Any) -> TrainingExample:
    (example,) = examples_of(world, **options).examples
    return example


def untaught(example: TrainingExample) -> list[str]:
    """The keys whose values are left out of the loss."""
    return [example.answer[:start].rsplit('"', 2)[1] for start, _ in example.untaught]


class ReadsAgain:
    """Stands for the rules on the page's words, and counts how often it is asked."""

    def __init__(self, reading: Reading) -> None:
        self.reading, self.asked = reading, 0

    def __call__(self, pages: Any) -> Reading:
        self.asked += 1
        return self.reading


def test_an_accepted_record_teaches_its_values_with_the_drafts_own_quotes(world: ReviewedWorkspace) -> None:
    again = ReadsAgain(Reading(Findings()))
    world.reviewed("a", quoted(stated(55.0), QUOTES), stated(55.0))
    example = only_example(world, read_again=again)
    answer = parse_answer(example.answer)
    assert answer.findings == stated(55.0)
    assert answer.quotes == QUOTES
    assert (example.corrected, example.untaught, again.asked) == ((), (), 0)


def test_a_corrected_value_takes_the_quote_of_a_reading_that_arrives_at_it(world: ReviewedWorkspace) -> None:
    again = ReadsAgain(quoted(stated(55.0), {"ef_percent": "ejection fraction of 55 %"}))
    world.reviewed("a", quoted(stated(65.0), QUOTES), stated(55.0))
    example = only_example(world, read_again=again)
    assert parse_answer(example.answer).quotes == {**QUOTES, "ef_percent": "ejection fraction of 55 %"}
    assert example.corrected == ("ef_percent",)
    assert example.quote_origin["ef_percent"] == "other_reading"
    assert again.asked == 1


def test_where_nobody_finds_the_words_neither_a_quote_nor_its_absence_is_taught(
    world: ReviewedWorkspace,
) -> None:
    again = ReadsAgain(quoted(stated(65.0), QUOTES))
    world.reviewed("a", quoted(stated(65.0), QUOTES), stated(55.0))
    example = only_example(world, read_again=again)
    assert json.loads(example.answer)["ef_quote"] is None
    assert json.loads(example.answer)["ef"] == "55"
    assert untaught(example) == ["ef_quote"]
    assert [example.answer[start:end] for start, end in example.untaught] == ["null"]


def test_a_value_that_is_not_there_teaches_that_there_are_no_words_for_it(world: ReviewedWorkspace) -> None:
    nothing = Findings(ef_state=EfState.NOT_STATED)
    world.reviewed("a", quoted(stated(65.0), QUOTES), nothing)
    example = only_example(world)
    assert json.loads(example.answer)["ef_quote"] is None
    assert example.untaught == ()


def test_an_unreadable_decision_stays_unreadable(world: ReviewedWorkspace) -> None:
    unreadable = Findings(ef_state=EfState.UNREADABLE, rwma=Rwma.UNREADABLE, pah=Pah.UNREADABLE)
    world.reviewed("a", quoted(stated(65.0), QUOTES), unreadable)
    assert parse_answer(only_example(world).answer).findings == unreadable


def test_a_quote_of_a_language_model_counts_only_when_it_stands_on_the_page(world: ReviewedWorkspace) -> None:
    case_id = world.add_case("a")
    found = {"ef_percent": False, "rwma": True, "pah": True}
    world.draft(case_id, quoted(stated(55.0), QUOTES, is_found=found), identity=MODEL)
    world.decide(case_id, stated(55.0))
    example = only_example(world)
    assert untaught(example) == ["ef_quote"]
    assert set(parse_answer(example.answer).quotes) == {"rwma", "pah"}


def test_an_earlier_draft_of_the_same_report_spares_reading_the_page_again(world: ReviewedWorkspace) -> None:
    again = ReadsAgain(Reading(Findings()))
    case_id = world.add_case("a")
    world.draft(case_id, quoted(stated(55.0), QUOTES))
    world.draft(case_id, quoted(stated(25.0), QUOTES, is_found=dict.fromkeys(QUOTES, True)), identity=MODEL)
    world.decide(case_id, stated(55.0))
    example = only_example(world, read_again=again)
    assert parse_answer(example.answer).quotes["ef_percent"] == "LVEF 55 %"
    assert (example.quote_origin["ef_percent"], again.asked) == ("other_reading", 0)


def test_walls_nobody_was_asked_about_are_not_taught(world: ReviewedWorkspace) -> None:
    present = stated(55.0, rwma=Rwma.PRESENT, rwma_severity=RwmaSeverity.MILD)
    world.reviewed("a", quoted(stated(55.0), QUOTES), present)
    assert untaught(only_example(world)) == ["rwma_quote", "rwma_walls"]


def test_a_pressure_printed_as_a_range_is_taught_as_printed(world: ReviewedWorkspace) -> None:
    findings = stated(55.0, rvsp_mmhg=37.5)
    world.reviewed("a", quoted(findings, {**QUOTES, "rvsp_mmhg": "RVSP 35 to 40 mmHg"}), findings)
    assert json.loads(only_example(world).answer)["rvsp"] == "35-40"


@given(st.integers(5, 150), st.integers(1, 40), st.sampled_from(["-", " - ", "–", " to "]))
def test_a_range_is_found_again_in_its_quote(low: int, width: int, between: str) -> None:
    quote = f"RVSP {low}{between}{low + width} mmHg"
    assert printed_range(quote, low + width / 2) == f"{low}-{low + width}"
    assert printed_range(quote, low + width / 2 + 1) is None


def test_flagged_skipped_and_undecided_records_are_left_out_and_counted(world: ReviewedWorkspace) -> None:
    drafted = quoted(stated(55.0), QUOTES)
    kept = world.reviewed("kept", drafted, stated(55.0))
    doubted = world.reviewed("accepted, then flagged", drafted, stated(55.0))
    world.decide(doubted, stated(55.0), decision=Decision.FLAG)
    skipped = world.add_case("skipped")
    world.draft(skipped, drafted)
    world.decide(skipped, stated(55.0), decision=Decision.SKIP)
    world.draft(world.add_case("waiting"), drafted)
    reviewed = examples_of(world)
    assert [example.case_id for example in reviewed.examples] == [kept]
    assert reviewed.left_out == {"flagged or skipped": 2, "not decided": 1}


def test_the_latest_decision_is_what_is_taught(world: ReviewedWorkspace) -> None:
    case_id = world.reviewed("a", quoted(stated(65.0), QUOTES), stated(65.0))
    world.decide(case_id, stated(55.0))
    assert only_example(world).findings.ef_percent == 55.0


def test_a_record_that_contradicts_itself_teaches_nothing(world: ReviewedWorkspace) -> None:
    graded = stated(55.0, rwma=Rwma.NOT_STATED, rwma_severity=RwmaSeverity.MILD)
    world.reviewed("a", quoted(graded, QUOTES), graded)
    assert examples_of(world).left_out == {"contradicts itself": 1}


def test_real_and_made_up_records_never_mix(world: ReviewedWorkspace) -> None:
    for number in range(3):
        drafted = quoted(stated(55.0), QUOTES)
        world.reviewed(f"record {number}", drafted, stated(55.0), is_synthetic=number == 0)
    with pytest.raises(EchoDeskError, match="mix 2 real and 1 made-up") as refusal:
        examples_of(world)
    assert "--only" in refusal.value.hint
    real = examples_of(world, only_synthetic=False)
    assert (len(real.examples), real.is_synthetic, real.left_out) == (2, False, {"of the other kind": 1})


def test_the_data_hash_changes_with_a_decision_and_with_nothing_else(world: ReviewedWorkspace) -> None:
    case_id = world.reviewed("a", quoted(stated(65.0), QUOTES), stated(65.0))
    first = examples_of(world).data_sha256
    assert examples_of(world).data_sha256 == first
    world.decide(case_id, stated(55.0))
    assert examples_of(world).data_sha256 != first


def test_a_missing_page_is_an_error_that_names_the_case_and_no_words(world: ReviewedWorkspace) -> None:
    case_id = world.reviewed("SECRET NAME", quoted(stated(65.0), QUOTES), stated(55.0))
    (image,) = only_example(world).images
    world.store.path(image).unlink()
    again = ReadsAgain(Reading(Findings()))
    with pytest.raises(EchoDeskError, match=f"case {case_id} is missing") as refusal:
        examples_of(world, read_again=again)
    assert "SECRET" not in f"{refusal.value} {refusal.value.hint}"


def test_no_report_text_reaches_a_log(world: ReviewedWorkspace, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    world.reviewed("a", quoted(stated(65.0), {**QUOTES, "rwma": "SECRET WORDS"}), stated(55.0))
    examples_of(world)
    assert "SECRET" not in caplog.text


def test_counts_say_what_was_corrected_and_where_quotes_came_from(world: ReviewedWorkspace) -> None:
    fill(world, 4, corrected_every=4)
    counts = counts_of(examples_of(world).examples)
    assert counts["ef_percent"]["corrected"] == 1
    assert counts["ef_percent"]["quotes"] == {"draft": 3, "unknown": 1}
    assert counts["rvsp_mmhg"] == {"values": {"not_stated": 4}, "corrected": 0, "quotes": {"none needed": 4}}


def test_the_whole_way_from_extraction_to_examples(world: ReviewedWorkspace) -> None:
    """Registered pages, drafts by the real extraction job, decisions, examples in the reviews' order."""
    cases = [world.add_case(f"LVEF {number} %") for number in (50, 60)]
    answers = {
        fingerprint([Page(1, page_with(f"LVEF {number} %"))]): {
            "findings": stated(float(number)).model_dump(mode="json"),
            "evidence": {"ef_percent": {"quote": f"LVEF {number} %", "page": 1, "box": [1, 2, 3, 4]}},
        }
        for number in (50, 60)
    }
    extract(
        world.database, world.store, reader_factory=ReaderSpec("scripted", {"answers": answers}), workers=1
    )
    world.decide(cases[1], stated(60.0))
    world.decide(cases[0], stated(55.0))
    second, first = examples_of(world).examples
    assert (second.case_id, first.case_id) == (cases[1], cases[0])
    assert parse_answer(second.answer).quotes == {"ef_percent": "LVEF 60 %"}
    assert (second.corrected, first.corrected) == ((), ("ef_percent",))


@pytest.mark.tesseract
def test_the_rules_find_the_words_of_a_corrected_value_on_the_page(world: ReviewedWorkspace) -> None:
    import PIL.ImageDraw

    page = PIL.Image.new("L", (1240, 500), 255)
    for line, words in enumerate(
        ("IMPRESSION:", "LV ejection fraction is 42 %.", "No pulmonary hypertension.")
    ):
        PIL.ImageDraw.Draw(page).text((80, 80 + 70 * line), words, fill=0, font_size=34)
    case_id = world.add_case("a", images=[page])
    world.draft(case_id, quoted(Findings(ef_state=EfState.UNREADABLE), {}))
    world.decide(case_id, Findings(ef_percent=42, ef_operator="=", ef_state=EfState.STATED, pah=Pah.NONE))
    example = only_example(world, read_again=RulesReader().read_pages)
    quotes = parse_answer(example.answer).quotes
    assert "42" in quotes["ef_percent"]
    assert "pulmonary hypertension" in quotes["pah"].lower()
    assert example.untaught == ()


def split_of(count: int, *, per_patient: int = 2, seed: int = 1, share: float = 0.2) -> Any:
    examples = [
        TrainingExample(number, number, f"{number // per_patient:064x}", (), stated(55.0), "{}")
        for number in range(count)
    ]
    return split_by_patient(examples, validation_share=share, seed=seed)


@given(st.integers(20, 120), st.integers(1, 4), st.integers(0, 9), st.floats(0.05, 0.6))
def test_no_patient_is_on_both_sides_and_both_have_some(
    count: int, per_patient: int, seed: int, share: float
) -> None:
    split = split_of(count, per_patient=per_patient, seed=seed, share=share)
    sides = [{example.patient_key for example in side} for side in (split.train, split.validation)]
    assert not sides[0] & sides[1]
    assert all(sides)
    assert len(split.train) + len(split.validation) == count
    assert split == split_of(count, per_patient=per_patient, seed=seed, share=share)


def test_another_seed_keeps_other_patients_apart() -> None:
    assert split_of(60, seed=1).validation != split_of(60, seed=2).validation


def test_few_people_change_sides_when_more_reviews_come_in() -> None:
    before = {example.patient_key for example in split_of(200).validation}
    later = {example.patient_key for example in split_of(240).validation}
    assert len(before - later) <= 0.25 * len(before)


@pytest.mark.parametrize(("count", "per_patient"), [(19, 1), (40, 10)])
def test_too_few_records_or_patients_are_refused_with_the_least_it_takes(
    count: int, per_patient: int
) -> None:
    with pytest.raises(EchoDeskError, match="too few to learn from") as refusal:
        split_of(count, per_patient=per_patient)
    assert "at least 20 records of 5 patients" in refusal.value.hint
