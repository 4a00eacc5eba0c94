"""A PDF's own words are taken where its picture bears them out; else the picture is read, and so it says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import PIL.ImageDraw
import pytest
from pdf_building import REPORT, printed_pdf
from report_drawing import LETTER, font, letter

from db.labels import Light
from db.store.images import ImageStore
from labeling.extraction.worker import Task, read_tasks
from labeling.pages.opening import open_pages
from labeling.pages.page import Page, PageLimits, PrintedWord, TextLayer
from labeling.pages.pixels import Box
from labeling.readers.base import ReaderSpec
from labeling.readers.files import answer_of
from labeling.readers.registry import build_reader
from labeling.readers.rules import RulesReader, reading_of_ocr
from labeling.trust.light import light_of_fields
from labeling.words import tesseract
from labeling.words.evidence import join_words
from labeling.words.read_page import OcrPage
from labeling.words.text_layer import read_words

Words = Sequence[PrintedWord]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Page:
    """A page as a program prints it."""
    return only_page(printed_pdf(tmp_path_factory.mktemp("pdf") / "report.pdf"))


@pytest.fixture
def pictures_read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The pages that were read as pictures; reading them takes no time and finds nothing."""
    read: list[int] = []

    def read_nothing(page: Page, *, tesseract: str, meanwhile: object, light: object) -> OcrPage:
        read.append(page.number)
        return OcrPage(page.number, ())

    monkeypatch.setattr(tesseract, "read_words", read_nothing)
    return read


def only_page(path: Path) -> Page:
    (page,) = open_pages(path, PageLimits())
    return page


def darkest(page: Page, box: Box) -> int:
    left, top, right, bottom = map(round, box)
    return int(np.asarray(page.image.convert("L"))[top:bottom, left:right].min())


def claiming(page: Page, change: Callable[[Words], Words]) -> Page:
    assert page.layer is not None
    return replace(page, layer=TextLayer(tuple(change(page.layer.words))))


def test_a_printed_page_is_read_by_its_own_words_with_their_places(
    printed: Page, pictures_read: list[int]
) -> None:
    read = read_words(printed)

    assert join_words([read]).text == "\n".join(REPORT)
    assert read.is_layer and pictures_read == []
    reading = reading_of_ocr([read])
    assert (reading.findings.ef_percent, reading.findings.rvsp_mmhg) == (42, 38)
    box = reading.evidence["ef_percent"].box
    assert box is not None
    # The line's own place: 4 lines of 18 points below the first, whose foot is at 780 of 842 points.
    points_px = printed.image.height / 842
    assert box[1] < (842 - 780 + 4 * 18 - 4) * points_px < box[3]
    assert darkest(printed, box) < 100


@pytest.mark.parametrize("turned_deg", [90, 180, 270])
def test_a_page_that_is_to_be_turned_has_its_words_where_they_are_seen(
    turned_deg: int, tmp_path: Path, printed: Page
) -> None:
    page = only_page(printed_pdf(tmp_path / "turned.pdf", turned_deg=turned_deg))

    assert page.layer is not None and printed.layer is not None
    assert {word.text for word in page.layer.words} == {word.text for word in printed.layer.words}
    for word in page.layer.words:
        assert darkest(page, word.box) < 128, word.text


@pytest.mark.parametrize("turned_deg", [90, 180, 270])
def test_the_words_of_a_page_shown_on_its_head_are_not_read_backwards(
    turned_deg: int, tmp_path: Path, pictures_read: list[int]
) -> None:
    read = read_words(only_page(printed_pdf(tmp_path / "turned.pdf", turned_deg=turned_deg)))
    assert (read.layer_refused, pictures_read) == ("turned", [1])


def test_words_printed_column_by_column_are_put_in_rows(printed: Page, pictures_read: list[int]) -> None:
    shuffled = claiming(printed, lambda words: sorted(words, key=lambda word: word.box[0]))

    assert join_words([read_words(shuffled)]).text == "\n".join(REPORT)


