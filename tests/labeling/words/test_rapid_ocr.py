"""Words off a page with the real RapidOCR, offline and quiet; and what is arithmetic in it without it."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from ocr_pages import ocr_page
from report_drawing import LEFT_COLUMN, RIGHT_COLUMN, blank, letter, page, tilted, two_columns, write

from labeling.rules.report import read_report_text
from labeling.words import rapid_lines, rapid_ocr
from labeling.words.evidence import join_words
from labeling.words.rapid_lines import settled_lines, words_within
from labeling.words.read_page import OcrPage

needs_rapidocr = pytest.mark.skipif(not rapid_ocr.is_installed(), reason="RapidOCR is not installed")
SHORT = (
    "Left ventricular ejection fraction is 42 % by the biplane method.",
    "The right ventricular systolic pressure is 38 mmHg.",
    "No regional wall motion abnormality. No PAH.",
)


def sheet(*lines: str, size_px: tuple[int, int] = (1240, 420)) -> Any:
    """A strip of paper with a few printed lines: enough to read, and quick."""
    image = blank(size_px)
    for number, line in enumerate(lines):
        write(image, [line], at=(80, 50 + 90 * number), size_px=26)
    return image


def text_of(read: OcrPage) -> str:
    return join_words([read]).text


@contextmanager
def network_use() -> Iterator[list[str]]:
    """What is asked of the network meanwhile."""
    asked: list[str] = []
    is_on = True

    def hear(event: str, _: Any) -> None:
        if is_on and event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
            asked.append(event)

    sys.addaudithook(hear)  # it can't be taken away again, only made deaf
    try:
        yield asked
    finally:
        is_on = False


@needs_rapidocr
def test_it_reads_a_page_offline_and_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    before = list(logging.getLogger().handlers)
    with network_use() as asked:
        # Two threads, so that the engine is a new one whatever ran before.
        read = rapid_ocr.read_words(page(sheet(*SHORT)), threads=2)
    assert asked == []
    assert [line for line in SHORT if line not in text_of(read)] == []
    found = read_report_text(text_of(read)).findings
    assert (found.ef_percent, found.rvsp_mmhg, found.rwma, found.pah) == (42, 38, "absent", "none")
    assert (read.unreadable_reason, logging.getLogger().handlers) == ("", before)
    assert capfd.readouterr() == ("", "")


@needs_rapidocr
def test_words_have_boxes_where_they_are_printed_whichever_way_the_page_lies() -> None:
    upright = sheet(*SHORT)
    read = rapid_ocr.read_words(page(upright))
    (word,) = (word for word in read.words if word.text == "42")
    turned = upright.rotate(180)
    first = replace(ocr_page([]), rotation_deg=180)
    again = rapid_ocr.read_words(page(turned), first=first)
    (same,) = (word for word in again.words if word.text == "42")
    assert 40 < word.box[1] < word.box[3] < 100
    assert same.box == pytest.approx(
        (1240 - word.box[2], 420 - word.box[3], 1240 - word.box[0], 420 - word.box[1]), abs=6
    )


@needs_rapidocr
def test_the_detector_is_given_the_numbers_rapidocr_would_give_it() -> None:
    detector = rapid_ocr.load_engine()._engine.text_det
    noise = np.random.default_rng(1).integers(0, 256, (150, 210, 3), dtype=np.uint8)

    usual = type(detector).get_preprocess(detector)(noise)
    ours = detector.get_preprocess()(noise)

    assert ours.dtype == usual.dtype
    assert np.array_equal(ours, usual)


def test_an_empty_page_is_unreadable_and_not_an_error() -> None:
    read = rapid_ocr.read_words(page(blank((600, 400))))
    assert (read.words, read.unreadable_reason) == ((), "No text was found on the page.")


@needs_rapidocr
def test_a_long_printed_line_is_read_whole() -> None:
    line = (
        "There is hypokinesia of the inferior wall, "
        "all other segments of the left ventricle move normally, EF 62 %."
    )
    image = blank((1700, 160))
    write(image, [line], at=(40, 60), size_px=27)
    assert text_of(rapid_ocr.read_words(page(image))) == line


@needs_rapidocr
def test_lines_that_cannot_matter_are_taken_over_from_the_first_engine() -> None:
    image = sheet("Department of Cardiology, Northside Hospital", "", "", "LVEF 42 %")
    first = rapid_ocr.read_words(page(image))
    marked = replace(
        first, words=tuple(replace(word, text=word.text.replace("North", "South")) for word in first.words)
    )
    marked = replace(
        marked, words=tuple(replace(word, text=word.text.replace("42", "82")) for word in marked.words)
    )
    # A line between them, so that the letterhead is no neighbour of the number.
    spaced = replace(
        marked, words=tuple(replace(word, line=word.line * 3, block=word.block * 3) for word in marked.words)
    )
    text = text_of(rapid_ocr.read_words(page(image), first=spaced))
    assert "Southside" in text
    assert "LVEF 42 %" in text


@pytest.mark.slow
@needs_rapidocr
def test_columns_are_read_one_after_the_other() -> None:
    text = text_of(rapid_ocr.read_words(page(two_columns())))
    places = [text.find(line) for line in (*LEFT_COLUMN, *RIGHT_COLUMN)]
    assert -1 not in places
    assert places == sorted(places)


@pytest.mark.slow
@needs_rapidocr
def test_a_tilted_page_is_read_in_order() -> None:
    text = text_of(rapid_ocr.read_words(page(tilted(letter(), 3))))
    assert text.index("biplane method") < text.index("38 mmHg") < text.index("No pulmonary hypertension")


# ---- without the engine


def test_importing_it_loads_nothing_heavy() -> None:
    code = (
        "import sys, labeling.words.rapid_ocr; "
        "print([m for m in ('rapidocr', 'onnxruntime', 'cv2') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def corners(left: float, top: float, right: float, bottom: float) -> Any:
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], dtype=float)


def test_cells_of_a_row_share_a_line_and_a_wide_gap_starts_a_block() -> None:
    places = [(600, 102, 700, 130), (50, 100, 300, 128), (50, 136, 300, 164), (50, 300, 400, 328)]
    boxes = [corners(*place) for place in places]
    quads = rapid_lines.arrange(boxes, (1000, 1400))
    assert [(quad.box()[0], quad.line, quad.block) for quad in quads] == [
        (50, 0, 0), (600, 0, 0), (50, 1, 0), (50, 2, 1)
    ]  # fmt: skip
    assert rapid_lines.arrange([], (10, 10)) == []


def test_a_strip_is_cut_between_words_and_never_within_one() -> None:
    strip = np.full((40, 1000, 3), 250, np.uint8)
    strip[8:32, 20:480] = 20
    strip[8:32, 510:980] = 20
    (first, second) = rapid_lines.word_gaps(strip, 600)
    assert (first[0], second[1], first[1]) == (0, 1000, second[0])
    assert 480 <= first[1] <= 510
    strip[8:32, 20:980] = 20
    assert rapid_lines.word_gaps(strip, 600) == [(0, 1000)]


def test_part_of_a_tilted_line_has_its_own_box() -> None:
    quad = rapid_lines.Quad(np.array([[0, 0], [100, 10], [100, 30], [0, 20]], dtype=float))
    assert quad.box(0.5, 1.0) == (50, 5, 100, 30)


@pytest.mark.parametrize(
    ("lines", "settled"),
    [
        (["Sunrise Hospital", "Ward 3", "Mild MR", "LVEF 55 %", "No clot", "Dr Rao"], {0, 1, 5}),
        (["Sunrise Hospital", "Ward 3"], {0, 1}),
        (["No PAH"], set()),
        (["Mitral valve is normal.", "LVEF is 55 %.", "No clot"], {0, 2}),
        (["Mitral valve is normal", "LVEF is 55 %", "No clot"], set()),
        (["See previous rep.", "LVEF 55.", "No clot"], set()),
    ],
)
def test_what_matters_and_the_lines_around_it_are_read_again(lines: list[str], settled: set[int]) -> None:
    assert settled_lines(ocr_page(lines)) == settled


def test_a_doubtful_word_or_an_illegible_page_settles_nothing() -> None:
    assert settled_lines(ocr_page(["Sunrise Hospital"], confidence=0.4)) == frozenset()
    assert settled_lines(ocr_page(["Sunrise Hospital"], unreadable="Blurred.")) == frozenset()


def test_the_lines_around_a_doubtful_one_wait_for_what_it_says() -> None:
    sure = ocr_page(["Sunrise Hospital", "Ward 3", "1VFF 55", "Dr Rao", "Mild MR"])
    words = tuple(replace(word, confidence=0.3 if word.text == "1VFF" else 0.95) for word in sure.words)
    first = replace(sure, words=words)
    boxes = [(0.0, 40.0 * line, 1240.0, 40.0 * line + 40) for line in range(5)]

    def revealed(text: str) -> frozenset[int]:
        said = ocr_page(["", "", text]).words
        return rapid_lines.revealed_lines(first, boxes, {2: (0, said)})

    assert settled_lines(first) == {0, 1, 3, 4}
    assert revealed("Bed 55") == frozenset()
    assert revealed("LVEF 55") == {2}
    assert settled_lines(first, revealed("LVEF 55")) == {0, 4}
    assert rapid_lines.revealed_lines(sure, boxes, {2: (0, ocr_page(["LVEF 55"]).words)}) == frozenset()
    assert rapid_lines.revealed_lines(None, boxes, {}) == frozenset()


@needs_rapidocr
def test_a_doubtful_line_that_names_a_field_has_the_lines_around_it_read() -> None:
    image = sheet("Ward 3, bed 8", "Ejection fraction by Simpson", "was 42 by two readers", "Dr Rao")
    read = rapid_ocr.read_words(page(image))

    def first_with(name: str) -> OcrPage:
        swaps = {"Ejection": name, "fraction": "xx", "readers": "doctors"}
        words = [replace(word, text=swaps.get(word.text, word.text)) for word in read.words]
        return replace(
            read, words=tuple(replace(word, confidence=0.2 if word.text == name else 0.9) for word in words)
        )

    assert "doctors" not in text_of(rapid_ocr.read_words(page(image), first=first_with("Ejoct1ou")))
    calm = sheet("Ward 3, bed 8", "Examined by Simpson", "was 42 by two readers", "Dr Rao")
    plain = rapid_ocr.read_words(page(calm))
    words = [replace(word, text=word.text.replace("readers", "doctors")) for word in plain.words]
    unsure = [replace(word, confidence=0.2 if word.text == "Examined" else 0.9) for word in words]
    assert "doctors" in text_of(rapid_ocr.read_words(page(calm), first=replace(plain, words=tuple(unsure))))


def test_only_a_line_that_is_covered_is_taken_over() -> None:
    first = ocr_page(["Sunrise Hospital"])
    taken = words_within(first, frozenset({0}), (0, 0, 210, 40))
    assert [word.text for word in taken] == ["Sunrise", "Hospital"]
    assert words_within(first, frozenset({0}), (0, 0, 900, 40)) == ()
    assert words_within(first, frozenset(), (0, 0, 210, 40)) == ()
