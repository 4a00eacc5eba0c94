"""Masking with the real engines on demo pictures whose every identifying word is known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.dataset.masking.measure import (
    PictureFigures,
    covered_words,
    gray_pixels,
    is_read,
    measure_cohort,
    measure_patient,
    read_back,
    stored_pictures,
)
from pipeline.dataset.masking.shares import as_plain, left_out, shares_of
from pipeline.demo.cohort import Cohort, build_cohort


@pytest.fixture(scope="module")
def figures(ten: Cohort) -> list[PictureFigures]:
    """The figures of the first one-page patient of the small cohort."""
    for line in ten.truth.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if len(record["reports"]) == 1 and record["condition"] == "phone":
            return measure_patient((str(ten.folder), line, "tesseract"))
    raise AssertionError("the cohort has no photographed page")


@pytest.mark.slow
@pytest.mark.tesseract
def test_a_photographed_report_and_ecg_go_out_without_a_readable_identity(
    figures: list[PictureFigures],
) -> None:
    assert [one.role for one in figures] == ["report", "ecg"]
    for one in figures:
        assert one.refusal == "" and one.words
        assert all(is_masked for _, is_masked in one.words), one.missed
        assert not any(read for _, read in one.read_back)
        assert all(one.evidence) and one.painted_share < 0.25


@pytest.mark.slow
@pytest.mark.tesseract
def test_the_figures_add_up_and_carry_intervals(figures: list[PictureFigures]) -> None:
    shares = shares_of(figures)
    masked = shares["identifying words masked"]
    assert (
        masked.n == sum(len(one.words) for one in figures) and masked.low < masked.value == masked.high == 1
    )
    assert shares["pictures that go out"].n == 2 and not left_out(figures)
    assert as_plain(figures, shares)["shares"]["identifying words masked"]["count"] == masked.n


def test_an_unmasked_picture_counts_as_missed(ten: Cohort) -> None:
    record = json.loads(ten.truth.read_text(encoding="utf-8").splitlines()[0])
    (data, _) = stored_pictures(ten.folder / record["ecg"])[0]
    words, missed = covered_words(gray_pixels(data), record["ecg_phi"])
    assert len(words) == len(missed) > 10 and not any(is_masked for _, is_masked in words)


def test_reading_back_finds_a_name_with_one_letter_misread() -> None:
    from masking_pages import page_of, words_of

    mark = {
        "kind": "patient_name",
        "quote": "Velmira Tornathy",
        "words": [{"text": "Velmira"}, {"text": "Tornathy"}],
    }
    day = {"kind": "date", "quote": "Date: 21-Mar-2026", "words": []}
    page = page_of(words_of("left Tornatby wall\nseen 21 Mar 2026"))
    assert read_back([mark, day], [page]) == (
        ("patient_name", "tornathy as tornatby"),
        ("date", "21mar2026"),
    )
    assert read_back([mark, day], [page_of(words_of("left wall seen"))]) == (
        ("patient_name", ""),
        ("date", ""),
    )
    assert not is_read("Anil", "Anita")
    assert not is_read("valuk", "value")
    assert is_read("valuk", "valur")


def test_what_stays_here_is_counted_by_reason() -> None:
    one = PictureFigures("report", "harsh", "too blurred", 1.0, (("date", False),))
    shares = shares_of([one])
    assert left_out([one]) == {("report", "harsh", "too blurred"): 1}
    assert shares["pictures that go out"].value == 0 and shares["identifying words masked"].n == 0


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.tesseract
def test_masking_keeps_its_promise_on_another_cohort(tmp_path: Path) -> None:
    cohort = build_cohort(tmp_path / "cohort", patients=24, seed=11)
    found = [
        one for patient in measure_cohort(cohort.truth, tesseract="tesseract", workers=2) for one in patient
    ]
    shares = shares_of(found)
    assert shares["identifying words masked"].value >= 0.995
    assert shares["names readable in the masked picture"].value == 0
    assert shares["report pages with all evidence untouched"].value >= 0.98
    assert all(condition == "harsh" for _, condition, _ in left_out(found))
