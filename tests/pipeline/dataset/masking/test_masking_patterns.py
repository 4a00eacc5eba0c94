"""What gives an identity away on a printed line, and what does not."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from masking_pages import row_of

from pipeline.dataset.masking.dates import date_spans, is_month
from pipeline.dataset.masking.findings import IdentityKind
from pipeline.dataset.masking.numbers import has_verhoeff_digit, is_aadhaar, is_mixed_id, number_spans
from pipeline.dataset.masking.patterns import KnownValues, Seen, find_in_row
from pipeline.demo.people import printed_date


def hidden(line: str, *, in_band: bool = False, seen: Seen | None = None) -> set[str]:
    """The words of a line that are found."""
    findings = find_in_row(row_of(line), seen or Seen(), in_band=in_band)
    return {text for finding in findings for text in finding.texts}


def kinds(line: str) -> set[IdentityKind]:
    """The kinds found in a line of prose."""
    return {finding.kind for finding in find_in_row(row_of(line), Seen(), in_band=False)}


@pytest.mark.parametrize(
    ("line", "gone"),
    [
        ("NAME : RATAJ PULRADOSS", {"RATAJ", "PULRADOSS"}),
        ("Patient Name: Velmira K. Tornathy Age: 61", {"Velmira", "K.", "Tornathy", "61"}),
        ("Nane: Velmira Tornathy", {"Velmira", "Tornathy"}),
        ("Ref. by : Dr. Kadith Basneru MBBS, MD", {"Kadith", "Basneru"}),
        ("Thank you Mrs. Velmira Tornathy for coming", {"Mrs.", "Velmira", "Tornathy"}),
        ("seen with Or. Basneru today", {"Or.", "Basneru"}),
        ("S/O Kadith Basneru", {"Kadith", "Basneru"}),
        ("Shri Kadith Basneru was admitted", {"Kadith", "Basneru"}),
        ("Kadith Basneru, MD, DM", {"Kadith", "Basneru,"}),
        ("Dr.Kadith was informed", {"Dr.Kadith"}),
        ("Reported by: KADITH BASNERU", {"KADITH", "BASNERU"}),
    ],
)
def test_names_are_found_by_label_title_relation_and_degree(line: str, gone: set[str]) -> None:
    assert gone <= hidden(line)


@pytest.mark.parametrize(
    ("line", "gone"),
    [
        ("UHID : SYN-482913", {"SYN-482913"}),
        ("MRN 00482913", {"00482913"}),
        ("ABHA No: 91-1234-5678-9012", {"91-1234-5678-9012"}),
        ("Aadhaar 2341 2341 2346", {"2341", "2346"}),
        ("XXXX XXXX 2346", {"XXXX", "2346"}),
        ("Bill No: 4711", {"4711"}),
        ("IP/OP No. : OPD/2021/3345", {"OPD/2021/3345"}),
        ("Mobile: +91 98450 12345", {"+91", "98450", "12345"}),
        ("Tel. 080-22221111", {"080-22221111"}),
        ("call +44 20 7946 0958 at night", {"+44", "20", "7946", "0958"}),
        ("mail to echo.lab@hospital.example.com now", {"echo.lab@hospital.example.com"}),
        ("see www.hospital.example for more", {"www.hospital.example"}),
        ("12, Specimen Lane, Testanahalli 560034", {"12,", "Specimen", "Lane,", "Testanahalli", "560034"}),
        ("brought from Testanahalli Mission Hospital in the night", {"Testanahalli", "Mission", "Hospital"}),
        ("61 Y / F", {"61", "Y", "/", "F"}),
        ("an 82-year-old man", {"82-year-old"}),
        ("she is 93 years of age", {"93", "years"}),
    ],
)
def test_numbers_addresses_and_ages_are_found_by_their_form(line: str, gone: set[str]) -> None:
    assert gone <= hidden(line)


@pytest.mark.parametrize(
    "line",
    [
        "LVEF 60 %, no RWMA, grade I LV diastolic dysfunction",
        "EF 60-65% (Reference: 50-70%)",
        "LVID (d) 4.4 cm 3.7-5.6 cm",
        "10.5-12.5 mm 2.0-3.7 cm 120/80",
        "MILD MR, NO AR, MILD TR, NO PAH (RVSP 38 mmHg)",
        "MS GRADE II, MR MILD, NO MS",
        "Platelets 3.2 lakh/cu mm, total count 6985 /cu mm",
        "E/A 0.8, DT 180 ms, TAPSE 22 mm, S' 11 cm/s",
        "no chest pain w/o breathlessness for 10 years",
        "Pulse 69/min, BP 120/80 mmHg, HR 76 bpm",
        "Left bundle branch block, left main and cross section normal",
        "Patient was stable in the ward. Page 1 of 2",
        "Course in hospital: treated at the heart centre",
        "RWMA + : hypokinesia of the mid anterior segment",
        "V1 V2 V3 aVR aVL aVF 25 mm/s 10 mm/mV",
        "Tab. Testoplat 75 mg, after lunch",
    ],
)
def test_what_a_report_says_about_a_heart_stays(line: str) -> None:
    assert hidden(line) == set()


@given(st.dates(date(1930, 1, 1), date(2030, 12, 31)), st.integers(0, 5))
def test_every_printed_form_of_a_date_is_found_whole(day: date, style: int) -> None:
    written = printed_date(day, style)
    covered: set[int] = set()
    for start, end in date_spans(written):
        covered |= set(range(start, end))
    assert all(place in covered for place, letter in enumerate(written) if letter.isalnum())


@pytest.mark.parametrize(
    "written",
    [
        "06-0ct-2025",
        "16 Hay 2025",
        "l2/03/2026",
        "21 March, 2026",
        "Mar21,2026",
        "21Mar2026",
        "8Jan26",
        "2026-03-21",
        "21st of March 2026",
        "20260321",
        "Aug 12. 2025",
        "10:38:14",
        "10.30 pm",
        "March 2026",
        "21.03.26",
    ],
)
def test_dates_with_a_misread_letter_and_rarer_forms_are_found(written: str) -> None:
    assert IdentityKind.DATE in kinds(f"done {written} here")


@given(st.floats(0.1, 99.9), st.floats(0.1, 99.9), st.sampled_from(["cm", "mm", "mmHg", "%", "ml"]))
def test_no_range_of_measurements_is_a_date_or_a_phone(low: float, high: float, unit: str) -> None:
    assert kinds(f"{low:.1f}-{high:.1f} {unit}") == set()


@given(st.integers(10**10, 10**11 - 1))
def test_the_check_digit_finds_every_single_slip(number: int) -> None:
    digits = str(number)
    right = [digits + str(last) for last in range(10) if has_verhoeff_digit(digits + str(last))]
    assert len(right) == 1
    for place in range(0, 12, 5):
        other = str((int(right[0][place]) + 1) % 10)
        assert not has_verhoeff_digit(right[0][:place] + other + right[0][place + 1 :])


def test_the_check_digit_of_the_textbook() -> None:
    assert has_verhoeff_digit("2363") and not has_verhoeff_digit("2364")
    assert is_aadhaar("2341 2341 2346") and not is_aadhaar("1341 2341 2346")


@given(
    st.text("0123456789", min_size=10, max_size=10),
    st.sampled_from(["{}", "+91 {}", "+91-{}", "{0[0]}{0[1]}"]),
)
def test_every_way_to_group_a_mobile_number_is_found(digits: str, form: str) -> None:
    line = f"reach at {form.format(digits) if '[' not in form else digits[:5] + ' ' + digits[5:]} only"
    spans = [span for *span, _, _ in number_spans(line)]
    covered = {place for start, end in spans for place in range(start, end)}
    assert all(place in covered for place, letter in enumerate(line) if letter.isdigit())


def test_measured_values_are_no_ids() -> None:
    assert not any(
        is_mixed_id(text) for text in ("1200mg", "25mm/s", "10mm/mV", "120bpm", "0.5Hz", "V5", "T2DM")
    )
    assert all(is_mixed_id(text) for text in ("SYN-482913", "OPD/2021/3345", "00012_hr", "IP20213345"))


def test_two_letters_that_changed_places_are_one_misreading() -> None:
    assert is_month("Ocotber") and is_month("Setpember")
    assert not is_month("Ocoetbr")


def test_months_may_have_one_misread_letter_but_other_words_are_none() -> None:
    assert is_month("0ct") and is_month("Septenber") and is_month("MAR")
    assert not is_month("mild") and not is_month("valve") and not is_month("grade")


def test_a_name_found_once_is_found_again_misread() -> None:
    assert hidden("discussed with Tornatby yesterday", seen=Seen(frozenset({"tornathy"}))) == {"Tornatby"}
    assert hidden("the anterior wall", seen=Seen(frozenset({"antarior"}))) == set()


def test_known_values_are_found_wherever_they_stand() -> None:
    seen = Seen.of(KnownValues(names=("Velmira Tornathy",), others=("QX77", "Sampleton")))
    assert hidden("for velmira of sampleton, qx77", seen=seen) == {"velmira", "sampleton,", "qx77"}


def test_in_a_band_a_label_hides_everything_up_to_the_next_one() -> None:
    gone = hidden("NAME Grace Wall UHID 12 AGE 61 SEX F", in_band=True)
    assert {"Grace", "Wall", "12", "61"} <= gone
    assert not {"NAME", "UHID"} & gone


def test_a_family_name_that_is_also_a_label_does_not_end_the_name() -> None:
    assert {"Anil", "Page", "Ward"} <= hidden("Name: Anil Page Ward", in_band=True)


@given(st.text(max_size=80))
def test_no_text_whatever_makes_the_patterns_fail(line: str) -> None:
    if line.split():
        find_in_row(row_of(" ".join(line.split())), Seen(frozenset({"tornathy"})), in_band=True)
