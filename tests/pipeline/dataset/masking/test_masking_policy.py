"""Where a picture names people: the bands of a report, the strips of an ECG; and what is painted there."""

from __future__ import annotations

import io

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from masking_pages import ECG, REPORT, picture_of, words_of
from PIL import Image

from pipeline.dataset.masking.ecg_rows import leads_of
from pipeline.dataset.masking.findings import Certainty, Finding, IdentityKind
from pipeline.dataset.masking.labels import split_glued
from pipeline.dataset.masking.painting import encode, open_upright, paint, paint_mask
from pipeline.dataset.masking.patterns import Seen
from pipeline.dataset.masking.policy import Layout, find
from pipeline.dataset.masking.vocabulary import is_known
from pipeline.dataset.masking.words import Box, Word, area, overlap, rows_of

SIZE = (1200, 700)


def painted(words: tuple[Word, ...], layout: Layout) -> dict[str, bool]:
    """Every word and whether it is painted over; a word that occurs twice must be painted at both places."""
    mask = paint_mask(find(words, layout, Seen()), layout.evidence, SIZE).mask
    found: dict[str, bool] = {}
    for word in words:
        left, top, right, bottom = (round(side) for side in word.box)
        is_painted = bool((mask[top:bottom, left:right] > 0).mean() > 0.9)
        found[word.text] = found.get(word.text, True) and is_painted
    return found


def test_a_report_keeps_its_findings_and_loses_its_people() -> None:
    gone = painted(words_of(REPORT), Layout("report"))
    for text in (
        "VELMIRA",
        "TORNATHY",
        "SYN-482913",
        "57",
        "21-Mar-2026",
        "Kadith",
        "Basneru",
        "72890",
        "Bevev",
        "Gantudia",
    ):
        assert gone[text], text
    for text in ("Sampleton", "Heart", "Hospital"):
        assert gone[text], text
    for text in (
        "ECHOCARDIOGRAPHY",
        "Indication:",
        "palpitations",
        "2.7",
        "LVEF",
        "trivial",
        "IMPRESSION",
        "regional",
    ):
        assert not gone[text], text


def test_a_band_hides_what_nobody_can_name() -> None:
    page = "Zorbax Qvanti 77\nECHOCARDIOGRAPHY REPORT\n" + REPORT.split("REPORT")[1] + "Yelgoru 4th"
    gone = painted(words_of(page), Layout("report"))
    assert gone["Zorbax"] and gone["Qvanti"] and gone["77"] and gone["Yelgoru"] and gone["4th"]


def test_a_page_without_a_body_is_all_band() -> None:
    gone = painted(words_of("Zorbax is here\nwith Qvanti"), Layout("report"))
    assert gone["Zorbax"] and gone["Qvanti"] and not gone["here"] and not gone["with"]


def test_a_patient_block_in_the_middle_of_a_page_is_a_band_too() -> None:
    page = REPORT + "left ventricle normal\nNAME : ABCD 12 QQ    AGE : 3\nright ventricle normal in size\n"
    gone = painted(words_of(page), Layout("report"))
    assert gone["ABCD"] and gone["12"] and gone["QQ"] and gone["3"] and not gone["right"]


def test_an_empty_field_is_painted_because_its_value_may_be_unread() -> None:
    findings = find(words_of("NAME :\n" + REPORT), Layout("report"), Seen())
    assert any(finding.kind is IdentityKind.NAME and not finding.texts for finding in findings)


def test_the_paper_above_the_last_name_is_painted_but_not_the_line_before() -> None:
    words = words_of(REPORT.replace("Dr. Bevev", "\n\nDr. Bevev"))
    mask = paint_mask(find(words, Layout("report"), Seen()), (), SIZE).mask
    name = next(word for word in words if word.text == "Bevev")
    impression = next(word for word in words if word.text == "IMPRESSION")
    assert mask[round(name.box[1]) - 40, round(name.box[0])] == 255
    assert not mask[round(impression.box[1]) : round(impression.box[3]), :].any()