@pytest.mark.parametrize(
    ("reason", "change"),
    [
        pytest.param("differs", lambda words: [w._replace(text=w.text.replace("42", "62")) for w in words]),
        pytest.param("differs", lambda words: [w._replace(text=w.text.replace("38", "33")) for w in words]),
        pytest.param(
            "differs",
            lambda words: [w._replace(text="".join(chr(ord(c) + 1) for c in w.text)) for w in words],
            id="garbled",
        ),
        pytest.param(
            "hidden", lambda words: [*words, PrintedWord("60%", (900.0, 1900.0, 980.0, 1930.0))], id="unseen"
        ),
        pytest.param(
            "hidden",
            lambda words: [*words, PrintedWord("60%", next(w.box for w in words if w.text == "42"))],
            id="below another word",
        ),
        pytest.param("incomplete", lambda words: words[: len(words) // 3], id="half left out"),
    ],
)
def test_a_layer_that_is_not_what_is_seen_is_not_believed(
    reason: str, change: Callable[[Words], Words], printed: Page, pictures_read: list[int]
) -> None:
    read = read_words(claiming(printed, change))

    assert (read.layer_refused, pictures_read) == (reason, [1])


@pytest.mark.parametrize("matrix", [b"-1 0 0 1 595 0", b"1 0 0 -1 0 842"], ids=["across", "down"])
def test_a_page_that_is_printed_mirrored_is_shown_and_read_the_right_way_round(
    matrix: bytes, tmp_path: Path, printed: Page
) -> None:
    page = only_page(printed_pdf(tmp_path / "mirrored.pdf", before=matrix + b" cm\n"))

    assert page.layer is not None and printed.layer is not None and not page.layer.notes
    for own, usual in zip(page.layer.words, printed.layer.words, strict=True):
        assert (own.text, own.box) == (usual.text, pytest.approx(usual.box, abs=1))
    assert read_words(page).is_layer, "the picture bears the words out"


@pytest.mark.parametrize(
    "words",
    [
        b"BT /F 12 Tf -1 0 0 1 400 600 Tm (LVEF: 42 %) Tj ET",
        b"BT /F 12 Tf 1 0 0 -1 60 600 Tm (LVEF: 42 %) Tj ET",
        b"BT /F 12 Tf -1 0 0 -1 400 600 Tm (LVEF: 42 %) Tj ET",
        b"BT /F 12 Tf -100 Tz 400 600 Td (LVEF: 42 %) Tj ET",
        b"BT /F -12 Tf 400 600 Td (LVEF: 42 %) Tj ET",
    ],
    ids=["across", "down", "on its head", "by width", "by size"],
)
@pytest.mark.tesseract
def test_mirrored_words_beside_others_are_told_and_make_no_field_green(words: bytes, tmp_path: Path) -> None:
    without = [line for line in REPORT if "LVEF" not in line]
    panel = build_reader(ReaderSpec("panel", {"primary": {"name": "rules"}}))
    reading = panel.read_pages([only_page(printed_pdf(tmp_path / "odd.pdf", without, behind=words))])

    assert reading.findings.ef_percent is None
    assert set(light_of_fields(reading).values()) == {Light.AMBER}
    assert any("mirrored" in check.reason for check in reading.checks)


@pytest.mark.tesseract
def test_small_coloured_boxes_beside_a_layer_s_words_are_read(tmp_path: Path) -> None:
    drawn = b"0.8 0.84 1 rg 112 598 9.5 9.5 re B 212 598 9.5 9.5 re B 0 g 214 600 5.5 5.5 re f "
    words = b"".join(
        b"BT /F 12 Tf %d 599 Td (%s) Tj ET " % word
        for word in ((60, b"RWMA:"), (132, b"present"), (232, b"absent"))
    )
    without = [line for line in REPORT if "Hypo" not in line]
    reading = RulesReader().read_pages(
        [only_page(printed_pdf(tmp_path / "f.pdf", without, behind=drawn + words))]
    )

    assert reading.findings.rwma == "absent"


@pytest.mark.tesseract
def test_a_layer_in_single_letters_gives_way_to_the_picture(tmp_path: Path) -> None:
    spelled = [" ".join(line.replace(" ", "")) for line in REPORT]
    read = read_words(only_page(printed_pdf(tmp_path / "spelled.pdf", spelled)))

    assert (read.layer_refused, read.is_layer) == ("letters", False)


def test_names_and_values_spelled_letter_by_letter_are_read(tmp_path: Path) -> None:
    lines = [*REPORT[:4], "E . F .   5 5 %", "R V S P   3 8  mmHg", *REPORT[5:6]]
    reading = reading_of_ocr([read_words(only_page(printed_pdf(tmp_path / "spelled.pdf", lines)))])

    assert (reading.findings.ef_percent, reading.findings.rvsp_mmhg) == (55, 38)


@pytest.mark.tesseract
def test_a_shifted_layer_gives_the_picture_s_values_and_says_so(printed: Page) -> None:
    def lower(words: Words) -> Words:
        return [PrintedWord(w.text, (w.box[0], w.box[1] + 50, w.box[2], w.box[3] + 50)) for w in words]

    reading = RulesReader().read_pages([claiming(printed, lower)])

    assert reading.findings.ef_percent == 42
    (note,) = answer_of("report.pdf", "rules", reading)["notes"]
    assert note.startswith("Page 1: its picture was read and not its text layer, which")


def test_invisible_words_over_a_scan_are_no_words_of_the_page(
    tmp_path: Path, pictures_read: list[int]
) -> None:
    path = printed_pdf(
        tmp_path / "scan.pdf", ["LVEF 20 %"], is_invisible=True, scan=letter().resize((620, 877))
    )

    assert read_words(only_page(path)).layer_refused == "scan"
    assert pictures_read == [1]


def test_a_line_in_a_picture_on_a_printed_page_is_not_lost(printed: Page, pictures_read: list[int]) -> None:
    image = printed.image.copy()
    pen = PIL.ImageDraw.Draw(image)
    for row, line in enumerate(LETTER[2:6]):
        pen.text((150, 1200 + 50 * row), line, font=font(28), fill=0)

    assert read_words(replace(printed, image=image)).layer_refused == "incomplete"


@pytest.mark.parametrize(
    ("line", "refused"), [("LVEF: 42 % by biplane", "incomplete"), ("Northside Hospital Trust", "")]
)
def test_one_line_in_a_picture_counts_where_it_may_hold_a_finding(
    line: str, refused: str, printed: Page, pictures_read: list[int]
) -> None:
    image = printed.image.copy()
    PIL.ImageDraw.Draw(image).text((150, 1200), line, font=font(32), fill=60)

    assert read_words(replace(printed, image=image)).layer_refused == refused


@pytest.mark.tesseract
def test_an_answer_that_only_a_disbelieved_layer_gives_wants_a_person(printed: Page) -> None:
    def unseen(words: Words) -> Words:
        places = [(900.0 + 120 * number, 1900.0, 1010.0 + 120 * number, 1930.0) for number in range(3)]
        return [*words, *map(PrintedWord, ("Severe", "pulmonary", "hypertension"), places)]

    panel = build_reader(ReaderSpec("panel", {"primary": {"name": "rules"}}))
    reading = panel.read_pages([claiming(printed, unseen)])

    assert reading.warnings == ("text_layer:1:hidden",)
    lights = {field: light.value for field, light in light_of_fields(reading).items()}
    assert (reading.findings.pah.value, lights.pop("pah")) == ("not_stated", "amber")
    assert set(lights.values()) == {"green"}


def test_an_empty_page_among_printed_ones_hides_nothing(printed: Page) -> None:
    white = Page(2, PIL.Image.new("L", printed.image.size, 255))
    panel = build_reader(ReaderSpec("panel", {"primary": {"name": "rules"}}))

    reading, alone = panel.read_pages([printed, white]), panel.read_pages([white])

    assert not reading.unreadable_reason and not reading.warnings
    assert {light.value for light in light_of_fields(reading).values()} == {"green"}
    assert alone.unreadable_reason


def test_a_panel_asks_no_second_engine_about_a_page_s_own_words(
    printed: Page, pictures_read: list[int]
) -> None:
    panel = build_reader(ReaderSpec("panel", {"primary": {"name": "rules"}}))

    reading = panel.read_pages([printed])

    assert (reading.findings.ef_percent, reading.opinions, reading.warnings) == (42, (), ())


def test_the_words_are_kept_beside_the_stored_picture_and_read_again(
    printed: Page, tmp_path: Path, pictures_read: list[int]
) -> None:
    store = ImageStore(tmp_path / "images")
    stored = store.put(printed.image, original_sha256="0" * 64, lossy=False)
    assert printed.layer is not None
    store.put_words(stored.sha256, printed.layer.as_bytes())
    store.put_words(stored.sha256, TextLayer(refused="scan").as_bytes())

    (outcome,) = read_tasks([Task(1, 1, (stored.sha256,))], RulesReader(), store)

    assert outcome.reading is not None and outcome.reading.findings.ef_percent == 42
    assert pictures_read == [] and store.verify(stored.sha256)
