"""Hidden drafts, second readings, adjudication and practice records, at the desk in a real browser."""

from __future__ import annotations

import pytest
from desk_fixture import clean_record, desk_record
from live_desk import LiveDesk, MakeLive, Sitting

from review_ui import text

pytestmark = pytest.mark.browser


def has(desk: Sitting, sentence: str) -> None:
    """Wait until the quiet line says so."""
    desk.page.wait_for_selector(f"#notice >> text={sentence}")


@pytest.mark.slow
def test_a_hidden_draft_stands_beside_the_answers_once_all_are_entered(make_live: MakeLive) -> None:
    live = make_live(desk_record(), clean_record(2), blind_share=1.0)
    desk = live.sit_down()
    desk.wait_for(1)
    assert text.DESK["draft_hidden"] in desk.text("#where")
    assert desk.text("#number-ef") == text.DESK["nothing_yet"]
    for trace in ("37.5", "35 – 40", "hypokinesia", "mmHg", "85"):
        assert trace not in desk.text(".answers").replace("RVSP –", "")
    assert desk.page.locator(".box").count() == 0
    assert desk.page.locator(".chip.chosen").count() == 0
    desk.press("Enter")
    has(desk, "Ejection fraction still needs an answer.")
    desk.press("50", "Enter", "p", "Enter")
    has(desk, "Pulmonary hypertension (PAH) still needs an answer.")
    desk.press("1", "r", "48", "Enter")
    assert desk.text("#accept-word") == text.DESK["compare"]
    desk.press("Enter")
    desk.page.wait_for_selector(f"#pill-ef >> text={text.DESK['differs']}")
    assert live.reviews() == []
    assert desk.text("#number-ef") == "50"
    assert desk.text("#reason-ef") == "The draft says 37.5 %."
    assert desk.text("#pill-pah") == text.DESK["same_as_draft"]
    assert desk.page.locator(".box").count() > 0
    desk.press("35-40", "Enter", "Shift+Digit1", "Enter")
    desk.wait_for(2)
    (review,) = live.reviews()
    assert (review.arm, review.ef_percent, review.ef_low) == ("hidden", 37.5, 35)
    assert review.entered is not None
    assert review.entered["ef_percent"] == 50  # what was read from the page alone is kept


@pytest.mark.slow
def test_what_was_entered_on_a_hidden_draft_outlives_a_reload_before_and_after(make_live: MakeLive) -> None:
    live = make_live(desk_record(), clean_record(2), blind_share=1.0)
    desk = live.sit_down()
    desk.wait_for(1)
    desk.press("50", "Enter", "a")
    desk.page.reload()
    desk.wait_for(1)
    assert (desk.text("#number-ef"), desk.text("#pill-pah")) == ("50", text.DESK["to_answer"])
    desk.press("Tab", "0", "Enter")
    desk.page.wait_for_selector(f"#pill-ef >> text={text.DESK['differs']}")
    desk.page.reload()
    desk.wait_for(1)
    assert desk.text("#reason-ef") == "The draft says 37.5 %."
    desk.press("Enter")
    desk.wait_for(2)
    (review,) = live.reviews()
    assert (review.ef_percent, review.rwma, review.pah) == (50, "absent", "none")


def read_twice(make_live: MakeLive) -> LiveDesk:
    """Asha reads record 1 first; Bina reads it again and differs in EF alone."""
    live = make_live(
        clean_record(1), clean_record(2), clean_record(3), annotators=("Asha", "Bina"), leads=("Lena",),
        second_reading_share=1.0,
    )  # fmt: skip
    asha = live.sit_down(1)
    asha.wait_for(1)
    asha.press("Enter")
    asha.wait_for(2)
    bina = live.sit_down(2)
    bina.wait_for(1)
    assert text.ANSWER_WORDS["purpose"]["second"] in bina.text("#where")
    assert bina.text("#number-ef") == text.DESK["nothing_yet"]
    bina.press("45", "Enter", "a", "Tab", "0")
    assert bina.text("#accept-word") == text.DESK["store"]
    bina.press("Enter")  # stored at once: a second reader is shown nobody's answers
    bina.page.wait_for_selector("#desk[aria-busy='false']:not([data-case='1'])")
    return live


@pytest.mark.slow
def test_an_adjudicator_chooses_between_readings_without_names(make_live: MakeLive) -> None:
    live = read_twice(make_live)
    lead = live.sit_down(0)
    lead.wait_for(1)
    assert text.ANSWER_WORDS["purpose"]["adjudication"] in lead.text("#where")
    for name in ("Asha", "Bina"):
        assert name not in lead.page.inner_text("body")
    assert lead.text("#number-ef") == text.DESK["nothing_yet"]
    assert lead.text("#reason-rwma") == "Both readings: absent."
    chips = lead.page.eval_on_selector_all("#reason-ef button", "all => all.map((one) => one.innerText)")
    assert {chip.split(": ")[1] for chip in chips} == {"45 %", "60 %"}
    lead.press("Enter")
    has(lead, "Ejection fraction still needs an answer.")
    wanted = 1 if "45 %" in chips[1] else 0
    lead.press("q" if wanted else "w", "q" if wanted == 0 else "w")
    assert lead.text("#number-ef") == "45"
    lead.press("Control+z")
    assert lead.text("#number-ef") == "60"
    lead.press("Control+y", "Enter")
    lead.page.wait_for_selector("#desk[aria-busy='false']:not([data-case='1'])")
    newest = live.reviews()[-1]
    assert (newest.purpose, newest.ef_percent, newest.rwma, newest.pah) == (
        "adjudication",
        45,
        "absent",
        "none",
    )
    assert live.labels()[1] == 45


def test_a_practice_record_is_told_calmly_and_asked_again(make_live: MakeLive) -> None:
    live = make_live(clean_record(1), clean_record(2), vigilance_share=1.0)
    desk = live.sit_down()
    desk.wait_for(1)
    desk.press("Enter")
    desk.page.wait_for_selector(".reason >> text=Practice record")
    assert desk.case_id == 1
    (line,) = [words for field in ("ef", "rwma", "pah") if (words := desk.text(f"#reason-{field}"))]
    assert line.endswith("Please answer again.")
    assert desk.text("#accept-word") == text.DESK["confirm"]
    assert live.reviews() == []
    desk.page.reload()
    desk.page.wait_for_selector(".reason >> text=Practice record")
    desk.press("Enter", "Enter")
    desk.wait_for(2)
    (review,) = live.reviews()
    drafted = clean_record(1).findings
    assert (review.decision, review.to_findings()) == ("accept", drafted)


@pytest.mark.slow
def test_a_record_sent_back_is_asked_about_without_saying_that_readings_differ(make_live: MakeLive) -> None:
    live = make_live(clean_record(1), annotators=("Asha",), leads=("Lena",))
    asha = live.sit_down(1)
    asha.wait_for(1)
    asha.press("f", "c", "h", "e", "c", "k", "Enter")
    lead = live.sit_down(0)
    lead.wait_for(1)
    assert text.ANSWER_WORDS["purpose"]["adjudication"] in lead.text("#where")
    assert [lead.text(f"#pill-{name}") for name in ("ef", "rwma", "pah")] == [text.DESK["to_answer"]] * 3