def test_a_name_broken_off_after_its_title_is_found_on_the_next_line() -> None:
    page = (
        "Indication: review\nthe left ventricle was seen with Dr.\nHuffbert for further study of the "
        "heart\nno clot\n"
    )
    assert painted(words_of(page), Layout("report"))["Huffbert"]


def test_a_name_from_the_header_is_found_in_the_body() -> None:
    page = REPORT.replace("Indication: palpitations", "Indication: palpitations of Tornathy since morning")
    assert painted(words_of(page), Layout("report"))["Tornathy"]


def test_the_header_of_an_ecg_goes_whole_and_the_traces_stay() -> None:
    words = words_of(ECG)
    gone = painted(words, Layout.of("ecg", (), words))
    assert all(
        gone[text] for text in ("Name:", "Velmira", "SYN-482913", "HR", "68", "bpm", "Sampleton", "Basneru")
    )
    assert not any(gone[text] for text in ("aVR", "V4", "II", "V6", "25", "mm/s", "10", "mm/mV"))


def test_a_line_above_the_leads_goes_even_where_no_engine_is_sure_of_it() -> None:
    words = words_of(ECG.replace("I aVR V1 V4", "Agc/Scxc40/M\nI aVR V1 V4"))
    words = tuple(Word(word.text, word.box, 0.64 if word.text == "Agc/Scxc40/M" else 0.9) for word in words)
    assert painted(words, Layout.of("ecg", (), words))["Agc/Scxc40/M"]
    assert not painted(words, Layout("ecg"))["Agc/Scxc40/M"]  # without leads it may as well be a trace


def test_the_header_of_an_ecg_is_painted_where_an_entry_was_not_read() -> None:
    every = words_of(ECG.replace("I aVR V1 V4", "Age/Sex: 40 M    HR 68 bpm\nI aVR V1 V4"))
    tilted = [
        Word(word.text, (left, top + 0.05 * left, right, bottom + 0.05 * left), word.confidence)
        for word in every
        for left, top, right, bottom in [word.box]
    ]
    read = [word for word in tilted if word.text not in ("Age/Sex:", "40", "M")]
    size = (1200, 600)
    mask = paint_mask(find(read, Layout.of("ecg", (), read), Seen()), (), size).mask
    unread = [word.box for word in tilted if word.text in ("Age/Sex:", "40", "M")]
    assert len(unread) == 3
    assert all(
        mask[round(box[1]) : round(box[3]), round(box[0]) : round(box[2])].mean() > 250 for box in unread
    )
    leads = [word.box for word in tilted if word.text in ("aVR", "aVL", "V6")]
    assert not any(mask[round(box[1]) : round(box[3]), round(box[0]) : round(box[2])].any() for box in leads)


def test_letters_read_into_a_trace_are_left_alone_but_an_id_there_is_not() -> None:
    noisy = words_of(ECG.replace("II aVL", "Wnqb ID: SYN-999123 II aVL"))
    words = tuple(Word(word.text, word.box, 0.3 if word.text == "Wnqb" else 0.9) for word in noisy)
    gone = painted(words, Layout.of("ecg", (), words))
    assert gone["SYN-999123"] and not gone["Wnqb"]


def test_the_line_below_an_ecg_loses_what_is_not_known() -> None:
    words = words_of(ECG + "SE-12 QX77    2026-03-21 10:38:14\n")
    gone = painted(words, Layout.of("ecg", (), words))
    assert gone["QX77"] and gone["2026-03-21"] and gone["10:38:14"]


def test_leads_are_only_believed_in_when_three_are_read() -> None:
    assert leads_of(words_of("aVR V1 name")) is None
    assert leads_of(words_of("aVR V1\nV2")) == (40, 104)


def test_rims_stop_at_evidence_and_a_sure_word_does_not() -> None:
    evidence: tuple[Box, ...] = ((100, 100, 200, 130),)
    rim = Finding(IdentityKind.UNKNOWN, Certainty.POLICY, ((90, 70, 210, 105),), ("x",))
    name = Finding(IdentityKind.NAME, Certainty.LIKELY, ((150, 105, 190, 125),), ("x",))
    number = Finding(IdentityKind.ID, Certainty.CERTAIN, ((150, 105, 190, 125),), ("x",))
    only_rim = paint_mask([rim], evidence, SIZE)
    assert not only_rim.mask[100:130, 100:200].any() and only_rim.mask[80, 150] == 255
    assert (only_rim.certain, only_rim.doubtful) == ((), ())
    assert paint_mask([name], evidence, SIZE).doubtful == (0,)
    sure = paint_mask([number], evidence, SIZE)
    assert sure.certain == (0,) and sure.doubtful == () and sure.mask[115, 170] == 255


def test_what_lies_between_two_painted_words_is_painted() -> None:
    finding = Finding(
        IdentityKind.NAME, Certainty.LIKELY, ((100, 100, 150, 120), (300, 110, 350, 130)), ("a", "b")
    )
    mask = paint_mask([finding], (), SIZE).mask
    assert mask[115, 225] == 255 and mask[60, 225] == 0


def test_painted_pixels_are_black_and_nothing_but_pixels_is_stored() -> None:
    words = words_of(REPORT)
    told = Image.Exif()
    told[0x010E] = "Velmira Tornathy"
    data = picture_of(words, exif=told)
    assert b"Velmira" in data
    mask = paint_mask(find(words, Layout("report"), Seen()), (), SIZE).mask
    for media_type in ("image/png", "image/jpeg"):
        out = encode(paint(open_upright(data), mask), media_type)
        with Image.open(io.BytesIO(out)) as picture:
            assert not picture.getexif() and not {"exif", "comment", "icc_profile"} & set(picture.info)
            assert np.asarray(picture.convert("L"))[mask > 0].max() <= 24
        assert b"Velmira" not in out


def test_a_turned_picture_is_stored_the_way_up_it_is_looked_at() -> None:
    told = Image.Exif()
    told[0x0112] = 6  # lies on its side
    image = open_upright(picture_of((), size=(300, 200), exif=told))
    assert image.size == (200, 300)


boxes = st.tuples(st.integers(0, 90), st.integers(0, 90), st.integers(1, 9), st.integers(1, 9)).map(
    lambda box: (float(box[0]), float(box[1]), float(box[0] + box[2]), float(box[1] + box[3]))
)


@given(st.lists(st.builds(Word, st.text("ab:1", min_size=1, max_size=4), boxes, st.just(0.9)), max_size=30))
def test_every_word_stands_in_exactly_one_row(words: list[Word]) -> None:
    rows = rows_of(words)
    assert sorted(word.box for row in rows for word in row.words) == sorted(word.box for word in words)
    for row in rows:
        assert list(row.words) == sorted(row.words, key=lambda word: word.box[0])


@given(boxes, boxes)
def test_overlap_is_symmetric_and_no_larger_than_either(one: Box, other: Box) -> None:
    assert overlap(one, other) == overlap(other, one) <= min(area(one), area(other))


def test_rows_follow_a_tilted_line_and_end_at_paint() -> None:
    words = [
        Word(str(place), (place * 100.0, place * 4.0, place * 100.0 + 60, place * 4.0 + 20))
        for place in range(6)
    ]
    assert [len(row.words) for row in rows_of(words)] == [6]
    barrier: Box = (265.0, 0.0, 298.0, 60.0)
    assert [len(row.words) for row in rows_of(words, [barrier])] == [3, 3]


def test_a_label_glued_to_its_value_is_parted() -> None:
    parts = split_glued((Word("Name:Ratna", (0, 0, 100, 10)), Word("10:38", (0, 20, 50, 30))))
    assert [word.text for word in parts] == ["Name:", "Ratna", "10:38"]
    assert parts[0].box[2] == parts[1].box[0]


def test_the_vocabulary_forgives_one_letter_of_a_long_word_only() -> None:
    assert is_known("ventricie") and is_known("Hypokinesia,") and is_known("left-ventricular")
    assert not is_known("Tornathy") and not is_known("mila") and not is_known("9845012345")
